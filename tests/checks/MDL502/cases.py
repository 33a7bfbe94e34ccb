from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.source_evidence import missing


def good() -> list[Evidence]:
    return []


def bad() -> list[Evidence]:
    return [missing("'example/modle' does not exist"), missing("no file matches '*.gguf'")]
