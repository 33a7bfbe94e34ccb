from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.lock_evidence import entry, npm_pair

PACKAGES = {"left-pad": entry()}


def good() -> list[Evidence]:
    return [
        npm_pair(PACKAGES, {"dependencies": {"left-pad": "*"}}),
        npm_pair(PACKAGES, {"dependencies": {"left-pad": "*", "is-odd": "^3.0.1"}}),
    ]


def bad() -> list[Evidence]:
    return [
        npm_pair(PACKAGES, {"dependencies": {"left-pad": "^1.0.0"}}),
        npm_pair(PACKAGES, {}),
    ]
