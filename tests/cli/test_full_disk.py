"""A disk that is full, or may not be written, under everything that we write."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.entry import SECONDS, Workplace, environment, process
from tests.simulators.images import SimulatedImage


class TestFullDisk:
    @pytest.mark.parametrize(
        "arguments", [("gate", "."), ("checks",), ("schema", "fleet"), ("--help",)], ids=" ".join
    )
    def test_under_stdout_is_inconclusive(
        self, workplace: Workplace, arguments: tuple[str, ...]
    ) -> None:
        workplace.write("Dockerfile", "FROM scratch\n")
        with Path("/dev/full").open("w", encoding="utf-8") as full:
            ended = subprocess.run(
                [sys.executable, "-m", "supplychain", *arguments],
                env=environment(),
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        assert ended.returncode == 3
        assert ended.stderr.splitlines() == [
            "error: cannot write the output: No space left on device",
            "hint: free some space and run again",
        ]

    def test_under_a_lock_leaves_the_old_one(
        self, locked: Workplace, redis: SimulatedImage, tmp_path: Path
    ) -> None:
        with _small_disk(tmp_path / "disk") as disk:
            for name in ("supplychain.toml", "supplychain.lock"):
                (disk / name).write_bytes((locked.root / name).read_bytes())
            (disk / "Dockerfile").write_text(f"FROM redis:8@{redis.digest}\n", encoding="utf-8")
            before = (disk / "supplychain.lock").read_bytes()
            with (disk / "filler").open("wb") as filler:
                while _grows(filler.fileno()):
                    pass
            ended = process("lock", str(disk))
            assert ended.returncode == 3
            assert "supplychain.lock': no space left on device" in ended.stderr
            assert (disk / "supplychain.lock").read_bytes() == before
            names = sorted(path.name for path in disk.iterdir())
            assert names == ["Dockerfile", "filler", "supplychain.lock", "supplychain.toml"]


def test_a_disk_that_may_not_be_written_is_a_users_error(tmp_path: Path) -> None:
    with _small_disk(tmp_path / "disk") as disk:
        (disk / "Dockerfile").write_text("FROM scratch\n", encoding="utf-8")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        for arguments in (
            ("lock", str(disk)),
            ("gate", str(disk), "--output", f"json={disk}/out.json"),
            ("gate", str(disk), "--record", "--state", str(disk)),
        ):
            ended = process(*arguments)
            assert ended.returncode in (2, 3)
            assert ended.stderr.startswith("error: ")
            assert "Traceback" not in ended.stderr
        assert process("lock", str(disk)).returncode == 2
        assert [path.name for path in disk.iterdir()] == ["Dockerfile"]


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """Mount a disk of four pages, where the machine lets us."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _grows(descriptor: int) -> bool:
    try:
        return os.write(descriptor, b"x" * 4096) > 0
    except OSError:
        return False
