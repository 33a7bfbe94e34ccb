from __future__ import annotations

from supplychain.core.evidence import Evidence
from supplychain.core.finding import Location
from supplychain.images.evidence import MalformedDockerfile
from tests.checks.image_evidence import FILE, MAKER, NOW


def good() -> list[Evidence]:
    return []  # the evidence itself says that the file is malformed


def bad() -> list[Evidence]:
    return [
        MalformedDockerfile(
            subject=FILE,
            producer=MAKER,
            observed_at=NOW,
            reason=reason,
            at=Location(path=FILE.path, line=1),
        )
        for reason in ("has no instructions", "unknown instruction: FORM")
    ]
