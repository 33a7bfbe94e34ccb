"""Wildcards of ``${NAME#pattern}``, compared with a matcher that tries everything."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supplychain.formats.wildcard import (
    MAX_PATTERN,
    InvalidPatternError,
    replaced,
    without_prefix,
    without_suffix,
)

PATTERNS = st.text("ab*?.[", max_size=6)
VALUES = st.text("ab.[\n", max_size=8)


def matches(value: str, pattern: str) -> bool:
    """Say whether a pattern without escapes matches the whole value, trying every way."""
    if not pattern:
        return not value
    if pattern[0] == "*":
        return any(matches(value[start:], pattern[1:]) for start in range(len(value) + 1))
    return bool(value) and pattern[0] in ("?", value[0]) and matches(value[1:], pattern[1:])


@pytest.mark.parametrize(
    ("value", "pattern", "shortest", "longest"),
    [
        ("a/b/c", "*/", "b/c", "c"),
        ("a/b/c", "*", "a/b/c", ""),
        ("abc", "?", "bc", "bc"),
        ("abc", "x", "abc", "abc"),
        ("a*c", r"a\*", "c", "c"),
        ("abc", r"a\*", "abc", "abc"),
        ("a?c", r"a\?", "c", "c"),
        ("a\\c", r"a\\", "c", "c"),
        ("a}c", r"a\}", "c", "c"),
        ("a/c", r"a\/", "c", "c"),
        ("", "*", "", ""),
        ("abab", "*b", "ab", ""),
    ],
)
def test_a_prefix_is_taken_away(value: str, pattern: str, shortest: str, longest: str) -> None:
    assert without_prefix(value, pattern, longest=False) == shortest
    assert without_prefix(value, pattern, longest=True) == longest


@settings(deadline=None)
@given(VALUES, PATTERNS)
def test_the_shortest_and_the_longest_prefix(value: str, pattern: str) -> None:
    ends = [end for end in range(len(value) + 1) if matches(value[:end], pattern)]
    for longest, end in ((False, ends[:1]), (True, ends[-1:])):
        expected = value[end[0] :] if end else value
        assert without_prefix(value, pattern, longest=longest) == expected


@settings(deadline=None)
@given(VALUES, PATTERNS)
def test_the_shortest_and_the_longest_suffix(value: str, pattern: str) -> None:
    starts = [start for start in range(len(value) + 1) if matches(value[start:], pattern)]
    for longest, start in ((False, starts[-1:]), (True, starts[:1])):
        expected = value[: start[0]] if start else value
        assert without_suffix(value, pattern, longest=longest) == expected


@settings(deadline=None)
@given(VALUES, PATTERNS, st.booleans())
def test_the_leftmost_longest_match_is_replaced(
    value: str,
    pattern: str,
    every: bool,  # noqa: FBT001 -- drawn by hypothesis
) -> None:
    assert replaced(value, pattern, "X", every=every) == substituted(value, pattern, every=every)


def substituted(value: str, pattern: str, *, every: bool) -> str:
    """Replace as Go's ``regexp.ReplaceAllString`` does, trying every span."""
    spans: list[tuple[int, int]] = []
    start = 0
    while start <= len(value):
        ends = [
            end for end in range(len(value), start - 1, -1) if matches(value[start:end], pattern)
        ]
        if ends and not (ends[0] == start and spans and spans[-1][1] == start):
            spans.append((start, ends[0]))
        start = max(start + 1, ends[0] if ends else 0)
    for start, end in reversed(spans if every else spans[:1]):
        value = f"{value[:start]}X{value[end:]}"
    return value


@pytest.mark.parametrize(
    ("value", "pattern", "text"),
    [
        ("abc", "*", "X"),
        ("", "*", "X"),
        ("abc", "b*", "aX"),
        ("abc", "", "XaXbXcX"),
        ("aab", "a", "XXb"),
        ("xay", "?", "XXX"),
    ],
)
def test_every_match_is_replaced_as_go_does(value: str, pattern: str, text: str) -> None:
    assert replaced(value, pattern, "X", every=True) == text


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"\a", r"invalid escape '\\a'"),
        ("a\\", r"invalid escape '\\'"),
        ("a" * (MAX_PATTERN + 1), "more than 1024 characters"),
    ],
)
def test_a_pattern_that_buildkit_refuses(pattern: str, reason: str) -> None:
    with pytest.raises(InvalidPatternError) as caught:
        without_prefix("a", pattern, longest=True)
    assert reason.replace("\\\\", "\\") in str(caught.value)
    with pytest.raises(InvalidPatternError):
        replaced("a", pattern, "b", every=True)


def test_hostile_patterns_end_soon() -> None:
    value = "a" * 60_000
    assert without_prefix(value, "*a" * 500 + "b", longest=True) == value
    assert without_suffix(value, "b" + "a*" * 500, longest=False) == value
    assert replaced(value, "*a" * 500 + "b", "x", every=True) == value
