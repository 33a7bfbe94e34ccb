from __future__ import annotations

from supplychain.core.evidence import Evidence
from supplychain.core.finding import Location
from supplychain.lockfiles.evidence import MalformedLock, MissingLock
from tests.checks.image_evidence import MAKER, NOW
from tests.checks.lock_evidence import LOCK


def malformed(reason: str, code: str, line: int) -> MalformedLock:
    return MalformedLock(
        subject=LOCK,
        producer=MAKER,
        observed_at=NOW,
        reason=reason,
        at=Location(path=LOCK.path, line=line),
        code=code,
    )


def good() -> list[Evidence]:
    return [
        MissingLock(
            subject=LOCK,
            producer=MAKER,
            observed_at=NOW,
            location=Location(path="web/package.json", line=1),
            wanted="package-lock.json",
            command="npm install",
        )
    ]


def bad() -> list[Evidence]:
    return [
        malformed("is not JSON: Expecting value", "unparseable", 7),
        malformed("holds the conflict mark '<<<<<<< HEAD'", "merge-conflict", 12),
    ]
