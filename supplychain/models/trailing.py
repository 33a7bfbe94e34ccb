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
# Bytes; APPNOTE.TXT 4.3.16, the longest comment and the record, and a page: miniz, which torch
# reads archives with, looks for the record in whole pages of 4096.
_MAX_ARCHIVE_END = 65_535 + 22 + 4096
_ARCHIVE_END = b"PK\x05\x06"
_ARCHIVE_ENTRY = b"PK\x01\x02"
_WIDE_ARCHIVE_END = b"PK\x06\x07"  # APPNOTE.TXT 4.3.15, the locator before a ZIP64 archive's end
_WIDE_LOCATOR = 20  # bytes
_DIRECTORY = Struct("<II")  # size and offset
_DIRECTORY_AT = 12  # bytes into the record
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
    """Say whether an archive reader finds a ZIP archive's directory at the end of the file.

    It does where an end-of-directory record ends exactly at the end, and, as Python's zipfile and
    miniz ignore what follows, where one near the end names a place that holds a directory.

    Raises:
        OSError: the stream cannot be read.
    """
    size = stream.seek(0, os.SEEK_END)
    start = stream.seek(max(size - _MAX_ARCHIVE_END, 0))
    data = stream.read(_MAX_ARCHIVE_END)
    at = data.rfind(_ARCHIVE_END)
    while at >= 0:
        record = data[at:]
        if len(record) >= _COMMENT_LENGTH_AT + _COMMENT_LENGTH.size:
            (comment,) = _COMMENT_LENGTH.unpack_from(record, _COMMENT_LENGTH_AT)
            if _COMMENT_LENGTH_AT + _COMMENT_LENGTH.size + comment == len(record):
                return True
            if _names_directory(stream, data, at, start):
                return True
        at = data.rfind(_ARCHIVE_END, 0, at)
    return False


def _names_directory(stream: BinaryIO, data: bytes, at: int, start: int) -> bool:
    """Say whether the record at ``at`` in ``data``, at ``start`` in the file, has a directory.

    It lies right before the record, whatever comes before the archive, or at its stated offset.
    """
    locator = data[max(at - _WIDE_LOCATOR, 0) : at]
    if locator.startswith(_WIDE_ARCHIVE_END) and len(locator) == _WIDE_LOCATOR:
        return True
    size, offset = _DIRECTORY.unpack_from(data, at + _DIRECTORY_AT)
    end = start + at
    return any(
        0 <= place < end and _at(stream, place) == _ARCHIVE_ENTRY
        for place in {end - size, offset}
        if size
    )


def _at(stream: BinaryIO, place: int) -> bytes:
    stream.seek(place)
    return stream.read(len(_ARCHIVE_ENTRY))
