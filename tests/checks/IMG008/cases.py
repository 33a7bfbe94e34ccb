from __future__ import annotations

from supplychain.core.evidence import Evidence
from supplychain.core.finding import Location
from supplychain.images.evidence import InvalidReference
from tests.checks.image_evidence import FILE, MAKER, NOW


def good() -> list[Evidence]:
    return []  # the evidence itself says that the word is no reference


def bad() -> list[Evidence]:
    return [
        InvalidReference(
            subject=FILE,
            producer=MAKER,
            observed_at=NOW,
            raw=raw,
            reason=f"'{raw}' is no reference",
            location=Location(path=FILE.path, line=line),
        )
        for line, raw in enumerate(("Node:22", "redis:"), 1)
    ]
