"""``.dockerignore`` files and path patterns, matched without back-tracking.

Rules: github.com/moby/patternmatcher v0.6.0 (``patternmatcher.go``, ``ignorefile/ignorefile.go``):
the last line that matches a path, or a folder above it, decides; ``!`` takes a path back in; ``**``
spans folders.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Self

from supplychain.formats.text import MalformedError

MAX_PATTERN = 1024  # characters; keeps one match below path length times this
MAX_PATTERNS = 2_000  # lines of one file; real ones have below 200
MAX_PATH = 4_096  # characters; PATH_MAX of Linux

_STAR, _ANY, _FOLDERS, _REST = "star", "any", "folders", "rest"


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of a pattern: a character, a set of characters, or a wildcard."""

    kind: str
    signs: tuple[tuple[str, str], ...] = ()
    negated: bool = False

    def takes(self, sign: str) -> bool:
        """Say whether the step takes one character."""
        if self.kind == _ANY:
            return sign != "/"
        return any(low <= sign <= high for low, high in self.signs) != self.negated


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A pattern over whole paths: ``*`` and ``?`` stay within a folder, ``**`` does not."""

    text: str
    _steps: tuple[_Step, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a pattern.

        Raises:
            MalformedError: it is longer than ``MAX_PATTERN`` or has an open bracket.
        """
        if len(text) > MAX_PATTERN:
            reason = f"has a pattern of more than {MAX_PATTERN} characters"
            raise MalformedError(reason)
        return cls(text, tuple(_steps(text)))

    @property
    def is_literal(self) -> bool:
        """Say whether the pattern has no wildcard."""
        return not any(sign in self.text for sign in "*?[\\")

    def matches(self, path: str) -> bool:
        """Say whether the pattern covers the whole of a path."""
        if len(path) > MAX_PATH:
            return False
        states = self._closed({(0, False)})
        for sign in path:
            states = self._closed(
                {following for state in states for following in self._after(state, sign)}
            )
            if not states:
                return False
        return (len(self._steps), False) in states

    def _closed(self, states: set[tuple[int, bool]]) -> set[tuple[int, bool]]:
        """Add what is reached without a character: wildcards that take nothing."""
        waiting = list(states)
        while waiting:
            number, inside = waiting.pop()
            if inside or number == len(self._steps):
                continue
            if self._steps[number].kind in (_STAR, _FOLDERS, _REST):
                following = (number + 1, False)
                if following not in states:
                    states.add(following)
                    waiting.append(following)
        return states

    def _after(self, state: tuple[int, bool], sign: str) -> list[tuple[int, bool]]:
        number, _ = state
        if number == len(self._steps):
            return []
        step = self._steps[number]
        if step.kind == _REST:
            return [(number, False)]
        if step.kind == _STAR:
            return [(number, False)] if sign != "/" else []
        if step.kind == _FOLDERS:
            stays = [(number, True)]
            return [*stays, (number + 1, False)] if sign == "/" else stays
        return [(number + 1, False)] if step.takes(sign) else []


@dataclass(frozen=True, slots=True)
class Dockerignore:
    """The lines of a ``.dockerignore``, in order: a pattern, and whether it takes back in."""

    patterns: tuple[tuple[PathPattern, bool], ...] = ()

    def excludes(self, path: str) -> bool:
        """Say whether a file is left out of the build context."""
        parts = path.split("/")
        above = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        excluded = False
        for pattern, takes_in in self.patterns:
            if excluded == takes_in and any(pattern.matches(one) for one in above):
                excluded = not takes_in
        return excluded


def read(text: str) -> Dockerignore:
    """Read a ``.dockerignore``.

    Raises:
        MalformedError: a pattern cannot be used, or there are more than ``MAX_PATTERNS``.
    """
    patterns: list[tuple[PathPattern, bool]] = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if line.startswith("#"):
            continue
        word = line.strip()
        takes_in = word.startswith("!")
        word = word.removeprefix("!").strip() if takes_in else word
        if not word:
            if takes_in:
                reason = "has a lone '!'"
                raise MalformedError(reason, line=number)
            continue
        cleaned = posixpath.normpath(word)
        if len(cleaned) > 1:
            cleaned = cleaned.lstrip("/")
        if len(patterns) == MAX_PATTERNS:
            reason = f"has more than {MAX_PATTERNS} patterns"
            raise MalformedError(reason, line=number)
        try:
            patterns.append((PathPattern.parse(cleaned), takes_in))
        except MalformedError as error:
            raise MalformedError(error.reason, line=number) from None
    return Dockerignore(tuple(patterns))


def _steps(text: str) -> list[_Step]:
    steps: list[_Step] = []
    position = 0
    while position < len(text):
        sign = text[position]
        position += 1
        if sign == "*" and text[position : position + 1] == "*":
            position += 1
            if text[position : position + 1] == "/":
                position += 1
            steps.append(_Step(_REST if position >= len(text) else _FOLDERS))
        elif sign == "*":
            steps.append(_Step(_STAR))
        elif sign == "?":
            steps.append(_Step(_ANY))
        elif sign == "[":
            step, position = _set(text, position)
            steps.append(step)
        else:
            if sign == "\\" and position < len(text):
                sign = text[position]
                position += 1
            steps.append(_Step("sign", ((sign, sign),)))
    return steps


def _set(text: str, position: int) -> tuple[_Step, int]:
    """Read a bracket expression; its first sign stands right behind the bracket."""
    negated = text[position : position + 1] == "^"
    position += negated
    ranges: list[tuple[str, str]] = []
    while position < len(text) and (text[position] != "]" or not ranges):
        low = text[position]
        if low == "\\" and position + 1 < len(text):
            position += 1
            low = text[position]
        high = low
        position += 1
        if text[position : position + 1] == "-" and text[position + 1 : position + 2] not in (
            "",
            "]",
        ):
            high = text[position + 1]
            position += 2
        ranges.append((low, high))
    if position >= len(text):
        reason = "has a pattern with an open '['"
        raise MalformedError(reason)
    return _Step("set", tuple(ranges), negated), position + 1
