from __future__ import annotations

from supplychain.core.evidence import Evidence
from supplychain.core.reference import Platform
from tests.checks.image_evidence import lookup, use

ARM = Platform("linux", "arm64")


def good() -> list[tuple[Evidence, ...]]:
    listed, unlocked = use("node:22"), use("redis:7", platform=ARM)
    return [(listed, lookup(listed, locked=True)), (unlocked, lookup(unlocked, locked=False))]


def bad() -> list[tuple[Evidence, ...]]:
    other = (use("node:22", platform=ARM), use("redis:7", platform=ARM, line=2))
    return [(one, lookup(one, locked=True)) for one in other]
