"""What a file holds after its model, and whether an archive reader would open it.

Archive readers look for their directory at the end of a file (APPNOTE.TXT 4.3.16) and ignore what
comes first, so one file can be a model to one program and an archive of pickles to another.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from struct import Struct
from typing import BinaryIO

from supplychain.core.limits import MIB
from supplychain.models.sniff import SNIFFED, FileKind, kind_of

MAX_TRAILING = MIB  # bytes that are looked at; padding has below 64 KiB
_MAX_ARCHIVE_END = 65_535 + 22  # bytes; APPNOTE.TXT 4.3.16, the longest comment and the record
_ARCHIVE_END = b"PK\x05\x06"
_COMMENT_LENGTH = Struct("<H")
_COMMENT_LENGTH_AT = 20  # bytes into the record


@dataclass(frozen=True, slots=True, kw_only=True)
class Trailing:
    """The bytes after the last tensor.

    ``is_zero`` covers the first ``MAX_TRAILING``; ``kind`` is what stands after leading zeros.
    """

    size: int
    is_zero: bool
    kind: FileKind


def trailing(stream: BinaryIO, end: int, size: int) -> Trailing:
    """Return what a file of ``size`` bytes holds from offset ``end`` on.

    Raises:
        OSError: the stream cannot be read.
    """
    count = max(size - end, 0)
    data = b""
    if count:
        stream.seek(end)
        data = stream.read(min(count, MAX_TRAILING))
    rest = data.lstrip(b"\0")
    return Trailing(size=count, is_zero=not rest, kind=kind_of(rest[:SNIFFED], ""))


def opens_as_zip(stream: BinaryIO) -> bool:
    """Say whether a ZIP archive's end-of-directory record ends exactly at the end of the file.

    Raises:
        OSError: the stream cannot be read.
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(size - _MAX_ARCHIVE_END, 0))
    data = stream.read(_MAX_ARCHIVE_END)
    at = data.rfind(_ARCHIVE_END)
    while at >= 0:
        record = data[at:]
        if len(record) >= _COMMENT_LENGTH_AT + _COMMENT_LENGTH.size:
            (comment,) = _COMMENT_LENGTH.unpack_from(record, _COMMENT_LENGTH_AT)
            if _COMMENT_LENGTH_AT + _COMMENT_LENGTH.size + comment == len(record):
                return True
        at = data.rfind(_ARCHIVE_END, 0, at)
    return False
