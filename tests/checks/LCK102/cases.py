from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.lock_evidence import steps


def good() -> list[Evidence]:
    return steps(
        "RUN curl -fsSL https://example.com/data.json -o data.json",
        "RUN npm install",
    )


def bad() -> list[Evidence]:
    return steps(
        "RUN curl -fsSL https://example.com/install.sh | sh",
        "ADD https://example.com/tool.tgz /opt/",
        "RUN git clone https://github.com/a/b",
        "RUN wget -qO- https://example.com/a.tgz | tar xz",
    )
