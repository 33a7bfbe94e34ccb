"""What one run may spend on a world that does not answer: tries, waits, and patience with a host.

Together with the deadline of an operation (``access.http.Timeouts``) it makes a run against a dead
registry end within 20 seconds, however many references ask it (contract.md §5).
"""

from __future__ import annotations

import threading
import time

MAX_TRIES = 3  # tries of one request; as go-containerregistry v0.22.1, remote/options.go
MAX_TOTAL_WAIT = 10.0  # seconds that a run waits between tries, all requests together
MAX_RETRY_AFTER = 5.0  # seconds waited at most when a server asks for a pause
FIRST_WAIT = 0.5  # seconds before the second try; three times as long before each further one
MAX_PATIENCE = 10.0  # seconds of failing requests after which a host is asked no more
_GROWTH = 3.0

Spans = list[tuple[float, float]]  # disjoint, in seconds of the monotonic clock


class RetryBudget:
    """Shared by all requests of a run, from any thread.

    ``tries`` counts the first one; ``total_wait``, ``first_wait`` and ``patience`` are seconds.
    """

    def __init__(
        self,
        *,
        tries: int = MAX_TRIES,
        total_wait: float = MAX_TOTAL_WAIT,
        first_wait: float = FIRST_WAIT,
        patience: float = MAX_PATIENCE,
    ) -> None:
        self._tries = tries
        self._total_wait = total_wait
        self._first_wait = first_wait
        self._patience = patience
        self._guard = threading.Lock()
        self._waited: Spans = []
        self._wasted: dict[str, Spans] = {}

    def wait(self, tried: int, *, deadline: float, asked: float | None = None) -> bool:
        """Wait before the next try and return true; return false when there is to be none.

        ``tried`` is how often the request was sent; ``asked`` the seconds that the server asked
        for, capped at ``MAX_RETRY_AFTER``; ``deadline`` a time of the monotonic clock.
        """
        if tried >= self._tries:
            return False
        seconds = self._first_wait * _GROWTH ** (tried - 1)
        if asked is not None:
            seconds = min(asked, MAX_RETRY_AFTER)
        now = time.monotonic()
        with self._guard:
            waited = _with(self._waited, now, now + seconds)
            if _length(waited) > self._total_wait or now + seconds >= deadline:
                return False
            self._waited = waited
        time.sleep(seconds)
        return True

    def blame(self, host: str, started: float) -> None:
        """Note that a request to ``host`` has failed, tries included, since ``started``."""
        with self._guard:
            before = self._wasted.get(host, [])
            self._wasted[host] = _with(before, started, time.monotonic())

    def has_given_up(self, host: str) -> bool:
        """Say whether failing requests to ``host`` have taken longer than our patience."""
        with self._guard:
            return _length(self._wasted.get(host, [])) >= self._patience


def _with(spans: Spans, start: float, end: float) -> Spans:
    """Return disjoint spans that cover another one as well; overlaps count once.

    Threads wait side by side, so what counts is the time that passes on the wall.
    """
    touched = [span for span in spans if span[0] <= end and start <= span[1]]
    apart = [span for span in spans if span not in touched]
    starts, ends = zip(*touched, (start, end), strict=True)
    return [*apart, (min(starts), max(ends))]


def _length(spans: Spans) -> float:
    return sum(end - start for start, end in spans)
