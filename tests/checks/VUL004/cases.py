from __future__ import annotations

from supplychain.core.evidence import Evidence
from supplychain.scans.model import Tier
from tests.checks.scan_evidence import misconfiguration, scanned, secret


def good() -> list[Evidence]:
    return [scanned(), scanned(secrets=(secret(),))]


def bad() -> list[Evidence]:
    return [
        scanned(misconfigurations=(misconfiguration(),)),
        scanned(misconfigurations=(misconfiguration(Tier.LOW),)),
    ]
