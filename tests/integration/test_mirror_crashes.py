"""Processes that are killed, interrupted, run at once, or meet a full disk."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from supplychain.core.limits import MIB
from supplychain.mirror.store import Store
from tests.integration.mirror_cli import (
    REFERENCE,
    Mirror,
    Popen,
    isolated,
    small_model,
    weights,
    with_files,
)
from tests.simulators.hub import HubSimulator

KILLS = 20
SIZE = 48 * MIB  # bytes of the model that is pulled while it is killed
RATE = 24_000_000  # bytes a second, so that a pull takes about two seconds
MAX_LOST = 32 * MIB  # bytes that a kill may cost, contract
SECONDS = 60  # for one command


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mirror:
    return isolated(tmp_path, monkeypatch)


def ended(process: Popen) -> tuple[int, bytes, bytes]:
    out, err = process.communicate(timeout=SECONDS)
    return process.returncode, out, err


def kill(process: Popen, after: float) -> bool:
    """Kill a process with SIGKILL after some seconds; say whether it still ran."""
    try:
        process.communicate(timeout=after)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate(timeout=SECONDS)
        return True
    return False


def test_a_pull_that_is_killed_again_and_again_loses_little_and_shows_nothing_half(
    mirror: Mirror,
) -> None:
    wanted = with_files({"config.json": b"{}", "model.safetensors": weights(SIZE)})
    random = Random(7)  # noqa: S311 -- moments, no secret
    killed, lost = 0, 0
    with HubSimulator([wanted], rate=RATE) as hub:
        for _ in range(KILLS):
            process = mirror.start(hub, "--quiet", "--jobs", "2")
            if not kill(process, random.uniform(0.3, 1.4)):
                assert process.returncode == 0
                shutil.rmtree(mirror.store)
                lost += hub.sent["cdn"] - SIZE
                hub.sent["cdn"] = 0
                continue
            killed += 1
            for path in (mirror.store / "blobs").rglob("*"):
                assert not path.is_file() or path.stat().st_mode & 0o777 == 0o444
            assert mirror.listed() == [] or mirror.run("verify", "--quiet").code == 0
        code, _, err = ended(mirror.start(hub))
        assert code == 0, err
        lost += hub.sent["cdn"] - SIZE
    assert killed >= KILLS // 2
    assert lost <= killed * MAX_LOST
    assert mirror.run("verify").code == 0
    assert [one["revision"] for one in mirror.listed()] == [wanted.commit]
    assert not (mirror.store / "quarantine").exists()


def test_what_a_kill_left_is_not_fetched_again(mirror: Mirror) -> None:
    wanted = with_files({"model.safetensors": weights(SIZE)})
    with HubSimulator([wanted], rate=RATE) as hub:
        process = mirror.start(hub, "--quiet")
        while hub.sent["cdn"] < SIZE // 2:
            time.sleep(0.01)
        process.kill()
        ended(process)
        assert ended(mirror.start(hub, "--quiet"))[0] == 0
        assert hub.sent["cdn"] <= SIZE + MAX_LOST
        resumed = hub.asked("file", "cdn")[-1].headers["range"]
    assert int(resumed.removeprefix("bytes=").partition("-")[0]) > SIZE // 4


def test_two_pulls_at_once_are_one_download(mirror: Mirror) -> None:
    wanted = with_files({"config.json": b"{}", "model.safetensors": weights(16 * MIB)})
    with HubSimulator([wanted], rate=RATE) as hub:
        first, second = (mirror.start(hub) for _ in range(2))
        results = [ended(first), ended(second)]
        assert [code for code, _, _ in results] == [0, 0]
        assert hub.sent["cdn"] == len(wanted.files["model.safetensors"].content)
    assert any(b"waiting for another pull" in err for _, _, err in results)
    subjects = [json.loads(out)["subjects"][0]["digest"] for _, out, _ in results]
    assert subjects[0] == subjects[1]
    assert mirror.run("verify").code == 0


def test_who_waits_takes_over_when_the_other_dies(mirror: Mirror) -> None:
    wanted = with_files({"model.safetensors": weights(SIZE)})
    with HubSimulator([wanted], rate=RATE) as hub:
        first = mirror.start(hub, "--quiet")
        while hub.sent["cdn"] < 2 * MIB:
            time.sleep(0.01)
        second = mirror.start(hub)
        time.sleep(0.8)
        first.kill()
        ended(first)
        assert ended(second)[0] == 0
        assert hub.sent["cdn"] <= SIZE + MAX_LOST
    assert mirror.run("verify").code == 0


def test_an_interrupt_ends_with_130_and_the_next_pull_goes_on(mirror: Mirror) -> None:
    wanted = with_files({"model.safetensors": weights(SIZE)})
    with HubSimulator([wanted], rate=RATE) as hub:
        process = mirror.start(hub)
        while hub.sent["cdn"] < SIZE // 3:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        code, out, err = ended(process)
        assert (code, out) == (130, b"")
        assert err.splitlines()[-1] == b"interrupted"
        assert mirror.listed() == []
        assert ended(mirror.start(hub, "--quiet"))[0] == 0
        assert hub.sent["cdn"] <= SIZE + MAX_LOST
    assert mirror.run("verify").code == 0


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("mounting a tmpfs is not allowed here")
    command = [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a tmpfs is not allowed here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_model_larger_than_the_disk_is_not_begun(mirror: Mirror, tiny_disk: Path) -> None:
    mirror.store = tiny_disk / "store"
    with HubSimulator([small_model()]) as hub:
        result = mirror.pull(hub)
        assert hub.asked("file") == []
    assert (result.code, result.gaps()) == (3, ["store-full"])
    assert "are free" in result.words()
    assert mirror.picture() == {}


def test_a_disk_that_fills_up_on_the_way_leaves_nothing_half_written(
    mirror: Mirror, tiny_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror.store = tiny_disk / "store"
    monkeypatch.setattr("supplychain.mirror.plan.free_bytes", lambda _: 2**40)
    with HubSimulator([small_model()]) as hub:
        result = mirror.pull(hub)
    assert (result.code, result.gaps()) == (3, ["store-full"])
    assert "no space left on device" in result.words()
    assert "free some space" in result.words()
    assert mirror.picture() == {}
    assert mirror.listed() == []


def test_a_store_that_may_not_be_written_is_a_usage_error(mirror: Mirror) -> None:
    mirror.store = Path("/proc/store")
    with HubSimulator([small_model()]) as hub:
        result = mirror.pull(hub)
    assert result.code == 2
    assert "cannot write '/proc/store'" in result.err
    assert REFERENCE not in result.out


def test_a_crash_before_the_name_leaves_blobs_that_nothing_reaches(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    wanted = small_model()
    with HubSimulator([wanted]) as hub:
        with monkeypatch.context() as patched:
            patched.setattr(Store, "publish", full)
            result = mirror.pull(hub)
        assert (result.code, result.gaps()) == (3, ["store-full"])
        assert mirror.listed() == []
        assert {name.partition("/")[0] for name in mirror.picture()} == {"blobs", "index"}
        asked = len(hub.asked("file"))
        assert mirror.pull(hub).code == 0
        assert len(hub.asked("file")) == asked
    assert mirror.run("verify").code == 0


def test_a_model_that_cannot_be_recorded_gets_no_name(mirror: Mirror) -> None:
    mirror.state.mkdir()
    (mirror.state / "ledger.sqlite3").write_text("no database, but something else entirely")
    with HubSimulator([small_model()]) as hub:
        result = mirror.pull(hub)
    assert result.code == 2
    assert "ledger" in result.err
    assert mirror.listed() == []
