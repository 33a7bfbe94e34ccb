from __future__ import annotations

from supplychain.core.evidence import Evidence
from supplychain.core.finding import Location
from supplychain.core.reference import ImageReference
from supplychain.images.evidence import RefusedAnswer
from tests.checks.image_evidence import FILE, MAKER, NOW


def good() -> list[Evidence]:
    return []  # the evidence itself says that the answer was refused


def bad() -> list[Evidence]:
    return [
        RefusedAnswer(
            subject=FILE,
            producer=MAKER,
            observed_at=NOW,
            link=name,
            reference=ImageReference.parse(name),
            reason="sent a body that has another digest",
            location=Location(path=FILE.path, line=line),
        )
        for line, name in enumerate(("node:22", "redis:7"), 1)
    ]
