from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.lock_evidence import steps


def good() -> list[Evidence]:
    return steps(
        "RUN npm ci",
        "RUN npm i left-pad",
    )


def bad() -> list[Evidence]:
    return steps(
        "RUN pip install -U pip",
        "RUN npm install -g pnpm@9.0.0",
        "RUN corepack prepare pnpm@latest --activate",
    )
