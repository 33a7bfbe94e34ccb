"""Reading and writing files: bounded, regular files only, written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path

FILE_MODE = 0o644


class UnreadableError(Exception):
    """A file could not be read; the reason is the world's, not the file's."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooLargeError(Exception):
    """A file has more bytes than its limit."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


def read_bounded(path: Path, limit: int) -> bytes:
    """Return the bytes of a regular file.

    Raises:
        UnreadableError: it is missing, not a regular file, or may not be read.
        TooLargeError: it has more than ``limit`` bytes.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UnreadableError(_reason(error)) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            reason = "is a folder" if stat.S_ISDIR(status.st_mode) else "is no regular file"
            raise UnreadableError(reason)
        if status.st_size > limit:
            raise TooLargeError(limit)
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise UnreadableError(_reason(error)) from None
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise TooLargeError(limit)
    return data


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees all of it or none, even after a crash.

    An existing file keeps its mode.

    Raises:
        OSError: the folder cannot be written or the disk is full; nothing is left behind.
    """
    path = path.resolve()
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        mode = FILE_MODE
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def append_text(path: Path, text: str) -> None:
    """Append text to a file that a CI system offers, such as ``$GITHUB_STEP_SUMMARY``.

    Raises:
        OSError: it cannot be written.
    """
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(descriptor)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
