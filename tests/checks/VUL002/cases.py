from __future__ import annotations

from supplychain.core.evidence import Evidence
from supplychain.scans.model import Tier
from tests.checks.scan_evidence import scanned, vulnerability


def good() -> list[Evidence]:
    return [scanned(), scanned(vulnerabilities=(vulnerability(exploited=True),))]  # said by VUL001


def bad() -> list[Evidence]:
    placed = vulnerability(paths=("app/a/package.json", "app/b/package.json"))
    return [
        scanned(vulnerabilities=(vulnerability(), vulnerability("", tier=Tier.UNKNOWN))),
        scanned(vulnerabilities=(placed,)),
        scanned(vulnerabilities=(vulnerability("CVE-1", tier=Tier.NEGLIGIBLE, fixed=None),)),
    ]
