"""Model files in, evidence or gaps out."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO

import pytest

from supplychain.access.environment import Environment
from supplychain.access.files import UnreadableError
from supplychain.core.digest import Digest
from supplychain.core.evidence import Evidence, Gap, Producer
from supplychain.core.policy import Policy
from supplychain.core.subject import Subject, SubjectKind
from supplychain.models.collect import local
from supplychain.models.evidence import (
    GgufFile,
    MalformedModel,
    ModelFile,
    ModelSnapshot,
    SafetensorsFile,
    ShardIndexFile,
)
from supplychain.models.sniff import FileKind
from tests.generators.gguf import gguf
from tests.generators.safetensors import safetensors
from tests.generators.splits import sharded_model

MODEL = Subject(kind=SubjectKind.MODEL, ref="tiny", path="models/tiny")
ENVIRONMENT = Environment(
    now=datetime(2026, 11, 25, tzinfo=UTC),
    tool=Producer(name="supplychain", version="1"),
    policy=Policy(name="test", digest=Digest.of(b"")),
)


@dataclass
class MemoryTree:
    """Files by name; what cannot be opened raises."""

    files: Mapping[str, bytes]
    broken: Mapping[str, Exception] = field(default_factory=dict)

    def names(self) -> list[str]:
        return sorted([*self.files, *self.broken])

    def path(self, name: str) -> str:
        return f"{MODEL.path}/{name}"

    def open(self, name: str) -> BinaryIO:
        if name in self.broken:
            raise self.broken[name]
        return io.BytesIO(self.files[name])


def collect(files: Mapping[str, bytes], **broken: Exception) -> list[Evidence | Gap]:
    return list(local.collect(MODEL, MemoryTree(files, broken), ENVIRONMENT))


def kinds(files: Mapping[str, bytes]) -> list[str]:
    return [type(piece).__name__ for piece in collect(files)]


def test_every_file_gives_what_it_is_and_what_it_holds() -> None:
    files = {"README.md": b"# A\n", "a.gguf": gguf(), **sharded_model(1)}
    assert kinds(files) == [
        *("ModelFile",),
        *("ModelFile", "GgufFile"),
        *("ModelFile", "SafetensorsFile"),
        *("ModelFile", "ShardIndexFile"),
        "ModelSnapshot",
    ]


def test_pieces_of_one_file_share_link_path_and_digest() -> None:
    file, content, _ = collect({"a.gguf": gguf()})
    assert isinstance(file, ModelFile)
    assert isinstance(content, GgufFile)
    assert file.link == content.link == file.path == content.path == "models/tiny/a.gguf"
    assert file.digest == content.digest
    assert file.digest is not None
    assert file.digest.hex == hashlib.sha256(gguf()).hexdigest()
    assert (file.size, content.header.size) == (len(gguf()), len(gguf()))


def test_a_snapshot_holds_all_pieces() -> None:
    pieces = collect({"a.gguf": gguf(), **sharded_model(2)})
    snapshot = pieces[-1]
    assert isinstance(snapshot, ModelSnapshot)
    for held, kind in (
        (snapshot.files, ModelFile),
        (snapshot.ggufs, GgufFile),
        (snapshot.safetensors, SafetensorsFile),
        (snapshot.indexes, ShardIndexFile),
    ):
        assert list(held) == [piece for piece in pieces if isinstance(piece, kind)]


@pytest.mark.parametrize(
    ("name", "data", "at"),
    [
        ("a.gguf", b"", "header.magic"),
        ("a.gguf", b"not a model", "header.magic"),
        ("blob", b"GGUF\1\0\0\0", "header.version"),
        ("a.safetensors", b"", "header.length"),
        ("a.safetensors", b"\xff" * 100, "header.length"),
        ("model.safetensors.index.json", b"[]", "$"),
    ],
)
def test_what_is_not_its_format_is_malformed(name: str, data: bytes, at: str) -> None:
    file, malformed, snapshot = collect({name: data})
    assert isinstance(malformed, MalformedModel)
    assert malformed.at.path == f"models/tiny/{name}"
    assert malformed.at.at == at
    assert isinstance(snapshot, ModelSnapshot)
    assert snapshot.files == (file,)
    assert [*snapshot.ggufs, *snapshot.safetensors, *snapshot.indexes] == []


def test_content_decides_how_a_file_is_read() -> None:
    assert kinds({"a.gguf": safetensors()}) == ["ModelFile", "SafetensorsFile", "ModelSnapshot"]
    assert kinds({"a.gguf": b"\x7fELF\0"}) == ["ModelFile", "ModelSnapshot"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionError(13, "Permission denied"), "permission denied"),
        (UnreadableError("leads out of the project"), "leads out of the project"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_gap(error: Exception, reason: str) -> None:
    gap, file, _, _ = collect({"b.gguf": gguf()}, **{"a.gguf": error})
    assert isinstance(gap, Gap)
    assert isinstance(file, ModelFile)
    assert (gap.id, gap.reason, gap.link) == ("file-unreadable", reason, "models/tiny/a.gguf")
    assert gap.location is not None
    assert gap.location.path == "models/tiny/a.gguf"


def test_a_read_that_fails_midway_is_a_gap() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 0:
                raise OSError(5, "Input/output error")
            return super().read(size)

    class Tree(MemoryTree):
        def open(self, name: str) -> BinaryIO:
            return Failing(self.files[name])

    pieces = list(local.collect(MODEL, Tree({"a.gguf": gguf() * 10}), ENVIRONMENT))
    assert [type(piece) for piece in pieces] == [Gap, ModelSnapshot]


def test_a_model_of_too_many_files_is_malformed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "MAX_FILES", 2)
    *_, malformed, snapshot = collect({"a": b"a", "b": b"b", "c": b"c"})
    assert isinstance(malformed, MalformedModel)
    assert (malformed.reason, malformed.at.path) == ("has more than 2 files", "models/tiny")
    assert isinstance(snapshot, ModelSnapshot)
    assert len(snapshot.files) == 2


def test_headers_are_read_up_to_a_total(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "MAX_HEADER_ENTRIES", 15)
    names = [f"{n}.gguf" for n in range(4)]
    *_, malformed, snapshot = collect(dict.fromkeys(names, gguf()))
    assert isinstance(malformed, MalformedModel)
    assert malformed.reason == "has more than 15 tensors and keys in all its files"
    assert isinstance(snapshot, ModelSnapshot)
    assert [len(snapshot.files), len(snapshot.ggufs)] == [4, 2]


def test_a_file_is_what_its_bytes_are() -> None:
    file, *_ = collect({"LICENSE": b"MIT License\n"})
    assert isinstance(file, ModelFile)
    assert file.kind is FileKind.TEXT
    assert not file.opens_as_zip


PADDING = b"I1\n0" * 3000


@pytest.mark.parametrize(
    "data",
    [
        PADDING + b"cos\nsystem\n(S'id'\ntR.",
        b"S'" + b"x" * 9000 + b"'\n0cos\nsystem\n(S'id'\ntR.",
        b"I1\n0" * 400_000,  # longer than what is looked at
    ],
)
def test_a_pickle_behind_padding_is_one(data: bytes) -> None:
    (file, _) = collect({"notes.txt": data})
    assert isinstance(file, ModelFile)
    assert file.kind is FileKind.PICKLE


def test_a_pickle_behind_two_sentencepieces_is_nothing_known() -> None:
    pieces = b"\n\x08\n\x01a\x15\0\0\0\0" * 2
    kinds_of = [
        one.kind
        for one in collect(
            {"a.model": pieces, "b.model": pieces * 200_000, "c.model": pieces + b"\x80\x04N."}
        )
        if isinstance(one, ModelFile)
    ]
    assert kinds_of == [FileKind.SENTENCEPIECE, FileKind.SENTENCEPIECE, FileKind.UNKNOWN]


@pytest.mark.parametrize(
    "data",
    [
        b"Vocabulary\nwords\n" * 100_000,
        b"".join(b"token%d\n" % number for number in range(100_000)),
        b"#version: 0.2\n" + b"i n\nt h\n" * 150_000,
        b"P" * 2_000_000,
        b"This is a text. " * 100_000,
    ],
)
def test_long_texts_stay_texts(data: bytes) -> None:
    (file, _) = collect({"vocab.txt": data})
    assert isinstance(file, ModelFile)
    assert file.kind is FileKind.TEXT


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (".git/HEAD", b"ref: refs/heads/main\n"),
        (".git/index", b"DIRC\0\0\0\2"),
        (".git/hooks/pre-commit.sample", b"#!/bin/sh\n"),
        (".cache/huggingface/download/model.gguf.metadata", b"abc\ndef\n1.5\n"),
    ],
)
def test_notes_of_git_and_of_clients_are_no_part_of_a_model(name: str, data: bytes) -> None:
    assert kinds({name: data}) == ["ModelSnapshot"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (".git/HEAD", b"\x80\x04N."),
        (".git/hooks/pre-commit", b"#!/bin/sh\n"),
        (".git/lib.so", b"\x7fELF"),
        (".git/x.bin", b""),
        (".cache/huggingface/a.py", b"import os\n"),
        (".cache/a", b"\xff\0"),
        ("x.git/a", b"\xff\0"),
    ],
)
def test_anything_else_in_their_folders_is(name: str, data: bytes) -> None:
    assert kinds({name: data}) == ["ModelFile", "ModelSnapshot"]


def test_what_a_configuration_names_is_kept() -> None:
    (file, _) = collect({"config.json": b'{"auto_map": {"AutoModel": "a/b--c.D"}}'})
    assert isinstance(file, ModelFile)
    assert file.remote_code == ("auto_map",)
