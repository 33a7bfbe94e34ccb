"""Image references: refused as people write them, let in pinned and locked."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from examples.registry import MIRRORED, images, moved
from examples.showing import Demo
from tests.simulators.registry import RegistrySimulator

HERE = Path(__file__).parent


def show(demo: Demo) -> None:
    """Gate a fleet before and after it was pinned, with its registry and without."""
    with RegistrySimulator(images()) as registry:
        show_before(demo, registry)
        after = show_after(demo, registry)
    show_without_registry(demo, after)


def copied(demo: Demo, registry: RegistrySimulator, name: str) -> Path:
    """Copy an example and let it reach Docker Hub and ghcr.io through the demo's registry."""
    target = demo.folder / name
    shutil.copytree(HERE / name, target)
    fleet_file = target / "supplychain.toml"
    text = fleet_file.read_text() if fleet_file.exists() else "version = 1\n"
    mirrors = "".join(f'"{host}" = "{registry.url}"\n' for host in MIRRORED)
    fleet_file.write_text(f"{text}\n[registries.mirrors]\n{mirrors}")
    return target


def show_before(demo: Demo, registry: RegistrySimulator) -> None:
    """A fleet as people write it is refused, with file, line and remedy."""
    before = copied(demo, registry, "fleet-before")
    demo.run(
        "a fleet as people write it",
        before,
        "gate",
        expect=1,
        why="tags that move, no digests, no lock",
        contains=(
            "web/Dockerfile:1",
            "'node:latest' follows latest",
            "rag/Dockerfile:3",
            "'python:3.12-slim' is named by tag",
            "compose.yaml:4:12",
            "hint: name a version and its digest",
        ),
    )
    report = json.loads(
        demo.run(
            "the same for machines",
            before,
            "gate",
            "--output",
            "json",
            expect=1,
            why="the report names each finding's place and remedy",
        )
    )
    for subject in report["subjects"]:
        for finding in subject["findings"]:
            if not finding["location"]["line"] or not finding["hint"]:
                sys.exit(f"demo: a finding without line or hint: {finding}")


def show_after(demo: Demo, registry: RegistrySimulator) -> Path:
    """The same fleet, pinned and locked, is let in; a tag that moves is noticed."""
    after = copied(demo, registry, "fleet")
    demo.run(
        "the same fleet, pinned and locked",
        after,
        "gate",
        "--record",
        "--state",
        str(demo.folder / "state"),
        expect=0,
        why="every reference has a digest and is in the lock",
        contains=("pass",),
    )
    demo.run(
        "does the lock still hold?",
        after,
        "lock",
        "--check",
        expect=0,
        why="files, lock and registry agree",
        contains=("pass",),
    )
    registry.shelf.add(moved("library/redis", "8.2-alpine"))
    demo.run(
        "a publisher moves a tag",
        after,
        "lock",
        "--check",
        expect=1,
        why="the tag means something else than what was locked",
        contains=("'docker.io/library/redis:8.2-alpine' moved from",),
    )
    return after


def show_without_registry(demo: Demo, after: Path) -> None:
    """Without a registry the lock is enough; what it does not hold stays open."""
    demo.run(
        "registry off, all in the lock",
        after,
        "gate",
        expect=0,
        why="the lock answers; no socket was opened",
        contains=("pass",),
        sockets=False,
    )
    dockerfile = after / "web" / "Dockerfile"
    pinned = f"busybox:1.37@sha256:{'5' * 64}"
    dockerfile.write_text(f"{dockerfile.read_text()}COPY --from={pinned} /bin/wget /bin/wget\n")
    demo.run(
        "registry off, one reference not in the lock",
        after,
        "gate",
        expect=3,
        why="the missing evidence is a gap, never a pass",
        contains=("gap", "docker.io/library/busybox:1.37", "web/Dockerfile:13"),
    )
