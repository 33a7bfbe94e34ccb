"""The findings and gaps of a run, grouped by what one action would mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from supplychain.core.evidence import Gap
from supplychain.core.finding import Finding, Location, Severity
from supplychain.core.run import Run
from supplychain.core.subject import Subject
from supplychain.core.verdict import Verdict
from supplychain.core.waiver import Waiver
from supplychain.report.escape import MAX_PLACE, line_start, one_line


class Effect(StrEnum):
    """What a finding or a gap does to the decision; the value is the word that people read."""

    FAIL = "fail"
    GAP = "gap"
    WARN = "warn"
    INFO = "info"


_ORDER = {effect: position for position, effect in enumerate(Effect)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One finding or gap: its place, falling back on its subject, and what is wrong there.

    Of a gap, ``message`` is what was wanted and ``reason`` why it could not be had.
    """

    effect: Effect
    id: str
    name: str | None
    severity: Severity | None
    subject: Subject | None
    location: Location
    message: str
    hint: str | None
    reason: str | None = None
    required: bool = True
    retryable: bool = False

    @property
    def place(self) -> str:
        """The place for people: ``path:line:column``, or the subject where there is no path."""
        return place(self.location, self.subject)

    @property
    def urgency(self) -> tuple[int, bool, int]:
        """What it is sorted by: what blocks, required gaps, other gaps, warnings, the rest."""
        rank = self.severity.rank if self.severity else 0
        return _ORDER[self.effect], not self.required, rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Entries of one id that the same hint mends, in run order.

    ``one_reason`` says that all of them have the same reason, so that it need be told only once;
    ``kin`` counts the entries of all groups of this id.
    """

    entries: tuple[Entry, ...]
    one_reason: bool
    kin: int

    @property
    def worst(self) -> Entry:
        """The entry that stands for the group."""
        return min(self.entries, key=lambda entry: entry.urgency)

    @property
    def title(self) -> str:
        """The id, with the name where it has one."""
        return one_line(" ".join(part for part in (self.worst.id, self.worst.name) if part))

    @property
    def remarks(self) -> tuple[str, ...]:
        """The severity of a finding; of a gap the reason if all share it, and what it does."""
        if self.worst.severity:
            informs = self.worst.effect is Effect.INFO
            return () if informs else (self.worst.severity.value,)
        remarks = [one_line(self.worst.reason)] if self.one_reason and self.worst.reason else []
        if not self.worst.required:
            remarks.append("not required")
        if all(entry.retryable for entry in self.entries):
            remarks.append("may pass when tried again")
        return tuple(remarks)

    def message_of(self, entry: Entry) -> str:
        """Return what is wrong at one entry, safe to print; without a reason that all share."""
        if entry.reason is None or self.one_reason:
            return one_line(entry.message)
        return f"{one_line(entry.message)}: {one_line(entry.reason)}"

    @property
    def hint(self) -> str | None:
        """The one action, safe to print."""
        return one_line(self.worst.hint) if self.worst.hint else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A finding or gap that a waiver covers, by the place and the id that people know it by."""

    place: str
    id: str
    waiver: Waiver


def entries_of(run: Run) -> list[Entry]:
    """Return all findings and gaps that stand, in run order.

    What would read the same, as a finding on each of two platforms, is one entry.
    """
    found: dict[Hashable, Entry] = {}
    for verdict in run.verdicts:
        for entry in _entries(verdict):
            found.setdefault(_identity(entry), entry)
    return list(found.values())


def groups_of(run: Run) -> list[Group]:
    """Return the groups: what blocks, then gaps, then warnings, the worst first.

    Among equals the id with the most entries comes first, and groups of one id stand together.
    """
    members: dict[tuple[Effect, bool, str, str | None], list[Entry]] = {}
    sizes: Counter[tuple[Effect, bool, str]] = Counter()
    for entry in entries_of(run):
        kin = (entry.effect, entry.required, entry.id)
        members.setdefault((*kin, entry.hint), []).append(entry)
        sizes[kin] += 1
    groups = [_group(entries, sizes[key[:3]]) for key, entries in members.items()]
    return sorted(groups, key=_group_order)


def waived_of(run: Run) -> list[Accepted]:
    """Return all findings and gaps that somebody waived, in run order."""
    found = []
    for verdict in run.verdicts:
        for finding in verdict.waived:
            where = place(finding.finding.location, verdict.subject)
            found.append(Accepted(place=where, id=finding.finding.id, waiver=finding.waiver))
        for gap in verdict.waived_gaps:
            where = place(gap.gap.location or Location(), verdict.subject)
            found.append(Accepted(place=where, id=gap.gap.id, waiver=gap.waiver))
    return found


def place(location: Location, subject: Subject | None) -> str:
    """Return a place for people, safe to begin a line with."""
    named = location.path or ((subject.path or subject.ref) if subject else "") or "the run"
    numbers = [str(number) for number in (location.line, location.column) if number]
    text = ":".join([one_line(named, MAX_PLACE), *(numbers if location.path else [])])
    if location.at and location.at != named:
        text = f"{text} {one_line(location.at, MAX_PLACE)}"
    return line_start(text)


def _identity(entry: Entry) -> Hashable:
    """Return what tells an entry from others; the subject does only where no file is named."""
    subject = None if entry.location.path else entry.subject
    return entry.id, subject, entry.location, entry.message, entry.reason


def _entries(verdict: Verdict) -> Iterator[Entry]:
    blocking = {finding.fingerprint for finding in verdict.blocking}
    for finding in verdict.findings:
        yield _of_finding(finding, blocks=finding.fingerprint in blocking)
    for gap in verdict.gaps:
        yield _of_gap(gap, verdict.subject)


def _of_finding(finding: Finding, *, blocks: bool) -> Entry:
    informs = finding.severity is Severity.INFO
    return Entry(
        effect=Effect.FAIL if blocks else Effect.INFO if informs else Effect.WARN,
        id=finding.id,
        name=finding.name,
        severity=finding.severity,
        subject=finding.subject,
        location=finding.location,
        message=finding.message,
        hint=finding.hint,
    )


def _of_gap(gap: Gap, subject: Subject | None) -> Entry:
    return Entry(
        effect=Effect.GAP,
        id=gap.id,
        name=None,
        severity=None,
        subject=subject,
        location=gap.location or Location(),
        message=gap.wanted,
        reason=gap.reason,
        hint=gap.hint,
        required=gap.required,
        retryable=gap.retryable,
    )


def _group(entries: list[Entry], kin: int) -> Group:
    reasons = {entry.reason for entry in entries}
    return Group(entries=tuple(entries), one_reason=len(reasons) == 1, kin=kin)


def _group_order(group: Group) -> tuple[tuple[int, bool, int], int, str, int]:
    return group.worst.urgency, -group.kin, group.worst.id, -len(group.entries)
