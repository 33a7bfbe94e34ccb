from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.lock_evidence import SHA256, requirements_lock, with_rules


def good() -> list[tuple[Evidence, ...]]:
    return with_rules(
        requirements_lock(f"leaf==1.0 --hash={SHA256}"),
        requirements_lock(f"leaf===1.0 --hash={SHA256}"),
    )


def bad() -> list[tuple[Evidence, ...]]:
    return with_rules(
        requirements_lock(f"leaf>=1.0 --hash={SHA256}"),
        requirements_lock(f"leaf==1.* --hash={SHA256}"),
        requirements_lock(f"leaf --hash={SHA256}"),
    )
