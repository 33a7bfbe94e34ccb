from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.lock_evidence import steps


def good() -> list[Evidence]:
    return steps(
        "RUN npm ci",
        "RUN uv sync --locked --no-dev",
        "RUN pip install --require-hashes -r requirements.txt",
        "RUN npm run build",
        "RUN apt-get install -y curl",
    )


def bad() -> list[Evidence]:
    return steps(
        "RUN npm install",
        'RUN ["npm", "i", "next@15.5.6"]',
        "RUN uv pip install --system -r requirements.txt",
        "RUN sh -c 'cd web && npm install'",
        "RUN pip install foo>=1",
        "CMD npm install --frozen-lockfile",
    )
