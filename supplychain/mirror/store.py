"""The store: a folder in which every blob is named by its digest, and documents reach blobs.

- ``blobs/sha256/AB/ABCD…`` verified bytes, never written to, mode 0444
- ``refs/huggingface/REFERENCE@COMMIT.json`` what makes the blobs of an admitted model reachable
- ``index/git-sha1/AB/ABCD…`` the sha256 of a blob that a hub knows by its git object id
- ``quarantine/`` whatever is not verified yet; see :mod:`supplychain.mirror.quarantine`

A crash leaves at most blobs that no document reaches.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from supplychain.access.files import TooLargeError, UnreadableError, read_bounded, sync_folder
from supplychain.core.digest import Digest, InvalidDigestError
from supplychain.formats.text import MalformedError
from supplychain.mirror.reference import ModelReference
from supplychain.mirror.snapshot import MAX_SNAPSHOT, Snapshot, read_snapshot, snapshot_text

BLOB_MODE = 0o444
MAX_DOCUMENTS = 100_000  # snapshots in one store
_MAX_FILE_NAME = 200  # characters of a document's name before it is shortened
_DIGEST_LENGTH = 64  # hexadecimal digits of a sha256
_KIND = "huggingface"


class DamagedStoreError(Exception):
    """A document of the store is not one of ours; ``path`` is relative to the store."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason


class Store:
    """One store. Readers need no lock: all that has a name is whole."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def quarantine(self) -> Path:
        """The folder of what is not verified."""
        return self.root / "quarantine"

    def blob_path(self, digest: Digest) -> Path:
        """Return where a blob lies, or would lie."""
        return self.root / "blobs" / digest.algorithm / digest.hex[:2] / digest.hex

    def has(self, digest: Digest, size: int) -> bool:
        """Say whether a blob of this digest and size is here; its bytes are not read."""
        try:
            status = self.blob_path(digest).lstat()
        except OSError:
            return False
        return stat.S_ISREG(status.st_mode) and status.st_size == size

    def sha256_of(self, git_sha1: str) -> Digest | None:
        """Return the digest of a blob by its git object id, where the store has met it."""
        try:
            data = read_bounded(self._index_path(git_sha1), _DIGEST_LENGTH)
            return Digest("sha256", data.decode("ascii", "replace"))
        except (UnreadableError, TooLargeError, InvalidDigestError):
            return None

    def adopt(self, part: Path, digest: Digest, git_sha1: str | None) -> None:
        """Take a verified file from quarantine under the name of its digest.

        Raises:
            OSError: the disk is full or fails; the file is whole at one of the two places.
        """
        target = self.blob_path(digest)
        _make_folder(target.parent)
        descriptor = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            os.fchmod(descriptor, BLOB_MODE)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        part.rename(target)
        sync_folder(target.parent)
        if git_sha1 is not None:
            self._write(self._index_path(git_sha1), digest.hex.encode(), part.with_suffix(".index"))

    def publish(self, snapshot: Snapshot, workspace: Path) -> None:
        """Make a snapshot reachable by one rename; ``workspace`` is a folder in quarantine.

        Raises:
            OSError: the disk is full or fails; the snapshot is not reachable.
        """
        text = snapshot_text(snapshot).encode()
        path = self.document_path(snapshot.reference, snapshot.revision)
        self._write(path, text, workspace / "reference")

    def document_path(self, reference: ModelReference, revision: str) -> Path:
        """Return where the document of a reference at a commit lies, or would lie."""
        name = quote(str(reference), safe="")
        if len(name) > _MAX_FILE_NAME:
            digest = hashlib.sha256(str(reference).encode()).hexdigest()
            name = f"{name[:100]}~{digest}"
        return self.root / "refs" / _KIND / f"{name}@{revision}.json"

    def find(self, reference: ModelReference, revision: str) -> Snapshot | None:
        """Return the snapshot of a reference at a commit.

        Raises:
            DamagedStoreError: its document is none of ours.
        """
        path = self.document_path(reference, revision)
        return self._read(path) if path.exists() else None

    def snapshots(self) -> Iterator[Snapshot | DamagedStoreError]:
        """Yield all snapshots, by reference and then by the time of admission."""
        documents: list[Snapshot] = []
        for path in self.documents():
            try:
                documents.append(self._read(path))
            except DamagedStoreError as error:
                yield error
        yield from sorted(
            documents, key=lambda one: (str(one.reference), one.admitted_at, one.revision)
        )

    def documents(self) -> list[Path]:
        """Return the paths of all documents, sorted."""
        folder = self.root / "refs" / _KIND
        return sorted(folder.glob("*.json"))[:MAX_DOCUMENTS]

    def shown(self, path: Path) -> str:
        """Return a path in the store as messages name it."""
        return path.relative_to(self.root).as_posix()

    def _read(self, path: Path) -> Snapshot:
        try:
            snapshot = read_snapshot(read_bounded(path, MAX_SNAPSHOT))
        except (UnreadableError, MalformedError) as error:
            raise DamagedStoreError(self.shown(path), error.reason) from None
        except TooLargeError as error:
            reason = f"has more than {error.limit} bytes"
            raise DamagedStoreError(self.shown(path), reason) from None
        if self.document_path(snapshot.reference, snapshot.revision) != path:
            raise DamagedStoreError(self.shown(path), "lies under the name of another snapshot")
        return snapshot

    def _index_path(self, git_sha1: str) -> Path:
        return self.root / "index" / "git-sha1" / git_sha1[:2] / git_sha1

    def _write(self, path: Path, data: bytes, temporary: Path) -> None:
        """Write a file whole: first in quarantine, then by one rename."""
        _make_folder(path.parent)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(temporary, flags, 0o644)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(descriptor)
        temporary.rename(path)
        sync_folder(path.parent)


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, each on disk before anything is put into it."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        sync_folder(one.parent)
