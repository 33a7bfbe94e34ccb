"""A pull from this machine, beside curl to the same disk and one core of hashlib."""

from __future__ import annotations

import hashlib
import multiprocessing
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from supplychain.cli.progress import Silence
from supplychain.core.limits import MIB
from supplychain.core.verdict import Decision
from supplychain.fleet.mirroring import opened_desk, store_at
from supplychain.fleet.session import open_session
from supplychain.mirror.pull import Order, pull
from supplychain.mirror.reference import ModelReference
from tests.bench.measure import seconds
from tests.generators.safetensors import safetensors, tensor
from tests.simulators.hub import HubSimulator
from tests.simulators.hub_protocol import model

NAME = "example/large"
FILE = "model.safetensors"
SIZE = 1024 * MIB
RUNS = 5  # counted; one more before them touches memory and disk for the first time
LEAST = 0.8  # of the speed of the slower of curl and hashlib


def test_a_pull_keeps_up_with_curl_and_hashlib(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    curl = shutil.which("curl")
    assert curl, "curl is missing"
    with served() as (url, commit):
        ours, fetched, hashed = [], [], []
        address = f"{url}/{NAME}/resolve/{commit}/{FILE}"
        target = tmp_path / "curl"
        for _ in range(RUNS + 1):
            ours.append(pulled(url, tmp_path))
            fetched.append(seconds([curl, "-sSfL", "-o", str(target), address]))
            assert target.stat().st_size > SIZE
            target.unlink()
            hashed.append(hashing())
    best = [min(times[1:]) for times in (ours, fetched, hashed)]
    speed = max(best[1:]) / best[0]
    rates = ", ".join(
        f"{what} {SIZE / one / 1e6:.0f} MB/s"
        for what, one in zip(("pull", "curl", "sha256"), best, strict=True)
    )
    with capsys.disabled():
        print(f"\n{SIZE // MIB} MiB: {rates}, ratio {speed:.2f} (at least {LEAST})")
    assert speed >= LEAST


def pulled(url: str, folder: Path) -> float:
    """Return the seconds of one pull into an empty store, admission and record included."""
    store = store_at(folder / "store")
    session = open_session([folder])
    desk_of = opened_desk(session, store, Silence(), endpoint=url, state=folder / "state", jobs=4)
    with desk_of as desk:
        started = time.perf_counter()
        outcome = pull(Order(reference=ModelReference.parse(f"hf.co/{NAME}")), desk)
        took = time.perf_counter() - started
    assert outcome.verdict.decision is Decision.PASS
    shutil.rmtree(store.root)
    return took


def hashing() -> float:
    """Return the seconds of one core for as many bytes."""
    piece = bytes(MIB)
    hasher = hashlib.sha256()
    started = time.perf_counter()
    for _ in range(SIZE // MIB):
        hasher.update(piece)
    return time.perf_counter() - started


@contextmanager
def served() -> Iterator[tuple[str, str]]:
    """Yield the address of a hub in a process of its own, and the commit of its model."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there,), daemon=True)
    process.start()
    yield here.recv()
    here.send(None)
    process.join()


def serve(connection: Connection) -> None:
    """Serve the model until told to stop."""
    head = safetensors([tensor("model.weight", 0, SIZE)], data_size=0)
    wanted = model(NAME, {FILE: head + bytes(range(256)) * (SIZE // 256)})
    with HubSimulator([wanted]) as hub:
        connection.send((hub.url, wanted.commit))
        connection.recv()
