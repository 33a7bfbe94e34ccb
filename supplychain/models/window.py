"""A window that moves over a file: bounded reads, whatever the file claims about itself.

It knows two ends: that of the file, past which a claim is a lie, and that of the bytes at hand,
past which the rest of a download is merely missing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from operator import length_hint
from pathlib import Path
from struct import Struct
from struct import error as StructError  # noqa: N812 -- the standard library's name is lower case
from typing import Any, BinaryIO

from supplychain.core.limits import MIB
from supplychain.formats.text import MalformedError

Source = str | os.PathLike[str] | BinaryIO

WINDOW = MIB  # bytes read at once; larger ones cost memory and gain nothing
_LENGTH = Struct("<Q")


class HeaderIncompleteError(Exception):
    """The header goes on after the bytes at hand.

    ``needed_at_least`` is how many bytes from the start of the file the next attempt needs.
    """

    def __init__(self, needed_at_least: int) -> None:
        super().__init__(needed_at_least)
        self.needed_at_least = needed_at_least

    def __str__(self) -> str:
        return f"the header needs at least the first {self.needed_at_least} bytes"


class Window:
    """A position in a file and the bytes around it.

    ``size`` is that of the whole file in bytes; nothing is read past ``limit``.
    """

    def __init__(self, stream: BinaryIO, *, size: int | None, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        at_hand = stream.seek(0, os.SEEK_END)
        self.size = at_hand if size is None else size
        self._at_hand = min(at_hand, self.size)
        self._data = b""
        self._start = 0
        self.position = 0

    @property
    def left(self) -> int:
        """Bytes between the position and the end of the file."""
        return self.size - self.position

    def take(self, count: int, at: str) -> bytes:
        """Return the next ``count`` bytes and move past them.

        Raises:
            MalformedError: the file or the limit ends before.
            HeaderIncompleteError: the bytes at hand end before.
        """
        first = self._hold(count, at)
        self.position += count
        return self._data[first : first + count]

    def unpack(self, layout: Struct, at: str) -> tuple[Any, ...]:
        """Return the values of the next bytes and move past them; raises what :meth:`take` does."""
        first = self._hold(layout.size, at)
        self.position += layout.size
        return layout.unpack_from(self._data, first)

    def skip(self, count: int, at: str) -> None:
        """Move past ``count`` bytes without reading them; raises what :meth:`take` does."""
        self._require(count, at)
        self.position += count

    def pieces(self, count: int, at: str) -> Iterator[bytes]:
        """Yield the next ``count`` bytes, at most ``WINDOW`` at once, moving past each."""
        self._require(count, at)
        end = self.position + count
        while self.position < end:
            yield self.take(min(WINDOW, end - self.position), at)

    def skip_strings(self, count: int, at: str) -> None:
        """Move past ``count`` strings that each follow their length, an unsigned 64-bit number.

        The inner loop touches nothing but lengths: a vocabulary has hundreds of thousands.
        """
        remaining = count
        while remaining:
            self._require_string(at, count - remaining)
            offset = self._hold(_LENGTH.size, at)
            data, read_length = self._data, _LENGTH.unpack_from
            turns = repeat(None, remaining)
            try:
                for _ in turns:
                    offset += read_length(data, offset)[0] + 8
            except (StructError, OverflowError):
                remaining = length_hint(turns) + 1
            else:
                remaining = 0
            self.position = self._start + offset
            if self.left < 0:
                self._refuse_string(at, count - remaining - 1)
        self.skip(0, at)

    def _require_string(self, at: str, index: int) -> None:
        if self.left < _LENGTH.size:
            self._refuse_string(at, index)

    def _refuse_string(self, at: str, index: int) -> None:
        reason = "claims a string that runs past the end of the file"
        raise MalformedError(reason, at=f"{at}[{index}]")

    def _hold(self, count: int, at: str) -> int:
        """Bring the next ``count`` bytes into the window; return where in it they start."""
        first = self.position - self._start
        if first < 0 or first + count > len(self._data):
            self._require(count, at)
            self._fill(count, at)
            first = 0
        return first

    def _require(self, count: int, at: str) -> None:
        end = self.position + count
        if end > self.size:
            reason = f"claims {count} bytes where {max(self.left, 0)} are left in the file"
            raise MalformedError(reason, at=at)
        if end > self._limit:
            reason = f"makes the header larger than {self._limit} bytes"
            raise MalformedError(reason, at=at)
        if end > self._at_hand:
            raise HeaderIncompleteError(end)

    def _fill(self, count: int, at: str) -> None:
        self._stream.seek(self.position)
        wanted = min(max(count, WINDOW), self._at_hand - self.position)
        parts: list[bytes] = []
        while wanted > 0:
            part = self._stream.read(wanted)
            if not part:
                break
            parts.append(part)
            wanted -= len(part)
        self._data = b"".join(parts)
        self._start = self.position
        if len(self._data) < count:
            reason = "ended while it was read"
            raise MalformedError(reason, at=at)


@contextmanager
def opened(source: Source, *, size: int | None, limit: int) -> Iterator[Window]:
    """Yield a window at the start of a file; a stream stays open, a path is closed.

    Raises:
        OSError: the path cannot be opened or read.
    """
    if isinstance(source, (str, os.PathLike)):
        with Path(source).open("rb", buffering=0) as stream:
            yield Window(stream, size=size, limit=limit)
    else:
        yield Window(source, size=size, limit=limit)
