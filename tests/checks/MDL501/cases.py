from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.source_evidence import refused


def good() -> list[Evidence]:
    return []


def bad() -> list[Evidence]:
    reasons = ("the bytes sent for 'model.gguf' are not those of ab", "a file is called '../x'")
    return [refused(reason) for reason in reasons]
