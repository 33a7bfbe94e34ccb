r"""Shell wildcards in ``${NAME#pattern}`` and its kin, matched without back-tracking.

Rules: BuildKit v0.34.2, frontend/dockerfile/shell/lex.go ``convertShellPatternToRegex``: ``*`` and
``?`` only, no bracket expressions, a backslash before ``*``, ``?``, ``\\``, ``}`` or ``/``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MAX_PATTERN = 1024  # characters; keeps matching below value length times this

_ANY = object()
_STAR = object()
_Token = str | object
_Segment = re.Pattern[str]


class InvalidPatternError(ValueError):
    """The pattern has an escape that BuildKit refuses, or is too long."""


def without_prefix(value: str, pattern: str, *, longest: bool) -> str:
    """Return ``value`` without the shortest or longest prefix that matches.

    Raises:
        InvalidPatternError: the pattern cannot be used.
    """
    return _trim(value, _tokens(pattern), longest=longest)


def without_suffix(value: str, pattern: str, *, longest: bool) -> str:
    """Return ``value`` without the shortest or longest suffix that matches.

    Raises:
        InvalidPatternError: the pattern cannot be used.
    """
    return _trim(value[::-1], _tokens(pattern)[::-1], longest=longest)[::-1]


def replaced(value: str, pattern: str, replacement: str, *, every: bool) -> str:
    """Return ``value`` with the first match, or every one, replaced.

    An empty match where another one ended is none (Go, ``regexp.ReplaceAllString``).

    Raises:
        InvalidPatternError: the pattern cannot be used.
    """
    segments = _segments(_tokens(pattern))
    done: list[str] = []
    position = copied = 0
    while position <= len(value):
        span = _search(value, position, segments)
        if span is None:
            break
        start, end = span
        done.append(value[copied:start])
        if end > copied or start == 0:
            done.append(replacement)
        copied, position = end, max(end, position + 1)
        if not every:
            break
    return "".join([*done, value[copied:]])


def _trim(value: str, tokens: Sequence[_Token], *, longest: bool) -> str:
    segments = _segments(tokens)
    first = segments[0].match(value)
    if first is None:
        return value
    end = _end(value, first.end(), segments[1:], longest=longest)
    return value if end is None else value[end:]


def _search(value: str, position: int, segments: Sequence[_Segment]) -> tuple[int, int] | None:
    first = segments[0].search(value, position)
    if first is None:
        return None
    end = _end(value, first.end(), segments[1:], longest=True)
    return None if end is None else (first.start(), end)


def _end(value: str, position: int, rest: Sequence[_Segment], *, longest: bool) -> int | None:
    """Return where a match ends whose first segment ended at ``position``.

    Each star takes as little as it can, so the leftmost place of a segment never hides a later
    match; only the last segment decides between the shortest and the longest.
    """
    for number, segment in enumerate(rest):
        found = segment.search(value, position)
        if found is None:
            return None
        if longest and number == len(rest) - 1:
            return _last_end(value, found, segment)
        position = found.end()
    return position


def _last_end(value: str, found: re.Match[str], segment: _Segment) -> int:
    width = found.end() - found.start()
    for start in range(len(value) - width, found.start(), -1):
        if segment.match(value, start):
            return start + width
    return found.end()


def _segments(tokens: Sequence[_Token]) -> list[_Segment]:
    """Split at the stars; each segment has a fixed width, so its regex cannot back-track."""
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token is _STAR:
            parts.append([])
        else:
            parts[-1].append("." if token is _ANY else re.escape(str(token)))
    return [re.compile("".join(part), re.DOTALL) for part in parts]


def _tokens(pattern: str) -> list[_Token]:
    if len(pattern) > MAX_PATTERN:
        message = f"pattern has more than {MAX_PATTERN} characters"
        raise InvalidPatternError(message)
    tokens: list[_Token] = []
    signs = iter(enumerate(pattern))
    for position, sign in signs:
        if sign == "*":
            tokens.append(_STAR)
        elif sign == "?":
            tokens.append(_ANY)
        elif sign != "\\":
            tokens.append(sign)
        elif pattern[position + 1 : position + 2] not in {"}", "/"}:
            escaped = next(signs, (0, ""))[1]
            if escaped not in {"*", "?", "\\"}:
                message = f"invalid escape '\\{escaped}' in pattern"
                raise InvalidPatternError(message)
            tokens.append(escaped)
    return tokens
