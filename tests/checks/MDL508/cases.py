from __future__ import annotations

from supplychain.core.digest import Digest
from supplychain.core.evidence import Evidence
from supplychain.core.finding import Location
from supplychain.models.source import LockedModelCheck
from tests.checks.image_evidence import MAKER, NOW
from tests.checks.source_evidence import MODEL, REFERENCE

OLD, NEW = Digest.of(b"old"), Digest.of(b"new")


def beside(found: Digest) -> LockedModelCheck:
    return LockedModelCheck(
        subject=MODEL,
        producer=MAKER,
        observed_at=NOW,
        locked=OLD,
        found=found,
        location=Location(at=REFERENCE),
    )


def good() -> list[Evidence]:
    return [beside(OLD)]


def bad() -> list[Evidence]:
    return [beside(NEW)]
