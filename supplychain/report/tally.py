"""A run in numbers and in one sentence, as every report for people words it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from supplychain.core.finding import Severity
from supplychain.core.run import Run
from supplychain.core.subject import SubjectKind
from supplychain.core.verdict import Decision
from supplychain.report.escape import one_line
from supplychain.report.groups import Effect, Entry, entries_of

MAX_REASONS = 4  # reasons for leaving files out that are written out

_KIND_WORDS = {
    SubjectKind.IMAGE: ("image", "images"),
    SubjectKind.DOCKERFILE: ("Dockerfile", "Dockerfiles"),
    SubjectKind.LOCKFILE: ("lock file", "lock files"),
    SubjectKind.COMPOSE: ("compose file", "compose files"),
    SubjectKind.MODEL: ("model", "models"),
    SubjectKind.SCANNER: ("scanner", "scanners"),
    SubjectKind.WORKFLOW: ("workflow", "workflows"),
    SubjectKind.PROJECT: ("project", "projects"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many of what a run has. Only what stands is counted; ``waived`` counts the rest."""

    decision: Decision
    blocking: int
    warnings: int
    infos: int
    gaps: int
    waived: int
    subjects: int
    severities: Mapping[Severity, int]

    @property
    def counts(self) -> str:
        """The counts that are not zero, and of how many subjects."""
        counted = [
            amount(self.blocking, "blocking", "blocking"),
            amount(self.warnings, "warning", "warnings"),
            amount(self.gaps, "gap", "gaps"),
            amount(self.infos, "info", "infos"),
        ]
        named = [text for text in counted if not text.startswith("0 ")] or ["no findings"]
        if self.waived:
            named.append(f"{self.waived} waived")
        return f"{', '.join(named)} in {amount(self.subjects, 'subject', 'subjects')}"


def tally_of(run: Run) -> Tally:
    """Count what a run has."""
    entries = entries_of(run)
    effects = Counter(entry.effect for entry in entries)
    severities = Counter(entry.severity for entry in entries if entry.severity)
    return Tally(
        decision=run.decision,
        blocking=effects[Effect.FAIL],
        warnings=effects[Effect.WARN],
        infos=effects[Effect.INFO],
        gaps=effects[Effect.GAP],
        waived=sum(len(verdict.waived) + len(verdict.waived_gaps) for verdict in run.verdicts),
        subjects=len(run.verdicts),
        severities={severity: severities[severity] for severity in Severity},
    )


def amount(number: int, one: str, many: str) -> str:
    """Return a number with its word."""
    return f"{number:,} {one if number == 1 else many}"


def judged(run: Run) -> str:
    """Return what was judged, by kind: ``3 Dockerfiles, 1 image``."""
    kinds = Counter(verdict.subject.kind for verdict in run.verdicts if verdict.subject)
    named = [amount(kinds[kind], *_KIND_WORDS[kind]) for kind in SubjectKind if kinds[kind]]
    return ", ".join(named) or amount(len(run.verdicts), "subject", "subjects")


def left_out(run: Run) -> str | None:
    """Return what was not judged and why, or ``None`` when nothing was left out."""
    parts = [
        f"{amount(item.count, 'file', 'files')} ({one_line(item.reason)})" for item in run.left_out
    ]
    if len(parts) > MAX_REASONS:
        rest = sum(item.count for item in run.left_out[MAX_REASONS:])
        parts[MAX_REASONS:] = [f"{amount(rest, 'file', 'files')} for other reasons"]
    return ", ".join(parts) or None


def next_step(entries: list[Entry]) -> str | None:
    """Return what helps most with the most urgent entry: a command, or what mends a gap.

    What is only for information asks for nothing.
    """
    urgent = [entry for entry in entries if entry.effect is not Effect.INFO]
    if not urgent:
        return None
    first = min(urgent, key=lambda entry: entry.urgency)
    if first.effect is not Effect.GAP:
        return f"supplychain explain {one_line(first.id)}"
    if first.retryable or not first.hint:
        return "run again"
    return f"{one_line(first.hint)}, then run again"
