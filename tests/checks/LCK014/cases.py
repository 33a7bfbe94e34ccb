from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.lock_evidence import entry, npm_lock, requirements_lock, with_rules

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def good() -> list[tuple[Evidence, ...]]:
    return with_rules(
        npm_lock({"left-pad": entry()}),
    )


def bad() -> list[tuple[Evidence, ...]]:
    return with_rules(
        npm_lock({"tool": entry("tool", resolved=f"git+ssh://git@github.com/a/tool.git#{COMMIT}")}),
        requirements_lock("tool @ git+https://github.com/a/tool@main"),
        requirements_lock("git+https://github.com/a/tool#egg=tool"),
    )
