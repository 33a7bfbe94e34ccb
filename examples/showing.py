"""Commands run, shown and checked, and the table at the end."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SECONDS = 120  # for one command
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

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: list[Row] = []

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
            env=self._environment(),
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
        command = " ".join(word for word in arguments[:2] if word.isalpha())
        self.rows.append(Row(what=what, command=command, exit_code=finished.returncode, why=why))
        return finished.stdout

    def print_table(self) -> None:
        """Print what ran, what was decided and why."""
        decisions = {0: "pass", 1: "fail", 3: "inconclusive"}
        width = max(len(row.what) for row in self.rows)
        print("\n## What ran, what was decided, why")
        for row in self.rows:
            decision = decisions[row.exit_code]
            print(f"{row.what:<{width}}  {row.command:<11} {decision:<13} {row.why}")

    def _environment(self) -> dict[str, str]:
        """Return the environment of a command: nobody's token, summary or store."""
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("GITHUB_", "HF_", "SUPPLYCHAIN_"))
        }
        return {**kept, "HOME": str(self.folder), "PYTHONPATH": str(Path(__file__).parents[1])}
