from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.image_evidence import allowed, use


def good() -> list[tuple[Evidence, ...]]:
    hub, port, below = use("node:22"), use("localhost:5000/x"), use("ghcr.io/astral-sh/uv:0.9")
    return [
        (hub, allowed(hub, "docker.io")),
        (port, allowed(port, "localhost")),
        (below, allowed(below, "quay.io", "ghcr.io/astral-sh")),
    ]


def bad() -> list[tuple[Evidence, ...]]:
    evil, beside, alike = (
        use("registry.evil.example/node:22"),
        use("ghcr.io/astral-sh-evil/uv:0.9", line=2),
        use("docker.io.evil.example/library/node:22", line=3),
    )
    return [
        (evil, allowed(evil, "docker.io")),
        (beside, allowed(beside, "ghcr.io/astral-sh")),
        (alike, allowed(alike, "docker.io")),
    ]
