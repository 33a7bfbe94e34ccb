from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.lock_evidence import steps


def good() -> list[Evidence]:
    return steps(
        "RUN pip install --require-hashes -r requirements.txt",
        "RUN npm install",
    )


def bad() -> list[Evidence]:
    return steps(
        "RUN pip install --trusted-host pypi.internal -r requirements.txt",
        "RUN apt-get install -y --allow-unauthenticated curl",
        "RUN npm ci --strict-ssl=false",
        "RUN curl -k https://example.com/install.sh | sh",
    )
