"""Work on many items at once without crowding any host."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

MAX_CONNECTIONS = 8  # items of one host in work at once
MAX_THREADS = 32  # items in work at once, all hosts together

Item = TypeVar("Item", bound=Hashable)
Element = TypeVar("Element")
Result = TypeVar("Result")


def in_lanes(
    items: Iterable[Item],
    host: Callable[[Item], str],
    work: Callable[[Item], Result],
    *,
    connections: int = MAX_CONNECTIONS,
) -> dict[Item, Result]:
    """Return ``work(item)`` for each distinct item, in the order in which the items came.

    At most ``connections`` items of one host are in work at once; no host waits until another is
    done, unless there are more than ``MAX_THREADS`` of them. The threads die with the process, so
    an interrupt is not held up by a slow host.

    Raises:
        Exception: what ``work`` raised for the first item in order; nothing new is begun then.
    """
    ordered = list(dict.fromkeys(items))
    lanes = _lanes(ordered, host, connections)
    results: dict[Item, Result] = {}
    raised: dict[Item, Exception] = {}

    def drain() -> None:
        for queue in _drained(lanes):
            for item in _drained(queue):
                if raised:
                    return
                try:
                    results[item] = work(item)
                except Exception as error:  # noqa: BLE001 -- raised again by the calling thread
                    raised[item] = error

    count = min(len(lanes), MAX_THREADS)
    threads = [threading.Thread(target=drain, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for item in ordered:
        if item in raised:
            raise raised[item]
    return {item: results[item] for item in ordered}


def _lanes(items: list[Item], host: Callable[[Item], str], connections: int) -> deque[deque[Item]]:
    """Return each host's queue as often as it may be drained at once, the hosts taking turns."""
    queues: dict[str, deque[Item]] = {}
    for item in items:
        queues.setdefault(host(item), deque()).append(item)
    turns = range(connections)
    return deque(queue for turn in turns for queue in queues.values() if len(queue) > turn)


def _drained(queue: deque[Element]) -> Iterator[Element]:
    """Take items off a queue that other threads take from as well, until it is empty."""
    while True:
        try:
            item = queue.popleft()
        except IndexError:
            return
        yield item
