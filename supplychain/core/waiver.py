"""Waivers: somebody accepts a finding or a gap, for a reason, until a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fnmatch import fnmatchcase

from supplychain.core.evidence import Gap
from supplychain.core.finding import Finding
from supplychain.core.subject import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """An accepted finding or gap.

    ``check`` is a check's id or name, a gap's id, or a fingerprint; ``subject`` a shell pattern
    over the subject's ref; the waiver counts up to and including the day ``expires`` (UTC).
    """

    check: str
    subject: str
    reason: str
    owner: str
    expires: date

    def is_current(self, now: datetime) -> bool:
        """Say whether the waiver still counts."""
        return now.date() <= self.expires

    def covers(self, item: Finding | Gap, subject: Subject | None) -> bool:
        """Say whether the waiver names this finding or gap on this subject."""
        names = {item.id}
        if isinstance(item, Finding):
            names |= {item.name, item.fingerprint}
        return self.check in names and fnmatchcase(subject.ref if subject else "", self.subject)


def current_waiver(
    waivers: tuple[Waiver, ...], item: Finding | Gap, subject: Subject | None, now: datetime
) -> Waiver | None:
    """Return the waiver that covers ``item`` now, if one does."""
    for waiver in waivers:
        if waiver.is_current(now) and waiver.covers(item, subject):
            return waiver
    return None
