from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.image_evidence import locked_tag


def good() -> list[Evidence]:
    return [
        locked_tag("node:22"),
        locked_tag("redis:7", current=None),
        locked_tag("old:1", used=False, current="moved"),
    ]


def bad() -> list[Evidence]:
    return [locked_tag("node:22", current="moved"), locked_tag("redis:7", current="moved too")]
