"""What is seen in a lock file, and in the commands of a Dockerfile, as inspect items. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from supplychain.core.evidence import Evidence, Gap
from supplychain.lockfiles import rules
from supplychain.lockfiles.commands.model import InstallCommand
from supplychain.lockfiles.evidence import LockRules, MalformedLock, MissingLock, ReadLock
from supplychain.lockfiles.model import Format, Level, Problem, Source, Sync
from supplychain.lockfiles.names import lock_format
from supplychain.lockfiles.positions import line_of

Item = Mapping[str, Any]


def lockfile_item(name: str, pieces: Iterable[Evidence | Gap]) -> Item:
    """Return what the collector found about one lock, or about a manifest without one."""
    found = list(pieces)
    accepted = next((one for one in found if isinstance(one, LockRules)), None)
    for piece in found:
        if isinstance(piece, MissingLock):
            return _bare(_format(name, piece.wanted), [_reason("missing-lock", piece)])
        if isinstance(piece, MalformedLock):
            at = piece.at.at or (f"line {piece.at.line}" if piece.at.line else None)
            malformed = {"malformed": {"reason": piece.reason, "at": at}}
            return {**_bare(_format(name, name), [_reason(piece.code, piece)]), **malformed}
        if isinstance(piece, ReadLock) and accepted is not None:
            return _read(piece, accepted)
    return _bare(_format(name, name), [])


def commands_item(commands: Iterable[InstallCommand]) -> list[Item]:
    """Return commands as they are listed under a Dockerfile, worst first."""
    ordered = sorted(commands, key=lambda one: (one.verdict.rank, one.line))
    return [
        {
            "line": one.line,
            "text": one.text,
            "ecosystem": one.ecosystem,
            "verdict": one.verdict.value,
            "reason": one.reason,
        }
        for one in ordered
    ]


def problems_of(read: ReadLock, accepted: LockRules) -> Iterator[Problem]:
    """Yield every problem of a lock: by its reader, by the comparison, by the rules on entries."""
    yield from read.lock.problems
    yield from read.comparison.problems
    yield from chain.from_iterable(rule(read.lock, accepted) for rule in rules.ALL)
    for other in read.others:
        yield Problem(
            code="multiple-lockfiles",
            level=Level.BLOCKING,
            name=other,
            message=other,
            hint="",
            line=1,
        )


def _read(read: ReadLock, accepted: LockRules) -> Item:
    counts: dict[str, int] = {}
    firsts: dict[str, Problem] = {}
    for problem in problems_of(read, accepted):
        counts[problem.code] = counts.get(problem.code, 0) + 1
        firsts.setdefault(problem.code, problem)
    ordered = sorted(firsts.values(), key=lambda one: (one.level.rank, one.code))
    return {
        "format": read.lock.format.value,
        "version": read.lock.version,
        "manifest": read.manifest,
        "sync": read.comparison.sync.value,
        "entries": sum(entry.source is not Source.OWN for entry in read.lock.entries),
        "reasons": [
            {
                "code": one.code,
                "level": one.level.value,
                "count": counts[one.code],
                "first": {
                    "name": one.name or None,
                    "line": one.line or line_of(read.lock, one.place),
                },
            }
            for one in ordered
        ],
    }


def _reason(code: str, piece: MissingLock | MalformedLock) -> Item:
    line = piece.at.line if isinstance(piece, MalformedLock) else piece.location.line
    return {
        "code": code,
        "level": Level.BLOCKING.value,
        "count": 1,
        "first": {"name": None, "line": line},
    }


def _bare(written: Format | None, reasons: list[Item]) -> Item:
    return {
        "format": written.value if written else None,
        "version": None,
        "manifest": None,
        "sync": Sync.UNDECIDABLE.value,
        "entries": None,
        "reasons": reasons,
    }


def _format(name: str, wanted: str) -> Format | None:
    """Return the format of a lock by its own name, else by that of the lock that is missing."""
    return lock_format(name) or lock_format(wanted)
