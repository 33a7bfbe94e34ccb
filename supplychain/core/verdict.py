"""The decision on one subject and on a run. Pure: everything it depends on is an argument."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from supplychain.core.evidence import Evidence, Gap, Producer
from supplychain.core.finding import Finding
from supplychain.core.policy import Policy
from supplychain.core.subject import Subject
from supplychain.core.waiver import Waiver, current_waiver


class Decision(StrEnum):
    """The three answers."""

    PASS = "pass"  # noqa: S105 -- an answer, no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaivedFinding:
    """A finding that a waiver covers; kept and counted, never dropped."""

    finding: Finding
    waiver: Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class WaivedGap:
    """A gap that a waiver covers."""

    gap: Gap
    waiver: Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSummary:
    """What of a piece of evidence goes into records: its kind, producer, digest and time."""

    kind: str
    producer: Producer
    observed_at: datetime
    digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The decision on one subject, with everything it rests on.

    ``findings`` are those nobody waived, worst first; ``blocking`` those of them that reject.
    """

    subject: Subject | None
    decision: Decision
    findings: tuple[Finding, ...]
    blocking: tuple[Finding, ...]
    waived: tuple[WaivedFinding, ...]
    gaps: tuple[Gap, ...]
    waived_gaps: tuple[WaivedGap, ...]
    evidence: tuple[EvidenceSummary, ...]
    policy_name: str
    policy_digest: str
    at: datetime


def decide(
    findings: Iterable[Finding],
    gaps: Iterable[Gap],
    policy: Policy,
    now: datetime,
    *,
    subject: Subject | None = None,
    evidence: Iterable[Evidence] = (),
) -> Verdict:
    """Decide about one subject.

    Any finding that blocks and no current waiver covers means fail; else any required gap that no
    waiver covers means inconclusive; else pass. ``subject`` defaults to that of the first finding.
    """
    found = sorted(findings, key=_finding_order)
    subject = subject or (found[0].subject if found else None)
    standing: list[Finding] = []
    waived: list[WaivedFinding] = []
    for finding in found:
        waiver = current_waiver(policy.waivers, finding, subject, now)
        if waiver is None:
            standing.append(finding)
        else:
            waived.append(WaivedFinding(finding=finding, waiver=waiver))
    open_gaps: list[Gap] = []
    waived_gaps: list[WaivedGap] = []
    for gap in sorted(gaps, key=_gap_order):
        judged = replace(gap, required=gap.required and policy.requires(gap.id))
        waiver = current_waiver(policy.waivers, judged, subject, now)
        if waiver is None:
            open_gaps.append(judged)
        else:
            waived_gaps.append(WaivedGap(gap=judged, waiver=waiver))
    blocking = tuple(finding for finding in standing if policy.blocks(finding))
    return Verdict(
        subject=subject,
        decision=_decision(blocking, open_gaps),
        findings=tuple(standing),
        blocking=blocking,
        waived=tuple(waived),
        gaps=tuple(open_gaps),
        waived_gaps=tuple(waived_gaps),
        evidence=_summaries(evidence),
        policy_name=policy.name,
        policy_digest=str(policy.digest),
        at=now,
    )


def overall(verdicts: Sequence[Verdict]) -> Decision:
    """Decide about a run: any fail is fail, else any inconclusive is inconclusive, else pass.

    Raises:
        ValueError: there is no verdict; a run that judged nothing has no decision.
    """
    if not verdicts:
        message = "a run without verdicts has no decision"
        raise ValueError(message)
    decisions = {verdict.decision for verdict in verdicts}
    for decision in (Decision.FAIL, Decision.INCONCLUSIVE):
        if decision in decisions:
            return decision
    return Decision.PASS


def _decision(blocking: Sequence[Finding], gaps: Sequence[Gap]) -> Decision:
    if blocking:
        return Decision.FAIL
    if any(gap.required for gap in gaps):
        return Decision.INCONCLUSIVE
    return Decision.PASS


def _summaries(evidence: Iterable[Evidence]) -> tuple[EvidenceSummary, ...]:
    summaries = {
        EvidenceSummary(
            kind=type(piece).__name__,
            producer=piece.producer,
            observed_at=piece.observed_at,
            digest=str(piece.digest) if piece.digest else None,
        )
        for piece in evidence
    }
    return tuple(sorted(summaries, key=_summary_order))


def _summary_order(one: EvidenceSummary) -> tuple[str, str, str, str, datetime]:
    producer = one.producer
    return one.kind, producer.name, producer.version, one.digest or "", one.observed_at


def _finding_order(finding: Finding) -> tuple[int, str, str, int, int, str]:
    place = finding.location
    path, line, column = place.path or "", place.line or 0, place.column or 0
    return finding.severity.rank, path, finding.id, line, column, finding.fingerprint


def _gap_order(gap: Gap) -> tuple[str, str, int, str, str]:
    place = gap.location
    path, line = (place.path or "", place.line or 0) if place else ("", 0)
    return gap.id, path, line, gap.wanted, gap.reason
