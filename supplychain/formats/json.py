"""JSON from strangers: a depth limit, no NaN, and one error type."""

from __future__ import annotations

import json
from typing import Any

from supplychain.formats.text import MalformedError

MAX_DEPTH = 100  # nested arrays and objects; OCI documents have 6


def read(data: bytes, *, limit: int) -> Any:  # noqa: ANN401 -- JSON is any type until it is looked at
    """Return the value of a UTF-8 JSON document of at most ``limit`` bytes.

    Raises:
        MalformedError: it is larger, not JSON, nested deeper than ``MAX_DEPTH``, or holds NaN.
    """
    if len(data) > limit:
        reason = f"has more than {limit} bytes"
        raise MalformedError(reason)
    if _deeper_than(data, MAX_DEPTH):
        reason = f"is nested deeper than {MAX_DEPTH} levels"
        raise MalformedError(reason)
    try:
        return json.loads(data, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        reason = f"is not JSON: {error.msg}"
        raise MalformedError(reason, line=error.lineno, column=error.colno) from None
    except (ValueError, RecursionError) as error:
        reason = f"is not JSON: {error}"
        raise MalformedError(reason) from None


def _deeper_than(data: bytes, limit: int) -> bool:
    """Say whether there are more than ``limit`` brackets are open at once."""
    if data.count(b"[") + data.count(b"{") <= limit:
        return False
    depth = deepest = 0
    in_text = escaped = False
    for byte in data:
        if escaped:
            escaped = False
        elif in_text:
            escaped = byte == 0x5C
            in_text = byte != 0x22
        elif byte == 0x22:
            in_text = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest > limit


def _refuse_constant(name: str) -> float:
    message = f"{name} is not a JSON number"
    raise ValueError(message)
