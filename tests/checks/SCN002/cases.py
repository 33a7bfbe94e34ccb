from __future__ import annotations

from supplychain.core.evidence import Evidence
from supplychain.scans.model import Tool
from tests.checks.scan_evidence import scan_file


def good() -> list[Evidence]:
    return [scan_file(None), scan_file("0.74.0"), scan_file("0.69.4", Tool.GRYPE)]


def bad() -> list[Evidence]:
    return [scan_file("0.69.4"), scan_file("v0.69.6")]
