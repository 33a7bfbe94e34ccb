"""Ways into the program: its entry point in this process, and real processes of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from supplychain.cli import run
from tests.simulators.registry import RegistrySimulator

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60  # that a process may take before a test gives up on it
_KEPT = ("PATH", "HOME", "TMPDIR", "XDG_STATE_HOME")


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """What it wrote to stdout, as JSON."""
        document = json.loads(self.out)
        assert isinstance(document, dict)
        return document

    @property
    def found(self) -> list[str]:
        """The ids of the findings of a JSON report, waived ones left out."""
        return [
            finding["id"]
            for subject in self.report["subjects"]
            for finding in subject["findings"]
            if finding["waiver"] is None
        ]

    @property
    def gaps(self) -> list[str]:
        """The ids of the gaps of a JSON report, waived ones left out."""
        return [
            gap["id"]
            for subject in self.report["subjects"]
            for gap in subject["gaps"]
            if gap["waiver"] is None
        ]


class Entry:
    """Calls the entry point in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def run(self, *arguments: str) -> Result:
        """Run a command."""
        self._capsys.readouterr()
        code = run(arguments)
        out, err = self._capsys.readouterr()
        return Result(code=code, out=out, err=err)

    def report(self, *arguments: str) -> Result:
        """Run a command that ends with a JSON report."""
        return self.run(*arguments, "--output", "json")


class Workplace:
    """A project's folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the project, folders included."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def read(self, name: str) -> str:
        """Return the text of a file of the project."""
        return (self.root / name).read_text(encoding="utf-8")

    def stand_in(self, simulator: RegistrySimulator, settings: str = "") -> None:
        """Let the project ask a simulator in the place of Docker Hub."""
        mirrors = f'[registries.mirrors]\n"docker.io" = "{simulator.url}"\n'
        self.write("supplychain.toml", f"version = 1\n{settings}\n{mirrors}")


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a process: what measures coverage, and little else."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT}
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    return {**kept, **measured, "PYTHONPATH": str(ROOT), **more}


def process(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m supplychain`` to its end in the current folder."""
    return python("-m", "supplychain", *arguments, **more)


def python(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run Python to its end in the current folder."""
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
