"""Reading and writing files: bounded, regular files only, written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path
from typing import BinaryIO

FILE_MODE = 0o644
_PREFIX = 32  # characters of a file's name in that of its temporary one; names have 255 bytes


class UnreadableError(Exception):
    """A file could not be read; the reason is the world's, not the file's."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MissingError(UnreadableError):
    """There is no such file."""


class TooLargeError(Exception):
    """A file has more bytes than its limit."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


def exists(path: Path) -> bool:
    """Say whether there is something at a path; where that cannot be seen there is nothing."""
    return os.path.exists(path)  # noqa: PTH110 -- Path.exists raises for a name that is too long


def is_file(path: Path) -> bool:
    """Say whether a path leads to a regular file that can be seen."""
    return os.path.isfile(path)  # noqa: PTH113 -- Path.is_file raises where a folder is closed


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading; a pipe or a device is refused, never waited for.

    Raises:
        MissingError: there is no such file.
        UnreadableError: it is no regular file, or may not be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MissingError(_reason(error)) from None
    except OSError as error:
        raise UnreadableError(_reason(error)) from None
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise UnreadableError("is a folder" if stat.S_ISDIR(mode) else "is no regular file")


def read_bounded(path: Path, limit: int) -> bytes:
    """Return the bytes of a regular file.

    Raises:
        MissingError: there is no such file.
        UnreadableError: it is no regular file, or may not be read.
        TooLargeError: it has more than ``limit`` bytes.
    """
    data = read_head(path, limit + 1)
    if len(data) > limit:
        raise TooLargeError(limit)
    return data


def read_head(path: Path, size: int) -> bytes:
    """Return the first ``size`` bytes of a regular file, all of it where it has fewer.

    Raises:
        MissingError: there is no such file.
        UnreadableError: it is no regular file, or may not be read.
    """
    with open_regular(path) as stream:
        try:
            return stream.read(size)
        except OSError as error:
            raise UnreadableError(_reason(error)) from None


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees all of it or none, even after a crash.

    An existing file keeps its mode. A device or a pipe is written to, never replaced.

    Raises:
        OSError: the folder cannot be written or the disk is full; nothing is left behind.
    """
    try:
        found = path.stat().st_mode
    except FileNotFoundError:
        found = stat.S_IFREG | FILE_MODE
    if not stat.S_ISREG(found):
        path.write_bytes(data)
        return
    path, mode = Path(os.path.realpath(path)), stat.S_IMODE(found)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:_PREFIX]}.", dir=path.parent)
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
    sync_folder(path.parent)


def append_text(path: Path, text: str) -> None:
    """Append text to a file that a CI system offers, such as ``$GITHUB_STEP_SUMMARY``.

    Raises:
        OSError: it cannot be written.
    """
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text)


def sync_folder(folder: Path) -> None:
    """Bring to disk which names a folder holds; a no-op on file systems that cannot.

    Raises:
        OSError: the folder cannot be opened, or the disk fails.
    """
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
