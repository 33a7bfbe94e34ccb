from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.source_evidence import damaged


def good() -> list[Evidence]:
    return []


def bad() -> list[Evidence]:
    return [damaged("ab", "'ab' is damaged"), damaged("cd", "'cd' is missing")]
