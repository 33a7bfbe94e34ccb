"""Lines of entries, searched in the text only when a problem has to be shown.

No parser of JSON or TOML tells lines; the formats write one entry a block, so its first line is
found by its key. A file written otherwise gives no line, never a wrong decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice

from supplychain.core.finding import Hit, Location, Severity
from supplychain.formats.text import printable
from supplychain.lockfiles.model import Format, Level, LockFile, Problem

MAX_SHOWN = 50  # problems of one code shown singly; the others are counted in one line

_NPM_KEY = re.compile(r'^[ \t]*"((?:[^"\\\n]|\\.)*+)"[ \t]*:[ \t]*\{', re.MULTILINE)
_TOML_TABLE = re.compile(r"^\[\[package\]\][ \t\r]*$", re.MULTILINE)
_SEVERITIES = {Level.WARN: Severity.MEDIUM, Level.INFO: Severity.INFO}


def line_of(lock: LockFile, place: str | None) -> int | None:
    """Return the 1-based line where an entry begins, ``None`` where it cannot be told."""
    return None if place is None else _lines(lock.text, lock.format).get(place)


def located(problem: Problem, lock: LockFile, path: str) -> Location:
    """Return where a problem is shown: at its line, else at its entry's name."""
    line = problem.line or line_of(lock, problem.place)
    return Location(path=path, line=line, at=None if line else printable(problem.name, 120))


def hits_of(problems: Iterable[Problem], lock: LockFile, path: str) -> Iterator[Hit]:
    """Yield a hit for each problem, and one more for those beyond ``MAX_SHOWN`` of a code."""
    counts: dict[str, int] = {}
    beyond: dict[str, Problem] = {}
    for problem in problems:
        counts[problem.code] = counts.get(problem.code, 0) + 1
        if counts[problem.code] > MAX_SHOWN:
            beyond.setdefault(problem.code, problem)
            continue
        yield Hit(
            message=problem.message,
            location=located(problem, lock, path),
            hint=problem.hint,
            key=f"{problem.code}\0{problem.name}\0{problem.place or ''}",
            severity=_SEVERITIES.get(problem.level),
            properties={"reason": problem.code, "package": problem.name or None},
        )
    for code, problem in beyond.items():
        yield Hit(
            message=f"{counts[code] - MAX_SHOWN} more entries with the reason '{code}'",
            location=Location(path=path, line=1),
            hint=problem.hint,
            key=f"{code}\0more",
            severity=_SEVERITIES.get(problem.level),
            properties={"reason": code, "count": counts[code] - MAX_SHOWN},
        )


@lru_cache(maxsize=2)
def _lines(text: str, written: Format) -> Mapping[str, int]:
    if written is Format.NPM:
        return _numbered(((m[1], m.start(1)) for m in _NPM_KEY.finditer(text)), text)
    if written is Format.UV:
        tables = islice(_TOML_TABLE.finditer(text), None)
        return _numbered(((str(n), m.start()) for n, m in enumerate(tables)), text)
    return {}


def _numbered(found: Iterable[tuple[str, int]], text: str) -> dict[str, int]:
    """Return the line of each first occurrence, counting line breaks once over the text."""
    lines: dict[str, int] = {}
    line, counted = 1, 0
    for key, position in found:
        line += text.count("\n", counted, position)
        counted = position
        lines.setdefault(key, line)
    return lines
