"""The images of the demo's registry: names of the real ones, contents made on the spot.

The digests in `examples/fleet` are theirs, the same on every machine. To use that folder with the
real images, remove the digests and run `supplychain lock`.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.simulators.images import SimulatedImage, image

# As Docker Hub and ghcr.io name them; both are one registry here.
VERSIONS = {
    "astral-sh/uv": ("0.9.5", "latest"),
    "docker/dockerfile": ("1.19", "1"),
    "library/caddy": ("2.10-alpine", "latest"),
    "library/node": ("24-alpine3.22", "latest"),
    "library/python": ("3.12-slim-bookworm", "3.12-slim", "3.11-slim"),
    "library/redis": ("8.2-alpine", "7-alpine"),
    "ollama/ollama": ("0.12.6", "latest"),
    "pgvector/pgvector": ("0.8.1-pg17", "pg17"),
}
MIRRORED = ("docker.io", "ghcr.io")


def images() -> Iterator[SimulatedImage]:
    """Yield every image of the demo, for two platforms each."""
    for name, tags in VERSIONS.items():
        for tag in tags:
            yield image(name, tag)


def moved(name: str, tag: str) -> SimulatedImage:
    """Return what the publisher pushes later under a tag of the demo: one layer more."""
    return image(name, tag, layers=3)
