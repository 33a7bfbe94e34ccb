"""A plan to verdicts: collect, judge, decide, under one clock and one policy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from supplychain.access.environment import Environment
from supplychain.core.verdict import Verdict
from supplychain.verify.collect import collect
from supplychain.verify.discover import all_checks
from supplychain.verify.judge import judge
from supplychain.verify.plan import Target


def verdicts_of(
    parts: Iterable[tuple[Environment, Sequence[Target]]],
) -> tuple[Verdict, ...]:
    """Return the verdict on every target, by their paths; each part has its own lock."""
    checks = all_checks()
    verdicts = [
        judge(dossier, checks, environment.policy, environment.now)
        for environment, targets in parts
        for dossier in collect(targets, environment)
    ]
    return tuple(sorted(verdicts, key=_path))


def _path(verdict: Verdict) -> str:
    return verdict.subject.path or "" if verdict.subject else ""
