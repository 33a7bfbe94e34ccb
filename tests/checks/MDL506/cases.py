from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.source_evidence import rules, source


def good() -> list[tuple[Evidence, ...]]:
    return [(source(), rules(max_size=1020, max_files=2)), (source(), rules())]


def bad() -> list[tuple[Evidence, ...]]:
    return [(source(), rules(max_size=1019)), (source(), rules(max_files=1))]
