"""A plan to verdicts: collect, judge, decide, under one clock and one policy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from supplychain.access.environment import Environment
from supplychain.core.verdict import Verdict
from supplychain.verify.collect import collect
from supplychain.verify.discover import all_checks
from supplychain.verify.judge import judge
from supplychain.verify.plan import Target
from supplychain.verify.scans import Scans, image_dossiers


def verdicts_of(
    parts: Iterable[tuple[Environment, Sequence[Target]]],
    images: tuple[Scans, Environment] | None = None,
) -> tuple[Verdict, ...]:
    """Return the verdict on every target and image, by path and ref; each part has its own lock."""
    checks = all_checks()
    dossiers = [
        (dossier, environment)
        for environment, targets in parts
        for dossier in collect(targets, environment)
    ]
    if images is not None:
        scans, environment = images
        dossiers += [(one, environment) for one in image_dossiers(scans, environment)]
    verdicts = [
        judge(dossier, checks, environment.policy, environment.now)
        for dossier, environment in dossiers
    ]
    return tuple(sorted(verdicts, key=_place))


def _place(verdict: Verdict) -> tuple[str, str]:
    subject = verdict.subject
    return (subject.path or "", subject.ref) if subject else ("", "")
