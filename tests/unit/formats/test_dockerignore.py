from __future__ import annotations

import pytest

from supplychain.formats import dockerignore
from supplychain.formats.dockerignore import PathPattern
from supplychain.formats.text import MalformedError


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("a", "a", True),
        ("*.lock", "uv.lock", True),
        ("*.lock", "web/uv.lock", False),
        ("**/*.lock", "web/deep/uv.lock", True),
        ("**/*.lock", "uv.lock", True),
        ("web/**", "web/a/b", True),
        ("web/**", "web", False),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a**b", "a/x/b", True),
        ("?.txt", "a.txt", True),
        ("?.txt", "/.txt", False),
        ("[a-c].txt", "b.txt", True),
        ("[^a-c].txt", "b.txt", False),
        (r"\*.txt", "*.txt", True),
        (r"\*.txt", "a.txt", False),
        ("*", "a/b", False),
        ("packages/*", "packages/own", True),
    ],
)
def test_patterns_match_as_in_patternmatcher(pattern: str, path: str, *, expected: bool) -> None:
    assert PathPattern.parse(pattern).matches(path) is expected


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("node_modules", "node_modules/a/b.js", True),
        ("/package-lock.json", "package-lock.json", True),
        ("package-lock.json", "web/package-lock.json", False),
        ("**/package-lock.json", "web/package-lock.json", True),
        ("*\n!package.json", "package.json", False),
        ("*\n!package.json", "package-lock.json", True),
        ("!a\na", "a", True),
        ("a\n!a/b", "a/b/c", False),
        ("# a\n\n  b/ \n", "b", True),
        ("./a/../b", "b", True),
        ("", "a", False),
    ],
)
def test_the_last_line_that_matches_decides(text: str, path: str, *, expected: bool) -> None:
    assert dockerignore.read(text).excludes(path) is expected


@pytest.mark.parametrize("text", ["[a", "!", "a" * 1025, "a\n" * 2001])
def test_what_cannot_be_used_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        dockerignore.read(text)


def test_stars_do_not_back_track() -> None:
    assert not PathPattern.parse("*a" * 100).matches("a" * 99 + "b")
