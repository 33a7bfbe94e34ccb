"""Dossiers to verdicts: every check of every stage, run on every piece of evidence it names."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from datetime import datetime

from supplychain.core.check import Check, checks_in
from supplychain.core.evidence import Evidence, Gap
from supplychain.core.finding import Finding, Hit, findings_of
from supplychain.core.policy import Policy
from supplychain.core.verdict import Verdict, decide
from supplychain.verify.dossier import Dossier

# Which stage has the checks of which family.
STAGES = {
    "compose": ("CMP",),
    "images": ("IMG", "BLD"),
    "models": ("MDL",),
}


def all_checks() -> tuple[Check, ...]:
    """Return every check of every module of every stage, by id.

    They are found, not listed: a forgotten line in a list would switch a check off silently.

    Raises:
        RuntimeError: two checks share an id or a name, or a stage has one of another's family.
    """
    found = [item for stage in STAGES for item in checks_of(stage)]
    for key in ("id", "name"):
        names = [getattr(item, key) for item in found]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            message = f"check {key} {twice} is declared twice"
            raise RuntimeError(message)
    return tuple(sorted(found, key=lambda item: item.id))


def checks_of(stage: str) -> list[Check]:
    """Return the checks of one stage, importing no other.

    Raises:
        RuntimeError: one of them has a family that is not the stage's.
    """
    found: list[Check] = []
    package = importlib.import_module(f"supplychain.{stage}.checks")
    for module in sorted(item.name for item in pkgutil.iter_modules(package.__path__)):
        found += checks_in(vars(importlib.import_module(f"{package.__name__}.{module}")))
    for item in found:
        if item.family not in STAGES[stage]:
            message = f"check {item.id} does not belong into {package.__name__}"
            raise RuntimeError(message)
    return found


def judge(dossier: Dossier, checks: Sequence[Check], policy: Policy, now: datetime) -> Verdict:
    """Run the checks on a dossier and decide. Pure; a check that raises is a bug of ours."""
    findings: list[Finding] = []
    gaps = list(dossier.gaps)
    for item in checks:
        hits: list[Hit] = []
        for outcome in _run(item, dossier):
            if isinstance(outcome, Gap):
                gaps.append(outcome)
            else:
                hits.append(outcome)
        findings += findings_of(item.id, item.name, item.severity, dossier.subject, hits)
    return decide(
        findings,
        gaps,
        policy,
        now,
        subject=dossier.subject,
        evidence=dossier.evidence(),
    )


def _run(item: Check, dossier: Dossier) -> Iterator[Hit | Gap]:
    for piece in dossier.of(item.on):
        needed = [dossier.joined(kind, piece.link) for kind in item.needs]
        present = [found for found in needed if found is not None]
        if len(present) == len(needed):
            yield from item.run(piece, *present)
        elif not dossier.explains(piece.link):
            yield _missing(item, piece)


def _missing(item: Check, piece: Evidence) -> Gap:
    wanted = ", ".join(kind.__name__ for kind in item.needs)
    return Gap(
        id=item.id,
        wanted=f"{wanted} for '{piece.link or piece.subject.ref}'",
        reason=f"nothing gave what {item.id} {item.name} needs",
        location=getattr(piece, "location", None),
        link=piece.link,
    )
