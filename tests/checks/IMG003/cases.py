from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.image_evidence import digest, lookup, resolution, use


def good() -> list[tuple[Evidence, ...]]:
    known, unknown, tagged = use("node:22"), use("gone:1"), use("caddy:2")
    return [
        (tagged, lookup(tagged, locked=False, lock_exists=False), resolution(tagged)),
        (known, lookup(known, locked=True), resolution(known)),
        (unknown, lookup(unknown, locked=False), resolution(unknown, exists=False)),
    ]


def bad() -> list[tuple[Evidence, ...]]:
    new, first = use("redis:7.4"), use(f"caddy:2@{digest('a')}", line=2)
    return [
        (new, lookup(new, locked=False), resolution(new)),
        (first, lookup(first, locked=False, lock_exists=False), resolution(first)),
    ]
