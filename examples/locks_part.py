"""Installs: fixed by a lock, not fixed, and written so that nobody can tell."""

from __future__ import annotations

import shutil
from pathlib import Path

from examples.showing import Demo

HERE = Path(__file__).parent


def show(demo: Demo) -> None:
    """Judge the lock files and install commands of both fleets by themselves."""
    before, after = (
        shutil.copytree(HERE / name, demo.folder / f"installs-{name}")
        for name in ("fleet-before", "fleet")
    )
    demo.run(
        "installs without a lock",
        before,
        *("gate", "--kind", "lockfile"),
        expect=1,
        why="a manifest alone fixes neither versions nor hashes",
        contains=("rag/requirements.txt", "web/package.json"),
    )
    demo.run(
        "locks made by npm and uv",
        after,
        *("gate", "--kind", "lockfile"),
        expect=0,
        why="in sync with their manifests, every entry hashed, known hosts",
    )
    dockerfile = after / "rag" / "Dockerfile"
    dockerfile.write_text(f'{dockerfile.read_text()}ARG INSTALL\nRUN sh -c "$INSTALL"\n')
    demo.run(
        "an install that hides in a variable",
        after,
        *("gate", "rag"),
        expect=3,
        why="what cannot be read is a gap, never a pass",
        contains=("command-unread", "rag/Dockerfile"),
    )
