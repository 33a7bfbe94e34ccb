"""Values of core, made for its tests: only what a test cares about is spelt out."""

from __future__ import annotations

from datetime import UTC, date, datetime

from supplychain.core.digest import Digest
from supplychain.core.evidence import Gap, Producer
from supplychain.core.finding import Finding, Hit, Location, Severity, findings_of
from supplychain.core.policy import Policy
from supplychain.core.subject import Subject, SubjectKind
from supplychain.core.waiver import Waiver

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
TOOL = Producer(name="supplychain", version="1")
WEB = Subject(kind=SubjectKind.DOCKERFILE, ref="web/Dockerfile", path="web/Dockerfile")
POLICY = Policy(name="test", digest=Digest.of(b"test"))


def hit(key: str = "key", *, line: int = 1, path: str | None = "web/Dockerfile") -> Hit:
    """Return a hit in a file."""
    return Hit(message="m", location=Location(path=path, line=line), hint="h", key=key)


def finding(
    severity: Severity = Severity.HIGH,
    *,
    check: str = "IMG001",
    key: str = "key",
    subject: Subject = WEB,
) -> Finding:
    """Return a finding of one check."""
    (found,) = findings_of(check, "image-not-pinned", severity, subject, [hit(key)])
    return found


def gap(gap_id: str = "image-unresolved", *, required: bool = True) -> Gap:
    """Return a gap."""
    return Gap(id=gap_id, wanted="w", reason="r", required=required)


def waiver(check: str, *, subject: str = "*", expires: date = date(2026, 12, 31)) -> Waiver:
    """Return a waiver."""
    return Waiver(check=check, subject=subject, reason="r", owner="o", expires=expires)
