"""JSON from strangers: a depth limit, no NaN, and one error type."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from supplychain.formats.text import MalformedError

MAX_DEPTH = 100  # nested arrays and objects; OCI documents have 6
# A string that nobody closes runs to the end, so that what it holds is looked at once.
_BRACKET_OR_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


def read(data: bytes, *, limit: int, on_duplicate: Callable[[str], None] | None = None) -> Any:  # noqa: ANN401 -- JSON is any type until it is looked at
    """Return the value of a UTF-8 JSON document of at most ``limit`` bytes.

    Of a key given twice in one object the last value counts; ``on_duplicate`` is told of the key.

    Raises:
        MalformedError: it is larger, not JSON, nested deeper than ``MAX_DEPTH``, or holds NaN.
    """
    if len(data) > limit:
        reason = f"has more than {limit} bytes"
        raise MalformedError(reason)
    if _deeper_than(data, MAX_DEPTH):
        reason = f"is nested deeper than {MAX_DEPTH} levels"
        raise MalformedError(reason)
    hook = None if on_duplicate is None else _object_maker(on_duplicate)
    try:
        text = data.decode("utf-8-sig")
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=hook)
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8 text (byte {data[error.start]:#04x})"
        raise MalformedError(reason) from None
    except json.JSONDecodeError as error:
        reason = f"is not JSON: {error.msg}"
        raise MalformedError(reason, line=error.lineno, column=error.colno) from None
    except (ValueError, RecursionError) as error:
        reason = f"is not JSON: {error}"
        raise MalformedError(reason) from None


def _deeper_than(data: bytes, limit: int) -> bool:
    """Say whether more than ``limit`` brackets outside strings are open at once."""
    if data.count(b"[") + data.count(b"{") <= limit:
        return False
    depth = 0
    for match in _BRACKET_OR_STRING.finditer(data):
        sign = match[0]
        if sign in (b"[", b"{"):
            depth += 1
            if depth > limit:
                return True
        elif sign in (b"]", b"}"):
            depth -= 1
    return False


def _object_maker(
    on_duplicate: Callable[[str], None],
) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    def make(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    on_duplicate(key)
                seen.add(key)
        return made

    return make


def _refuse_constant(name: str) -> float:
    message = f"{name} is not a JSON number"
    raise ValueError(message)
