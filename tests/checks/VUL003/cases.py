from __future__ import annotations

from supplychain.core.evidence import Evidence
from supplychain.scans.model import Tier
from tests.checks.scan_evidence import scanned, secret, vulnerability


def good() -> list[Evidence]:
    return [scanned(), scanned(vulnerabilities=(vulnerability(),))]


def bad() -> list[Evidence]:
    return [
        scanned(secrets=(secret(), secret(Tier.HIGH, line=None))),
        scanned(secrets=(secret(Tier.MEDIUM, line=9),)),
    ]
