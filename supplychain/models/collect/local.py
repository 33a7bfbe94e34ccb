"""Model files on this machine: read once, judged offline."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from supplychain.access.environment import Environment
from supplychain.access.files import UnreadableError
from supplychain.core.digest import Digest
from supplychain.core.evidence import Evidence, Gap
from supplychain.core.finding import Location
from supplychain.core.subject import Subject
from supplychain.formats.text import MalformedError, printable
from supplychain.models import gguf, remote_code, safetensors, shard_index
from supplychain.models.evidence import (
    GgufFile,
    MalformedModel,
    ModelFile,
    ModelSnapshot,
    SafetensorsFile,
    ShardIndexFile,
)
from supplychain.models.metadata_folders import is_metadata
from supplychain.models.sniff import DEEP, PADDING_KINDS, SNIFFED, FileKind, deep_kind_of, kind_of
from supplychain.models.trailing import opens_as_zip, trailing

MAX_FILES = 10_000  # of one model; the largest on Hugging Face's hub have a few hundred
MAX_HEADER_ENTRIES = 1_000_000  # tensors and keys of all files; Kimi K2 has 138,000
HASHED_AT_ONCE = 256 * 1024  # bytes; 64 KiB to 1 MiB hash equally fast

# Kinds that say nothing against reading a file as what its name promises.
_UNDECIDED = frozenset({FileKind.EMPTY, FileKind.TEXT, FileKind.JSON, FileKind.UNKNOWN})


class ModelTree(Protocol):
    """The files of one model: one file, or all in a folder."""

    def names(self) -> Sequence[str]:
        """Return the names of all files relative to the model, with forward slashes, sorted."""

    def path(self, name: str) -> str:
        """Return the path of a file as reports name it."""

    def open(self, name: str) -> BinaryIO:
        """Return a file's bytes as a seekable stream.

        Raises:
            UnreadableError: it is missing, no regular file, or may not be read.
            OSError: the same.
        """


def collect(
    subject: Subject,
    tree: ModelTree,
    env: Environment,
    *,
    known: Mapping[str, Digest] | None = None,
) -> Iterator[Evidence | Gap]:
    """Yield what the files of a model hold, a file at a time, then the snapshot of them all.

    ``known`` are digests of files that were hashed already; those are not read again for it.
    """
    collection = _Collection(subject, env, known or {})
    names = tree.names()
    for name in names[:MAX_FILES]:
        yield from collection.file(tree, name)
    if len(names) > MAX_FILES:
        yield collection.malformed(subject.path or subject.ref, f"has more than {MAX_FILES} files")
    if collection.entries > MAX_HEADER_ENTRIES:
        reason = f"has more than {MAX_HEADER_ENTRIES} tensors and keys in all its files"
        yield collection.malformed(subject.path or subject.ref, reason)
    yield collection.snapshot()


@dataclass(slots=True)
class _Collection:
    """The evidence of one model so far."""

    subject: Subject
    env: Environment
    known: Mapping[str, Digest]
    entries: int = 0
    files: list[ModelFile] = field(default_factory=list)
    ggufs: list[GgufFile] = field(default_factory=list)
    safetensors: list[SafetensorsFile] = field(default_factory=list)
    indexes: list[ShardIndexFile] = field(default_factory=list)

    def file(self, tree: ModelTree, name: str) -> list[Evidence | Gap]:
        """Return the evidence of one file: what it is, and its header where it has one."""
        path = tree.path(name)
        try:
            with tree.open(name) as stream:
                return self._read(stream, path, name)
        except (OSError, UnreadableError) as error:
            return [
                Gap(
                    id="file-unreadable",
                    wanted=f"the bytes of '{printable(path)}'",
                    reason=printable(_reason(error)),
                    hint="make the file readable, or name only the files of the model",
                    location=Location(path=path),
                    link=path,
                )
            ]

    def snapshot(self) -> ModelSnapshot:
        """Return all files together."""
        return ModelSnapshot(
            subject=self.subject,
            producer=self.env.tool,
            observed_at=self.env.now,
            files=tuple(self.files),
            ggufs=tuple(self.ggufs),
            safetensors=tuple(self.safetensors),
            indexes=tuple(self.indexes),
        )

    def malformed(
        self, path: str, reason: str, at: Location | None = None, digest: Digest | None = None
    ) -> MalformedModel:
        """Return that a file, or the whole, is not what its format allows."""
        return MalformedModel(
            subject=self.subject,
            producer=self.env.tool,
            observed_at=self.env.now,
            link=path,
            digest=digest,
            reason=reason,
            at=at or Location(path=path),
        )

    def _read(self, stream: BinaryIO, path: str, name: str) -> list[Evidence | Gap]:
        size = stream.seek(0, os.SEEK_END)
        kind = _kind_of(stream, name, size)
        is_zip = opens_as_zip(stream)
        if is_metadata(name, kind, opens_as_zip=is_zip):
            return []
        digest = self.known.get(name) or digest_of(stream)
        file = ModelFile(
            subject=self.subject,
            producer=self.env.tool,
            observed_at=self.env.now,
            link=path,
            digest=digest,
            path=path,
            name=name,
            kind=kind,
            size=size,
            opens_as_zip=is_zip,
            remote_code=_remote_code(stream, name),
        )
        self.files.append(file)
        if self.entries > MAX_HEADER_ENTRIES:
            return [file]
        try:
            content = self._content(stream, file)
        except MalformedError as error:
            return [file, self.malformed(path, error.reason, error.location(path), digest)]
        return [file] if content is None else [file, content]

    def _content(self, stream: BinaryIO, file: ModelFile) -> Evidence | None:
        format_kind = _format_of(file)
        if format_kind is FileKind.GGUF:
            gguf_file = self._gguf(stream, file)
            self.entries += len(gguf_file.header.tensors) + len(gguf_file.header.metadata)
            self.ggufs.append(gguf_file)
            return gguf_file
        if format_kind is FileKind.SAFETENSORS:
            tensors_file = self._safetensors(stream, file)
            self.entries += len(tensors_file.header.tensors)
            self.safetensors.append(tensors_file)
            return tensors_file
        if file.name.endswith(shard_index.INDEX_SUFFIX):
            index_file = self._index(stream, file)
            self.entries += len(index_file.index.weight_map)
            self.indexes.append(index_file)
            return index_file
        return None

    def _gguf(self, stream: BinaryIO, file: ModelFile) -> GgufFile:
        header = gguf.read(stream)
        return GgufFile(
            subject=file.subject,
            producer=file.producer,
            observed_at=file.observed_at,
            link=file.link,
            digest=file.digest,
            path=file.path,
            name=file.name,
            header=header,
            trailing=trailing(stream, header.data_end, header.size),
        )

    def _safetensors(self, stream: BinaryIO, file: ModelFile) -> SafetensorsFile:
        return SafetensorsFile(
            subject=file.subject,
            producer=file.producer,
            observed_at=file.observed_at,
            link=file.link,
            digest=file.digest,
            path=file.path,
            name=file.name,
            header=safetensors.read(stream),
        )

    def _index(self, stream: BinaryIO, file: ModelFile) -> ShardIndexFile:
        stream.seek(0)
        return ShardIndexFile(
            subject=file.subject,
            producer=file.producer,
            observed_at=file.observed_at,
            link=file.link,
            digest=file.digest,
            path=file.path,
            name=file.name,
            index=shard_index.read(stream.read(shard_index.MAX_INDEX + 1)),
        )


def _kind_of(stream: BinaryIO, name: str, size: int) -> FileKind:
    """Return what a file is, by more of it where its first bytes may be padding."""
    stream.seek(0)
    kind = kind_of(stream.read(SNIFFED), name)
    if kind not in PADDING_KINDS:
        return kind
    stream.seek(0)
    return deep_kind_of(kind, stream.read(DEEP), size)


def _remote_code(stream: BinaryIO, name: str) -> tuple[str, ...]:
    if not name.lower().endswith(remote_code.CONFIGURATION_SUFFIX):
        return ()
    stream.seek(0)
    return remote_code.named_in(stream.read(remote_code.MAX_CONFIGURATION))


def _format_of(file: ModelFile) -> FileKind:
    """Return the format to read a file by: its content's, or its name's where content is mute."""
    if file.kind in _UNDECIDED:
        for kind in (FileKind.GGUF, FileKind.SAFETENSORS):
            if file.name.lower().endswith(f".{kind}"):
                return kind
    return file.kind


def digest_of(stream: BinaryIO) -> Digest:
    """Return the sha256 of all of a seekable stream."""
    hashed = hashlib.sha256()
    stream.seek(0)
    while piece := stream.read(HASHED_AT_ONCE):
        hashed.update(piece)
    return Digest("sha256", hashed.hexdigest())


def _reason(error: OSError | UnreadableError) -> str:
    if isinstance(error, UnreadableError):
        return error.reason
    return (error.strerror or str(error)).lower()
