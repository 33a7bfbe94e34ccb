from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.image_evidence import digest, resolution, use


def good() -> list[tuple[Evidence, ...]]:
    return [(one, resolution(one)) for one in (use("node:22"), use(f"node@{digest('a')}"))]


def bad() -> list[tuple[Evidence, ...]]:
    gone = (use("biuld"), use(f"node:22@{digest('a')}", line=2))
    return [(one, resolution(one, exists=False)) for one in gone]
