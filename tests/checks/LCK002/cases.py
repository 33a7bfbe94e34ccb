from __future__ import annotations

from supplychain.core.evidence import Evidence
from supplychain.core.finding import Location
from supplychain.lockfiles.evidence import MissingLock
from tests.checks.image_evidence import MAKER, NOW
from tests.checks.lock_evidence import LOCK, entry, npm_lock


def missing(path: str, wanted: str, command: str) -> MissingLock:
    return MissingLock(
        subject=LOCK,
        producer=MAKER,
        observed_at=NOW,
        location=Location(path=path, line=1),
        wanted=wanted,
        command=command,
    )


def good() -> list[Evidence]:
    return [npm_lock({"left-pad": entry()})]


def bad() -> list[Evidence]:
    return [
        missing("web/package.json", "package-lock.json", "npm install --package-lock-only"),
        missing("rag/pyproject.toml", "uv.lock", "uv lock"),
    ]
