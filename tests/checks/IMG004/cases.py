from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.image_evidence import digest, lookup, use


def good() -> list[tuple[Evidence, ...]]:
    equal, tagged, new = use(f"node:22@{digest('locked')}"), use("node:22"), use("redis:7")
    return [
        (equal, lookup(equal, locked=True)),
        (tagged, lookup(tagged, locked=True)),
        (new, lookup(new, locked=False)),
    ]


def bad() -> list[tuple[Evidence, ...]]:
    other = [use(f"node:22@{digest('other')}"), use(f"redis:7@{digest('other')}", line=2)]
    return [(one, lookup(one, locked=True)) for one in other]
