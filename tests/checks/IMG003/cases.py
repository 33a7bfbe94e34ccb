from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.image_evidence import lookup, resolution, use


def good() -> list[tuple[Evidence, ...]]:
    known, unknown = use("node:22"), use("gone:1")
    return [
        (known, lookup(known, locked=True), resolution(known)),
        (unknown, lookup(unknown, locked=False), resolution(unknown, exists=False)),
    ]


def bad() -> list[tuple[Evidence, ...]]:
    new, first = use("redis:7.4"), use("caddy:2", line=2)
    return [
        (new, lookup(new, locked=False), resolution(new)),
        (first, lookup(first, locked=False, lock_exists=False), resolution(first)),
    ]
