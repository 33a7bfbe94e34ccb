"""One file on its way: bytes on disk, their count, and the hashes of just these bytes."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from types import TracebackType
from typing import BinaryIO, Self

from supplychain.access.huggingface_answers import HubFile
from supplychain.core.digest import Digest
from supplychain.core.limits import MIB

PIECE = MIB  # bytes read at once
_BATCH = 4 * MIB  # bytes handed to the hashing thread at once: handing over costs time
_WRITEBACK = 32 * MIB  # bytes after which the disk is told to begin writing
_MAX_PIECES = 512  # written by one call; IOV_MAX is 1024
_AHEAD = 3  # batches written but not yet hashed


class Part:
    """A file in quarantine, open for writing. ``have`` bytes of it are on disk and hashed."""

    def __init__(self, path: Path, file: HubFile) -> None:
        """Open the file, or begin it; what is there is hashed by :meth:`recheck`, not yet here.

        Raises:
            OSError: it cannot be opened.
        """
        self.path = path
        self.file = file
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._descriptor = os.open(path, flags, 0o600)
        self.have = 0
        self._begin_hashes()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)

    def recheck(self, told: Callable[[int], None]) -> None:
        """Hash what an earlier process left; ``told`` gets the number of bytes after each piece.

        Raises:
            OSError: the disk fails.
        """
        if os.fstat(self._descriptor).st_size > self.file.size:
            self.restart()
        while piece := os.pread(self._descriptor, PIECE, self.have):
            self._hash(piece)
            self.have += len(piece)
            told(len(piece))

    def restart(self) -> None:
        """Forget all bytes.

        Raises:
            OSError: the disk fails.
        """
        os.ftruncate(self._descriptor, 0)
        self.have = 0
        self._begin_hashes()

    @contextmanager
    def appending(self) -> Iterator[Callable[[bytes], None]]:
        """Yield what takes the next piece; pieces are written together, and hashed in a thread.

        All pieces are written and hashed when this is left.

        Raises:
            OSError: the disk is full or fails, at one of the next pieces or at the end.
        """
        batches: Queue[list[bytes] | None] = Queue(_AHEAD)
        batch: list[bytes] = []
        size = 0

        def hash_batches() -> None:
            while (pieces := batches.get()) is not None:
                for piece in pieces:
                    self._hash(piece)

        def write_batch() -> None:
            nonlocal batch, size
            pieces, batch, size = batch, [], 0
            self._write(pieces)
            batches.put(pieces)

        def append(piece: bytes) -> None:
            nonlocal size
            batch.append(piece)
            size += len(piece)
            if size >= _BATCH:
                write_batch()
                writeback.begin(self.have)

        thread = threading.Thread(target=hash_batches, daemon=True)
        thread.start()
        with _Writeback(self._descriptor) as writeback:
            try:
                yield append
            finally:
                try:
                    write_batch()
                finally:
                    batches.put(None)
                    thread.join()

    def reader(self) -> BinaryIO:
        """Return a stream over the bytes on disk, to be closed by the caller."""
        return self.path.open("rb")

    @property
    def sha256(self) -> Digest:
        """The digest of the bytes on disk."""
        return Digest("sha256", self._sha256.hexdigest())

    @property
    def is_as_promised(self) -> bool:
        """Whether the bytes on disk are those that the hub's tree names."""
        if self.have != self.file.size:
            return False
        if self.file.sha256 is not None:
            return self.sha256 == self.file.sha256
        return self._sha1 is not None and self._sha1.hexdigest() == self.file.git_sha1

    def _begin_hashes(self) -> None:
        self._sha256 = hashlib.sha256()
        self._sha1 = None
        if self.file.sha256 is None:
            # A git blob's id, gitformat-pack(5) and git-hash-object(1): type, size, NUL, content.
            start = b"blob %d\0" % self.file.size
            self._sha1 = hashlib.sha1(start, usedforsecurity=False)

    def _hash(self, piece: bytes) -> None:
        self._sha256.update(piece)
        if self._sha1 is not None:
            self._sha1.update(piece)

    def _write(self, pieces: list[bytes]) -> None:
        """Write pieces; what does not get to the disk as a whole does not count."""
        start = self.have
        rest = pieces
        try:
            while rest:
                written = os.pwritev(self._descriptor, rest[:_MAX_PIECES], self.have)
                self.have += written
                rest = after(rest, written)
        except OSError:
            self.have = start
            raise


def after(pieces: list[bytes], count: int) -> list[bytes]:
    """Return what is left of pieces behind their first ``count`` bytes."""
    for number, piece in enumerate(pieces):
        if count < len(piece):
            return [piece[count:], *pieces[number + 1 :]]
        count -= len(piece)
    return []


class _Writeback:
    """Brings to disk what was written, in a thread, so that the last fsync has little to do."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._due = _WRITEBACK
        self._wanted = threading.Event()
        self._is_done = False
        self._failure: OSError | None = None
        self._thread: threading.Thread | None = None

    def begin(self, written: int) -> None:
        """Bring to disk what was written, if that is enough for it to be worth while."""
        if written < self._due:
            return
        self._due = written + _WRITEBACK
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        self._wanted.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._thread is not None:
            self._is_done = True
            self._wanted.set()
            self._thread.join()
        if self._failure is not None and error is None:
            raise self._failure

    def _run(self) -> None:
        while not self._is_done:
            self._wanted.wait()
            self._wanted.clear()
            try:
                os.fdatasync(self._descriptor)
            except OSError as failure:  # the next fsync would not tell of it again
                self._failure = failure
