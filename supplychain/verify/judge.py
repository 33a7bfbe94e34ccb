"""Dossiers to verdicts: every check of every stage, run on every piece of evidence it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from supplychain.core.check import Check
from supplychain.core.evidence import Evidence, Gap
from supplychain.core.finding import Finding, Hit, findings_of
from supplychain.core.policy import Policy
from supplychain.core.verdict import Verdict, decide
from supplychain.verify.dossier import Dossier


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
