"""The bytes of a report as UTF-8 JSON, under a limit.

PowerShell's ``>`` writes UTF-16 with a byte order mark, some editors UTF-8 with one; JSON parsers
refuse both, and a refused report must not be taken for an empty one.
"""

from __future__ import annotations

import codecs
import re

from supplychain.core.limits import MIB
from supplychain.formats.text import MalformedError

MAX_REPORT = 512 * MIB  # bytes; a report of a 10 GB AI image with all packages has 80 MB

_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"{\0", "utf-16-le"),
    (b"[\0", "utf-16-le"),
    (b"\0{", "utf-16-be"),
    (b"\0[", "utf-16-be"),
)
_SPACE = re.compile(rb"[ \t\r\n]*+")


def json_bytes(data: bytes) -> bytes | memoryview:
    """Return a report as UTF-8 without a byte order mark, copied only where it was UTF-16.

    Raises:
        MalformedError: it is empty, has more than ``MAX_REPORT`` bytes, or is no text.
    """
    if len(data) > MAX_REPORT:
        reason = f"has more than {MAX_REPORT // MIB} MiB"
        raise MalformedError(reason)
    for mark, encoding in _WIDE:
        if data.startswith(mark):
            return _narrowed(data, encoding)
    if data.startswith(codecs.BOM_UTF8):
        return memoryview(data)[len(codecs.BOM_UTF8) :]
    return data


def first_sign(data: bytes | memoryview) -> bytes:
    """Return the first byte that is no white space; none where there is no such byte."""
    space = _SPACE.match(data)
    start = space.end() if space else 0
    return bytes(data[start : start + 1])


def _narrowed(data: bytes, encoding: str) -> bytes:
    try:
        return data.decode(encoding).encode()
    except UnicodeError:
        reason = f"is not the {encoding[:6].upper()} text that it begins as"
        raise MalformedError(reason) from None
