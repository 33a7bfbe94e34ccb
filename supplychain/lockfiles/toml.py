"""TOML from strangers: a size limit, no endless keys, and one error type."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from supplychain.formats.text import MalformedError, printable
from supplychain.lockfiles.npm import refuse_conflict

MAX_TOML = 8 * 1024 * 1024  # bytes; the largest uv.lock seen has 3 MB, tomllib reads 2 MB a second
MAX_DOTS = 32  # parts of one key; tomllib's time grows with their square

_ENDLESS_KEY = re.compile(
    r"""(?<![A-Za-z0-9_-])(?:(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
    rf"[ \t]*+\.[ \t]*+){{{MAX_DOTS}}}"
)
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


def read(text: str) -> Mapping[str, Any]:
    """Return the tables of a TOML document.

    Raises:
        ConflictError: it holds conflict marks.
        MalformedError: it is no TOML, or beyond our limits.
    """
    refuse_conflict(text)
    if len(text) > MAX_TOML:
        reason = f"has more than {MAX_TOML} characters"
        raise MalformedError(reason)
    if _ENDLESS_KEY.search(text):
        reason = f"has a key of more than {MAX_DOTS} parts"
        raise MalformedError(reason)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line = int(place[1]) if place else None
        reason = f"is no TOML: {printable(str(error).partition(' (at ')[0].lower(), 120)}"
        raise MalformedError(reason, line=line) from None
    except (ValueError, RecursionError) as error:
        reason = f"is no TOML: {printable(str(error), 120)}"
        raise MalformedError(reason) from None
