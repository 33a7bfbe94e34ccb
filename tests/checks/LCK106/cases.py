from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.lock_evidence import steps


def good() -> list[Evidence]:
    return steps(
        "RUN apt-get install -y curl=7.88.1-10",
        "RUN apk add --no-cache curl=8.12.1-r0",
    )


def bad() -> list[Evidence]:
    return steps(
        "RUN apt-get install -y curl",
        "RUN apk add --no-cache 'curl~=8'",
        "RUN dnf install -y git",
    )
