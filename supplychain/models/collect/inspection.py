"""One model file, or a folder of them, as ``inspect`` shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from supplychain.access.environment import Environment
from supplychain.access.files import open_regular
from supplychain.access.model_files import ModelFiles
from supplychain.core.subject import Subject, SubjectKind
from supplychain.formats.text import MalformedError
from supplychain.models import gguf, safetensors
from supplychain.models.collect import local
from supplychain.models.evidence import ModelFile, ModelSnapshot
from supplychain.models.inspect import Item, file_item, gguf_item, safetensors_item, snapshot_item
from supplychain.models.sniff import SNIFFED, FileKind, kind_of

_READERS: Mapping[str, Callable[[BinaryIO, str], Item]] = {
    "gguf": lambda stream, path: gguf_item(gguf.read(stream), path),
    "safetensors": lambda stream, path: safetensors_item(safetensors.read(stream), path),
}


def kind_of_model(path: Path) -> str:
    """Return what ``inspect`` calls a file by its content: gguf, safetensors, pickle or model.

    Raises:
        UnreadableError: it is no regular file, or may not be read.
    """
    with open_regular(path) as stream:
        kind = kind_of(stream.read(SNIFFED), path.name)
    return kind.value if kind.value in {*_READERS, FileKind.PICKLE.value} else "model"


def header_item(path: Path, kind: str, *, with_digest: bool) -> Item:
    """Return the item of a GGUF or safetensors file.

    Raises:
        UnreadableError: it is missing, no regular file, or may not be read.
        MalformedError: it is not of that format.
    """
    with open_regular(path) as stream:
        item = dict(_READERS[kind](stream, path.as_posix()))
        if with_digest:
            item["sha256"] = local.digest_of(stream).hex
    return item


def content_items(path: Path, environment: Environment) -> Item:
    """Return the item of a folder, or of a file that is neither GGUF nor safetensors.

    Raises:
        MalformedError: the file could not be read as what it is.
    """
    subject = Subject(kind=SubjectKind.MODEL, ref=path.as_posix(), path=path.as_posix())
    files = ModelFiles.below(path) if path.is_dir() else ModelFiles.of([path])
    pieces = list(local.collect(subject, files, environment))
    if path.is_dir():
        snapshot = next(piece for piece in pieces if isinstance(piece, ModelSnapshot))
        return snapshot_item(snapshot, path.as_posix())
    for piece in pieces:
        if isinstance(piece, ModelFile):
            return file_item(piece)
    reason = "could not be read"
    raise MalformedError(reason)
