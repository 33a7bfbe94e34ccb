from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.lock_evidence import steps


def good() -> list[Evidence]:
    return steps(
        "RUN uv sync --locked",
        "RUN uv sync",
    )


def bad() -> list[Evidence]:
    return steps(
        "RUN uv sync --frozen",
        "RUN pnpm fetch",
        "RUN composer install",
    )
