from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.source_evidence import source


def good() -> list[Evidence]:
    return [source(), source(scanned=None), source(issues=(("other.bin", "unsafe"),))]


def bad() -> list[Evidence]:
    unsafe, odd = ("config.json", "unsafe"), ("model.safetensors", "queued")
    return [source(issues=(unsafe, odd)), source(scanned=False)]
