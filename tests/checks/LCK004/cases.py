from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.lock_evidence import entry, npm_lock, read_lock

LOCK_FILE = npm_lock({"left-pad": entry()}).lock


def good() -> list[Evidence]:
    return [read_lock(LOCK_FILE)]


def bad() -> list[Evidence]:
    return [
        read_lock(LOCK_FILE, others=("bun.lock",)),
        read_lock(LOCK_FILE, others=("pnpm-lock.yaml", "yarn.lock")),
    ]
