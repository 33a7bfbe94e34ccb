"""What a file is, by its first bytes; its name decides only where bytes cannot.

A loader goes by its own rules, not by names: ``torch.load`` unpickles whatever it is given. So
content comes first, and a name that loaders unpickle makes a pickle of what nothing else explains.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from enum import StrEnum
from pathlib import PurePosixPath

from supplychain.core.limits import MIB
from supplychain.models.pickles import hides_pickle, looks_like_pickle

SNIFFED = 4096  # bytes that :func:`kind_of` looks at; the farthest magic, that of tar, ends at 262

DEEP = MIB  # bytes that :func:`deep_kind_of` looks at; padding before a pickle costs its author


class FileKind(StrEnum):
    """What a file of a model is."""

    GGUF = "gguf"
    SAFETENSORS = "safetensors"
    PICKLE = "pickle"
    NUMPY = "numpy"
    PYTHON = "python"
    SCRIPT = "script"
    EXECUTABLE = "executable"
    ZIP = "zip"
    ARCHIVE = "archive"
    HDF5 = "hdf5"
    ONNX = "onnx"
    TFLITE = "tflite"
    GGML = "ggml"
    SENTENCEPIECE = "sentencepiece"
    JSON = "json"
    HTML = "html"
    LFS_POINTER = "lfs-pointer"
    TEXT = "text"
    MEDIA = "media"
    EMPTY = "empty"
    UNKNOWN = "unknown"


CODE_KINDS = frozenset({FileKind.PYTHON, FileKind.SCRIPT, FileKind.EXECUTABLE})
# A file that starts as one of these can still be code or a pickle ("GIF89a=1" is JavaScript, "GIF8"
# and five more bytes a number to the unpickler), so a name that makes somebody run it decides.
_NAME_DECIDES = frozenset(
    {
        FileKind.TEXT,
        FileKind.JSON,
        FileKind.EMPTY,
        FileKind.MEDIA,
        FileKind.NUMPY,
        FileKind.SENTENCEPIECE,
        FileKind.UNKNOWN,
    }
)

_MAGIC = (
    (b"GGUF", FileKind.GGUF),
    (b"\x7fELF", FileKind.EXECUTABLE),
    (b"\xfe\xed\xfa\xce", FileKind.EXECUTABLE),  # Mach-O in its four orders
    (b"\xfe\xed\xfa\xcf", FileKind.EXECUTABLE),
    (b"\xce\xfa\xed\xfe", FileKind.EXECUTABLE),
    (b"\xcf\xfa\xed\xfe", FileKind.EXECUTABLE),
    (b"\xca\xfe\xba\xbe", FileKind.EXECUTABLE),  # Mach-O for several machines, or a Java class
    (b"\0asm", FileKind.EXECUTABLE),
    (b"!<arch>\n", FileKind.EXECUTABLE),  # a static library
    (b"#!", FileKind.SCRIPT),
    (b"PK\x03\x04", FileKind.ZIP),
    (b"PK\x05\x06", FileKind.ZIP),
    (b"\x1f\x8b", FileKind.ARCHIVE),  # gzip
    (b"BZh", FileKind.ARCHIVE),
    (b"\xfd7zXZ\0", FileKind.ARCHIVE),
    (b"\x28\xb5\x2f\xfd", FileKind.ARCHIVE),  # zstd
    (b"\x04\x22\x4d\x18", FileKind.ARCHIVE),  # lz4
    (b"7z\xbc\xaf\x27\x1c", FileKind.ARCHIVE),
    (b"Rar!\x1a\x07", FileKind.ARCHIVE),
    (b"\x89HDF\r\n\x1a\n", FileKind.HDF5),
    (b"\x93NUMPY", FileKind.NUMPY),
    (b"lmgg", FileKind.GGML),  # the formats before GGUF: "ggml", "ggmf", "ggjt", "ggla"
    (b"fmgg", FileKind.GGML),
    (b"tjgg", FileKind.GGML),
    (b"algg", FileKind.GGML),
    (b"version https://git-lfs.github.com/spec/", FileKind.LFS_POINTER),
    (b"\x89PNG\r\n\x1a\n", FileKind.MEDIA),
    (b"\xff\xd8\xff", FileKind.MEDIA),  # JPEG
    (b"GIF8", FileKind.MEDIA),
    (b"RIFF", FileKind.MEDIA),  # WebP, WAV
    (b"fLaC", FileKind.MEDIA),
    (b"OggS", FileKind.MEDIA),
    (b"ID3", FileKind.MEDIA),  # MP3
    (b"%PDF-", FileKind.MEDIA),
)
_MAGIC_WITHIN = (
    (4, b"TFL3", FileKind.TFLITE),
    (4, b"ftyp", FileKind.MEDIA),  # MP4
    (257, b"ustar", FileKind.ARCHIVE),  # POSIX tar
)

_SUFFIXES = {
    FileKind.PYTHON: (".py", ".pyw", ".pyx", ".pyc", ".pyo"),
    FileKind.SCRIPT: (".sh", ".bash", ".bat", ".cmd", ".ps1", ".js", ".mjs", ".lua", ".pl", ".rb"),
    FileKind.EXECUTABLE: (".so", ".dll", ".dylib", ".exe", ".pyd", ".node", ".class", ".jar"),
    # What torch.load, joblib.load and pickle.load are given, whatever it holds.
    FileKind.PICKLE: (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".dill", ".ot"),
    FileKind.ONNX: (".onnx",),
}
_KIND_OF_SUFFIX = {suffix: kind for kind, all_of in _SUFFIXES.items() for suffix in all_of}
_VERSIONED_LIBRARY = re.compile(r"\.so(?:\.[0-9]+)+")

_HTML = re.compile(rb"\s*+<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_JSON = re.compile(rb'\s*+(?:\{\s*+["}]|\[\s*+["\[{\]0-9-])')
_ARCHIVED_PICKLE = re.compile(rb"data\.pkl|\.pickle|\.pkl")
_OBJECT_TYPE = re.compile(rb"[|<>=]?O[0-9]*['\"]")
_NUMPY_HEADER = re.compile(rb"\{[^\n]*+\n")
_TORCH_TAR = frozenset({b"sys_info", b"pickle", b"storages", b"tensors"})
_MODEL_FIELDS = b"\x0a\x12\x1a\x22\x2a"  # sentencepiece_model.proto, ModelProto, 1 to 5
_MAX_SHIFT = 28  # bits; a length that needs more is larger than any file here
_MAX_SAFETENSORS_HEADER = 100_000_000  # bytes; safetensors 0.8.0, tensor.rs, MAX_HEADER_SIZE


def kind_of(first_bytes: bytes, name: str) -> FileKind:
    """Return what a file is, by its first bytes (``SNIFFED`` are enough) and its name."""
    content = _kind_of_content(first_bytes[:SNIFFED])
    if content in _NAME_DECIDES:
        return _kind_of_name(name) or content
    return content


# Kinds of files whose first bytes may be padding of something else.
PADDING_KINDS = frozenset({FileKind.TEXT, FileKind.MEDIA, FileKind.NUMPY, FileKind.SENTENCEPIECE})


def deep_kind_of(kind: FileKind, data: bytes, size: int) -> FileKind:
    """Return what a file of ``size`` bytes is, by up to ``DEEP`` of them and its first kind."""
    if kind is FileKind.SENTENCEPIECE:
        return kind if _is_sentencepiece_throughout(data, size) else FileKind.UNKNOWN
    if kind in PADDING_KINDS and hides_pickle(data, cut=size > len(data)):
        return FileKind.PICKLE
    return kind


def _kind_of_name(name: str) -> FileKind | None:
    lowered = PurePosixPath(name.lower()).name
    if _VERSIONED_LIBRARY.search(lowered):
        return FileKind.EXECUTABLE
    return _KIND_OF_SUFFIX.get(PurePosixPath(lowered).suffix)


def _kind_of_content(data: bytes) -> FileKind:
    if not data:
        return FileKind.EMPTY
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return _refined(kind, data)
    for at, magic, kind in _MAGIC_WITHIN:
        if data.startswith(magic, at):
            return _refined(kind, data)
    return next((kind for test, kind in _TESTS if test(data)), FileKind.UNKNOWN)


def _refined(kind: FileKind, data: bytes) -> FileKind:
    """Return ``PICKLE`` for a container that holds one, as far as the first bytes tell."""
    if kind is FileKind.ZIP and _ARCHIVED_PICKLE.search(data):
        return FileKind.PICKLE
    if kind is FileKind.ARCHIVE and data[:100].rstrip(b"\0").split(b"/")[0] in _TORCH_TAR:
        return FileKind.PICKLE
    if kind is FileKind.NUMPY:
        header = _NUMPY_HEADER.search(data)
        return FileKind.NUMPY if header and not _OBJECT_TYPE.search(header[0]) else FileKind.PICKLE
    return kind


def _is_safetensors(data: bytes) -> bool:
    length = int.from_bytes(data[:8], "little")
    return 2 <= length <= _MAX_SAFETENSORS_HEADER and bool(_JSON.match(data, 8))  # noqa: PLR2004 -- "{}"


def _is_windows_program(data: bytes) -> bool:
    """Say whether this is a DOS program with a PE header where byte 60 says, or out of sight."""
    at = int.from_bytes(data[60:64], "little")
    is_dos = data.startswith(b"MZ") and b"\0" in data[:60]
    return is_dos and (at + 4 > len(data) or data.startswith(b"PE\0\0", at))


def _is_bytecode(data: bytes) -> bool:
    """Say whether this is a ``.pyc``: a magic number that ends in CR LF, then flags below 4."""
    return data[2:4] == b"\r\n" and data[5:8] == b"\0\0\0" and data[4] < 4  # noqa: PLR2004 -- PEP 552


def _is_text(data: bytes) -> bool:
    if b"\0" in data:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _is_json(data: bytes) -> bool:
    return bool(_JSON.match(data.removeprefix(codecs.BOM_UTF8))) and _is_text(data)


def _is_html(data: bytes) -> bool:
    return bool(_HTML.match(data.removeprefix(codecs.BOM_UTF8)))


def _is_onnx(data: bytes) -> bool:
    """Say whether this starts as onnx.proto's ModelProto: ir_version, then producer_name."""
    length = data[3] if len(data) > 4 else 0  # noqa: PLR2004 -- two tags, a number, a length
    producer = data[4 : 4 + length]
    return data[0] == 0x08 and data[2:3] == b"\x12" and producer.isascii() and producer.isalnum()  # noqa: PLR2004 -- the tag


def _is_sentencepiece(data: bytes) -> bool:
    """Say whether this starts with two pieces of sentencepiece_model.proto's ModelProto.

    A piece is field 1 with a text (1), a score (2, 32 bits) and a type (3), in this order.
    """
    position = 0
    for _ in range(2):
        if data[position : position + 1] != b"\n" or len(data) < position + 4:
            return False
        end = position + 2 + data[position + 1]
        text_end = position + 4 + data[position + 3]
        rest = data[text_end:end]
        is_piece = data[position + 2 : position + 3] == b"\n" and text_end <= end
        if not is_piece or rest[:1] not in (b"", b"\x15", b"\x18") or len(rest) not in (0, 2, 5, 7):
            return False
        position = end
    return True


def _is_sentencepiece_throughout(data: bytes, size: int) -> bool:
    """Say whether nothing but fields 1 to 5 of ModelProto follows, each with a length, in sight."""
    position = 0
    while position < len(data):
        if data[position] not in _MODEL_FIELDS:
            return False
        length, shift, position = 0, 0, position + 1
        while True:
            if position >= len(data):
                return size > len(data)
            length |= (data[position] & 0x7F) << shift
            shift, position = shift + 7, position + 1
            if not data[position - 1] & 0x80:
                break
            if shift > _MAX_SHIFT:
                return False
        position += length
    return position <= size


_TESTS: tuple[tuple[Callable[[bytes], bool], FileKind], ...] = (
    (_is_safetensors, FileKind.SAFETENSORS),
    (looks_like_pickle, FileKind.PICKLE),
    (_is_windows_program, FileKind.EXECUTABLE),
    (_is_bytecode, FileKind.PYTHON),
    (_is_html, FileKind.HTML),
    (_is_json, FileKind.JSON),
    (_is_text, FileKind.TEXT),
    (_is_onnx, FileKind.ONNX),
    (_is_sentencepiece, FileKind.SENTENCEPIECE),
)
