from __future__ import annotations

import threading
from collections import Counter

import pytest

from supplychain.access.lanes import in_lanes


def host_of(item: str) -> str:
    return item.partition("/")[0]


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_each_item_is_worked_on_once_and_keeps_its_place(count: int) -> None:
    items = [f"host-{number % 3}/{number}" for number in range(count)]
    worked: list[str] = []

    def work(item: str) -> str:
        worked.append(item)
        return item.upper()

    results = in_lanes([*items, *reversed(items)], host_of, work)
    assert list(results.items()) == [(item, item.upper()) for item in items]
    assert Counter(worked) == Counter(items)


def test_a_host_is_never_crowded() -> None:
    guard = threading.Lock()
    now: Counter[str] = Counter()
    most: Counter[str] = Counter()
    pause = threading.Event()

    def work(item: str) -> None:
        host = host_of(item)
        with guard:
            now[host] += 1
            most[host] = max(most[host], now[host])
        pause.wait(0.002)
        with guard:
            now[host] -= 1

    items = [f"{host}/{number}" for number in range(30) for host in ("one", "two")]
    in_lanes(items, host_of, work, connections=3)
    assert most == {"one": 3, "two": 3}


def test_no_host_waits_for_another() -> None:
    served = threading.Event()

    def work(item: str) -> bool:
        if host_of(item) == "slow":
            return served.wait(10)
        served.set()
        return True

    items = [*(f"slow/{number}" for number in range(100)), "quick/1"]
    assert all(in_lanes(items, host_of, work).values())


def test_what_the_first_item_raised_is_raised() -> None:
    def work(item: str) -> None:
        message = f"bug at {item}"
        raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="bug at one/0"):
        in_lanes(["one/0", "one/1"], host_of, work, connections=1)
