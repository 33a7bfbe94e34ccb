from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.image_evidence import digest, lookup, use


def good() -> list[tuple[Evidence, ...]]:
    named = [use("node:22"), use(f"node:latest@{digest('a')}"), use(f"node@{digest('b')}")]
    return [(one, lookup(one, locked=False)) for one in named]


def bad() -> list[tuple[Evidence, ...]]:
    floating = [use("node:latest"), use("ollama/ollama", line=2), use("localhost:5000/x", line=3)]
    return [(one, lookup(one, locked=False)) for one in floating]
