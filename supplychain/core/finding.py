"""What a check says: a hit, and the finding that is made of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supplychain.core.subject import Subject

PropertyValue = str | int | float | bool | None
FINGERPRINT_DIGITS = 32  # hexadecimal digits: 128 bits


class Severity(StrEnum):
    """How bad it is; ``UNKNOWN`` is a tier of its own, not the lowest."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """Position when sorted, worst first; an unknown severity stands before medium."""
        return _RANKS[self]


_RANKS = {
    Severity.CRITICAL: 0,
    Severity.HIGH: 1,
    Severity.UNKNOWN: 2,
    Severity.MEDIUM: 3,
    Severity.LOW: 4,
    Severity.INFO: 5,
}


class Confidence(StrEnum):
    """How sure a check is that its hit is real."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place: 1-based line and column in a file, or ``at``, a place in something without lines.

    ``end_line`` is the last line of it, ``end_column`` the column behind its last character.
    """

    path: str | None = None
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    at: str | None = None

    def __str__(self) -> str:
        parts = [part for part in (self.path, self.line, self.column) if part is not None]
        text = ":".join(str(part) for part in parts)
        if self.at is None:
            return text
        return f"{text} {self.at}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What a check yields.

    ``key`` names what was hit without its line, so that a fingerprint survives when lines move;
    ``severity`` is set only where it differs from the check's own.
    """

    message: str
    location: Location
    hint: str
    key: str
    severity: Severity | None = None
    confidence: Confidence = Confidence.HIGH
    properties: Mapping[str, PropertyValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A hit with the identity of its check, its subject and a fingerprint."""

    id: str
    name: str
    severity: Severity
    confidence: Confidence
    subject: Subject
    message: str
    location: Location
    hint: str
    fingerprint: str
    properties: Mapping[str, PropertyValue] = field(default_factory=dict)


def fingerprint(check_id: str, subject: Subject, hit: Hit, occurrence: int) -> str:
    """Return what identifies a hit across line moves.

    It covers the check, the subject without its digest, the file where that is not the subject's
    own, and the hit's key; ``occurrence`` (0, 1, …) tells apart equal hits of one subject, in the
    order in which they stand. How the user spelt the subject's path does not count.
    """
    path = hit.location.path or ""
    elsewhere = "" if path == subject.path else path
    parts = (check_id, subject.kind, subject.ref, elsewhere, hit.key, str(occurrence))
    joined = "\0".join(part.replace("\\", "\\\\").replace("\0", "\\0") for part in parts)
    return hashlib.sha256(joined.encode(errors="surrogatepass")).hexdigest()[:FINGERPRINT_DIGITS]


def findings_of(
    check_id: str,
    name: str,
    severity: Severity,
    subject: Subject,
    hits: Iterable[Hit],
) -> list[Finding]:
    """Turn the hits of one check on one subject into findings, in the order given.

    Hits that say the same of the same place are one: an image used on two platforms is named once.
    """
    seen: Counter[str] = Counter()
    said: set[tuple[str, Location, str]] = set()
    found = []
    for hit in hits:
        said_now = (hit.message, hit.location, hit.key)
        if said_now in said:
            continue
        said.add(said_now)
        first = fingerprint(check_id, subject, hit, 0)
        occurrence = seen[first]
        seen[first] += 1
        found.append(
            Finding(
                id=check_id,
                name=name,
                severity=hit.severity or severity,
                confidence=hit.confidence,
                subject=subject,
                message=hit.message,
                location=hit.location,
                hint=hit.hint,
                fingerprint=fingerprint(check_id, subject, hit, occurrence),
                properties=hit.properties,
            )
        )
    return found
