from __future__ import annotations

from datetime import date

from supplychain.core.evidence import Evidence
from tests.checks.scan_evidence import ended, scanned, vulnerability


def good() -> list[Evidence]:
    return [scanned(), scanned(vulnerabilities=(vulnerability(),))]


def bad() -> list[Evidence]:
    return [
        scanned(releases=(ended("alpine 3.19", date(2025, 11, 1)),)),
        scanned(releases=(ended("alpine 3.2", date.min), ended("fedora 30", None))),
    ]
