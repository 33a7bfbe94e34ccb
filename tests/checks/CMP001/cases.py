from __future__ import annotations

from supplychain.compose.evidence import MalformedCompose
from supplychain.core.evidence import Evidence
from supplychain.core.finding import Location
from supplychain.core.subject import Subject, SubjectKind
from tests.checks.image_evidence import MAKER, NOW

COMPOSE = Subject(kind=SubjectKind.COMPOSE, ref="compose.yaml", path="compose.yaml")


def good() -> list[Evidence]:
    return []  # the evidence itself says that the file is malformed


def bad() -> list[Evidence]:
    return [
        MalformedCompose(
            subject=COMPOSE,
            producer=MAKER,
            observed_at=NOW,
            reason=reason,
            at=Location(path="compose.yaml", line=line),
        )
        for line, reason in enumerate(("has no services", "has the key 'web' twice"), 1)
    ]
