"""What a pull shows while it goes on."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from supplychain.cli import progress
from supplychain.core.limits import MIB
from tests.integration.mirror_cli import Mirror, isolated, weights, with_files
from tests.simulators.hub import HubSimulator

RATE = 16_000_000  # bytes a second


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mirror:
    return isolated(tmp_path, monkeypatch)


def on_terminal(command: list[str], mirror: Mirror) -> tuple[int, str]:
    """Run a command with its stderr on a terminal and return its code and what that showed."""
    own, other = pty.openpty()
    environment = {**mirror.environment(), "TERM": "xterm", "COLUMNS": "120"}
    process = subprocess.Popen(
        command, stderr=other, stdout=subprocess.DEVNULL, env=environment, cwd=mirror.home
    )
    os.close(other)
    shown = bytearray()
    while True:
        try:
            data = os.read(own, 65536)
        except OSError:  # how Linux tells that the other side of a terminal is closed
            break
        if not data:
            break
        shown += data
    os.close(own)
    return process.wait(), shown.decode("utf-8", "replace")


def test_a_terminal_shows_a_bar_for_the_total_and_one_for_each_file(mirror: Mirror) -> None:
    wanted = with_files({"config.json": b"{}", "model.safetensors": weights(16 * MIB)})
    with HubSimulator([wanted], rate=RATE) as hub:
        command = [sys.executable, "-m", "supplychain", "mirror", *mirror.pull_arguments(hub)]
        code, shown = on_terminal([*command, "--store", str(mirror.store)], mirror)
    assert code == 0
    assert "total" in shown
    assert "model.safetensors" in shown
    assert "MB/s" in shown


def test_elsewhere_a_line_tells_the_total_now_and_then(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.2)
    wanted = with_files({"model.safetensors": weights(16 * MIB)})
    with HubSimulator([wanted], rate=RATE) as hub:
        result = mirror.pull(hub)
    assert result.code == 0
    first, *others = result.err.splitlines()
    assert first == "1 file, 16.8 MB to go"
    assert len(others) >= 2
    assert all("of 16.8 MB" in line and "s left" in line for line in others)


def test_quiet_tells_nothing(mirror: Mirror) -> None:
    wanted = with_files({"model.safetensors": weights(2 * MIB)})
    with HubSimulator([wanted]) as hub:
        result = mirror.pull(hub, "--quiet")
    assert (result.code, result.err) == (0, "")
