"""What a file is by its bytes, and when its name decides."""

from __future__ import annotations

import io
import pickle
import tarfile
from pathlib import Path
from struct import pack

import pytest

from supplychain.models.pickles import looks_like_pickle
from supplychain.models.sniff import SNIFFED, FileKind, kind_of
from tests.generators.archives import zipped
from tests.generators.gguf import gguf
from tests.generators.safetensors import safetensors

PE = b"MZ" + bytes(58) + (128).to_bytes(4, "little") + bytes(64) + b"PE\0\0"
ELF = b"\x7fELF\x02\x01\x01" + bytes(40)
OBJECTS = b"\x93NUMPY\x01\x00v\x00{'descr': [('a', '<f4'), ('b', '|O')], 'shape': (3,), }\n"


def tarred(name: str) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo(name))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", FileKind.EMPTY),
        (gguf(), FileKind.GGUF),
        (safetensors(), FileKind.SAFETENSORS),
        (ELF, FileKind.EXECUTABLE),
        (PE, FileKind.EXECUTABLE),
        (b"\xca\xfe\xba\xbe" + bytes(30), FileKind.EXECUTABLE),
        (b"\xcf\xfa\xed\xfe" + bytes(30), FileKind.EXECUTABLE),
        (b"\0asm\1\0\0\0", FileKind.EXECUTABLE),
        (b"#!/usr/bin/env python3\n", FileKind.SCRIPT),
        (b"\xa7\x0d\r\n" + bytes(12), FileKind.PYTHON),
        (b"version https://git-lfs.github.com/spec/v1\n", FileKind.LFS_POINTER),
        (b"\n\n<!doctype HTML>\n<p>", FileKind.HTML),
        (b"<html><head>", FileKind.HTML),
        (b'{"a": 1}', FileKind.JSON),
        (b'\xef\xbb\xbf{\n  "a": 1}', FileKind.JSON),
        (b'[{"a": 1}]', FileKind.JSON),
        (b"{{ bos_token }}{% for m in messages %}", FileKind.TEXT),
        (b"---\nlicense: mit\n---\n# A model\n", FileKind.TEXT),
        (b"x" + "é".encode() * 3000, FileKind.TEXT),  # cut within a letter
        (b"\xff\xfea\0b\0", FileKind.UNKNOWN),
        (bytes(100), FileKind.UNKNOWN),
        (b"\x89HDF\r\n\x1a\n", FileKind.HDF5),
        (b"\x08\x07\x12\x07pytorch\x1a\x00", FileKind.ONNX),
        (b"\x1c\0\0\0TFL3", FileKind.TFLITE),
        (b"tjgg\3\0\0\0", FileKind.GGML),
        (b"\x1f\x8b\x08", FileKind.ARCHIVE),
        (tarred("weights"), FileKind.ARCHIVE),
        (tarred("pickle"), FileKind.PICKLE),
        (tarred("storages/0"), FileKind.PICKLE),
        (zipped({"model/config.json": b"{}"}), FileKind.ZIP),
        (zipped({"archive/data.pkl": b"."}), FileKind.PICKLE),
        (zipped({"a": b"x" * 300, "b/c.pickle": b"."}), FileKind.PICKLE),
        (b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'shape': (3,), }\n" + bytes(12), FileKind.NUMPY),
        (OBJECTS, FileKind.PICKLE),
        (b"\x93NUMPY\x01\x00v\x00{'descr': [" + b" " * SNIFFED, FileKind.PICKLE),
        (b"\x89PNG\r\n\x1a\n", FileKind.MEDIA),
        (b"\0\0\0\x18ftypmp42", FileKind.MEDIA),
    ],
)
def test_content_decides_under_a_name_that_says_nothing(data: bytes, kind: FileKind) -> None:
    assert kind_of(data, "file") is kind


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"import os\n", "modeling.py", FileKind.PYTHON),
        (b"", "a/b/__init__.PY", FileKind.PYTHON),
        (b"alert(1)", "index.js", FileKind.SCRIPT),
        (b"GIF89a=1", "x.js", FileKind.SCRIPT),
        (b"text", "lib.so.1.2", FileKind.EXECUTABLE),
        (bytes(10), "graph.onnx", FileKind.ONNX),
        (bytes(10), "pytorch_model.bin", FileKind.PICKLE),
        (b"text", "model.PT", FileKind.PICKLE),
        (b"GIF8" + bytes(10), "model.ckpt", FileKind.PICKLE),
        (gguf(), "pytorch_model.bin", FileKind.GGUF),
        (safetensors(), "pytorch_model.bin", FileKind.SAFETENSORS),
        (ELF, "readme.py", FileKind.EXECUTABLE),
        (ELF, "model.safetensors", FileKind.EXECUTABLE),
        (bytes(10), "model.gguf", FileKind.UNKNOWN),
        (b"text", "so.txt", FileKind.TEXT),
        (b"text", "py", FileKind.TEXT),
    ],
)
def test_a_name_decides_only_where_content_could_be_code(
    data: bytes, name: str, kind: FileKind
) -> None:
    assert kind_of(data, name) is kind


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("value", [{"a": [1, 2.5, None]}, Path("x"), b"x" * 9000, "text"])
def test_pickles_of_every_protocol_are_seen(value: object, protocol: int) -> None:
    assert looks_like_pickle(pickle.dumps(value, protocol)[:SNIFFED])


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_long_pickles_of_protocols_with_a_mark_are_seen(protocol: int) -> None:
    assert looks_like_pickle(pickle.dumps(list(range(5000)), protocol)[:SNIFFED])


def test_a_long_text_pickle_that_imports_nothing_in_sight_needs_its_name() -> None:
    data = pickle.dumps(list(range(5000)), 0)
    assert kind_of(data, "numbers.txt") is FileKind.TEXT
    assert kind_of(data, "numbers.pkl") is FileKind.PICKLE


@pytest.mark.parametrize(
    "data",
    [
        b"cos\nsystem\n(S'id'\ntR.",
        b"(S'id'\nios\nsystem\n.",
        b"c__builtin__\neval\n(V" + b"x" * SNIFFED,
        b"\x80\x02cos\nsystem\n",
        b"\x80\x00",
        b"\x80\x05\x95",
    ],
)
def test_what_the_unpickler_would_run_is_a_pickle(data: bytes) -> None:
    assert looks_like_pickle(data[:SNIFFED])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80",
        b"\x80\x06",
        b"N.",
        b"certain words\nof a text\n" * 50,
        b"I am a text.\n",
        b"(a note)\n",
        b"(" * 5000,
        b"}" * 5000,
        b"0" * 5000,
        b"S'unfinished",
        b"L" + b"9" * 5000 + b"L\n.",
    ],
)
def test_texts_are_no_pickles(data: bytes) -> None:
    assert not looks_like_pickle(data[:SNIFFED])


def test_sentencepiece_models_are_seen() -> None:
    pieces = [("<unk>", 0.0, 2), ("<s>", 0.0, 3), ("a", -1.5, None)]
    data = b"".join(piece(*one) for one in pieces)
    assert kind_of(data, "tokenizer.model") is FileKind.SENTENCEPIECE
    assert kind_of(data[:14], "tokenizer.model") is FileKind.UNKNOWN
    assert kind_of(data.replace(b"<unk>", b"<unk>"[:3]), "tokenizer.model") is FileKind.UNKNOWN
    assert kind_of(data, "tokenizer.bin") is FileKind.PICKLE


def piece(text: str, score: float, kind: int | None) -> bytes:
    body = b"\n" + bytes([len(text)]) + text.encode() + b"\x15" + pack("<f", score)
    body += b"" if kind is None else bytes([0x18, kind])
    return b"\n" + bytes([len(body)]) + body
