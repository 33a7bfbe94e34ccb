from __future__ import annotations

from supplychain.core.evidence import Evidence
from supplychain.scans.model import Tier
from tests.checks.scan_evidence import scanned, vulnerability


def good() -> list[Evidence]:
    return [scanned(), scanned(vulnerabilities=(vulnerability(),))]


def bad() -> list[Evidence]:
    medium = vulnerability("CVE-2023-4863", tier=Tier.MEDIUM, package="libwebp", exploited=True)
    unfixed = vulnerability("CVE-2024-1", tier=Tier.UNKNOWN, fixed=None, exploited=True)
    return [
        scanned(vulnerabilities=(vulnerability(), medium)),
        scanned(vulnerabilities=(medium, unfixed)),
    ]
