"""Whole processes timed in turn, so that a machine whose speed drifts slows both alike."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

RUNS = 7  # counted; one more before them warms the caches


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Median seconds of both commands, and the median of their ratios pair by pair."""

    ours: float
    theirs: float
    ratio: float

    def told(self, what: str) -> str:
        """Return one line for people."""
        return f"{what}: {self.ours:.3f} s, peer {self.theirs:.3f} s, ratio {self.ratio:.2f}"


def compared(ours: Sequence[str], theirs: Sequence[str], runs: int = RUNS) -> Comparison:
    """Run two commands in turn, ours first, and compare their wall times."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(runs + 1)][1:]
    return Comparison(
        ours=statistics.median(one for one, _ in pairs),
        theirs=statistics.median(other for _, other in pairs),
        ratio=statistics.median(one / other for one, other in pairs),
    )


def seconds(command: Sequence[str]) -> float:
    """Return the wall time of one run of a command, whatever it says and ends with."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    subprocess.run(command, capture_output=True, check=False, env=environment, timeout=600)
    return time.perf_counter() - started


def peak_megabytes(command: Sequence[str]) -> float:
    """Return the peak memory of one run of a command, or of the largest child before it."""
    seconds(command)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
