"""The main job, on real input: a fleet is refused, pinned, locked and let in.

Runs the installed `supplychain` command against a registry on this machine, shows what it prints,
and stops at the first answer that is not the expected one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from examples.registry import MIRRORED, images, moved  # noqa: E402 -- found beside this file
from tests.simulators.registry import RegistrySimulator  # noqa: E402

SECONDS = 60  # for one command
SHOWN_LINES = 24  # lines of one command's output

# Ends the process with 99 at the first attempt to reach the network.
NO_SOCKETS = """
import os, sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        os.write(2, f"{event} {arguments}".encode())
        os._exit(99)
sys.addaudithook(refuse)
from supplychain.cli import run
sys.exit(run(sys.argv[1:]))
"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the closing table."""

    what: str
    command: str
    exit_code: int
    why: str


class Demo:
    """Runs commands in a folder of its own and keeps what came of them."""

    def __init__(self, folder: Path, registry: RegistrySimulator) -> None:
        self.folder = folder
        self.registry = registry
        self.rows: list[Row] = []

    def fleet(self, name: str) -> Path:
        """Copy an example and let it reach Docker Hub and ghcr.io through the demo's registry."""
        target = self.folder / name
        shutil.copytree(HERE / name, target)
        fleet_file = target / "supplychain.toml"
        text = fleet_file.read_text() if fleet_file.exists() else "version = 1\n"
        mirrors = "".join(f'"{host}" = "{self.registry.url}"\n' for host in MIRRORED)
        fleet_file.write_text(f"{text}\n[registries.mirrors]\n{mirrors}")
        return target

    def run(
        self,
        what: str,
        folder: Path,
        *arguments: str,
        expect: int,
        why: str,
        contains: tuple[str, ...] = (),
        sockets: bool = True,
    ) -> str:
        """Run one command, show it, and check its exit code and what it says."""
        print(f"\n## {what}\n$ supplychain {' '.join(arguments)}")
        program = ["-m", "supplychain"] if sockets else ["-c", NO_SOCKETS]
        finished = subprocess.run(  # noqa: S603 -- our own command
            [sys.executable, *program, *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            env={key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")},
        )
        lines = finished.stdout.splitlines()
        print("\n".join([*lines[:SHOWN_LINES], *(["…"] if len(lines) > SHOWN_LINES else [])]))
        print(finished.stderr, end="")
        print(f"exit code {finished.returncode}")
        if finished.returncode != expect:
            sys.exit(f"demo: exit code {finished.returncode}, where {expect} was expected")
        for text in contains:
            if text not in finished.stdout:
                sys.exit(f"demo: {text!r} is missing in the output above")
        self.rows.append(
            Row(what=what, command=arguments[0], exit_code=finished.returncode, why=why)
        )
        return finished.stdout


def main() -> None:
    """Run the demo."""
    with tempfile.TemporaryDirectory(prefix="supplychain-demo-") as folder:
        with RegistrySimulator(images()) as registry:
            demo = Demo(Path(folder).resolve(), registry)
            show_before(demo)
            after = show_after(demo)
        show_without_registry(demo, after)
        print_table(demo.rows)


def show_before(demo: Demo) -> None:
    """A fleet as people write it is refused, with file, line and remedy."""
    before = demo.fleet("fleet-before")
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


def show_after(demo: Demo) -> Path:
    """The same fleet, pinned and locked, is let in; a tag that moves is noticed."""
    after = demo.fleet("fleet")
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
    demo.registry.shelf.add(moved("library/redis", "8.2-alpine"))
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


def print_table(rows: list[Row]) -> None:
    """Print what ran, what was decided and why."""
    decisions = {0: "pass", 1: "fail", 3: "inconclusive"}
    width = max(len(row.what) for row in rows)
    print("\n## What ran, what was decided, why")
    for row in rows:
        decision = decisions[row.exit_code]
        print(f"{row.what:<{width}}  {row.command:<5} {decision:<13} {row.why}")


if __name__ == "__main__":
    main()
