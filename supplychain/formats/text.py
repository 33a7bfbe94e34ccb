"""Bytes to text, under a limit and with one error type for everything that is not its format."""

from __future__ import annotations

import codecs

from supplychain.core.finding import Location
from supplychain.core.text import visible


class MalformedError(ValueError):
    """The bytes are not what their format allows.

    ``line`` and ``column`` are 1-based; ``at`` names a place in something without lines.
    """

    def __init__(
        self,
        reason: str,
        line: int | None = None,
        column: int | None = None,
        at: str | None = None,
    ) -> None:
        super().__init__(reason, line, column, at)
        self.reason = reason
        self.line = line
        self.column = column
        self.at = at

    def location(self, path: str | None) -> Location:
        """Return the place in the file at ``path``."""
        return Location(path=path, line=self.line, column=self.column, at=self.at)

    def __str__(self) -> str:
        return self.reason


def decode(data: bytes) -> str:
    """Return UTF-8 text without its byte order mark.

    Raises:
        MalformedError: the bytes are UTF-16 or UTF-32, not UTF-8, or hold a NUL.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        reason = "is UTF-16 text, not UTF-8"
        raise MalformedError(reason, line=1)
    data = data.removeprefix(codecs.BOM_UTF8)
    nul = data.find(b"\0")
    if nul >= 0:
        reason = "holds a NUL byte, so it is not text"
        raise MalformedError(reason, line=data.count(b"\n", 0, nul) + 1)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8 text (byte {data[error.start]:#04x})"
        raise MalformedError(reason, line=data.count(b"\n", 0, error.start) + 1) from None


def printable(text: str, limit: int = 200) -> str:
    """Return hostile text safe to print on one line: control characters escaped, length cut."""
    shown = visible(text[: limit + 1])
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"
