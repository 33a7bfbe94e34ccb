from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.image_evidence import digest, lookup, use

PIN = digest("a")


def good() -> list[tuple[Evidence, ...]]:
    pinned = [use(f"node:22@{PIN}"), use(f"ghcr.io/a/b@{PIN}")]
    latest = use("node:latest")  # said by IMG002
    return [(one, lookup(one, locked=False)) for one in (*pinned, latest)]


def bad() -> list[tuple[Evidence, ...]]:
    tagged = [use("node:22.12-alpine3.21"), use("127.0.0.1:5000/team/app:1", line=2)]
    return [
        *((one, lookup(one, locked=False)) for one in tagged),
        *((one, lookup(one, locked=True)) for one in [use("redis:7.4", line=3)]),
    ]
