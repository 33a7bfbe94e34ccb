from __future__ import annotations

import threading
import time

from supplychain.access.budget import RetryBudget


def later() -> float:
    return time.monotonic() + 60


def test_tries_are_counted() -> None:
    budget = RetryBudget(tries=3, first_wait=0.0)
    assert [budget.wait(tried, deadline=later()) for tried in (1, 2, 3, 4)] == [
        True,
        True,
        False,
        False,
    ]


def test_the_waits_of_a_run_are_bounded_together() -> None:
    budget = RetryBudget(first_wait=0.01, total_wait=0.05)
    waited = [budget.wait(1, deadline=later()) for _ in range(20)]
    assert waited[0]
    assert not waited[-1]
    assert sum(waited) <= 5


def test_waits_side_by_side_count_once() -> None:
    budget = RetryBudget(first_wait=0.2, total_wait=0.35)
    waited: list[bool] = []
    threads = [
        threading.Thread(target=lambda: waited.append(budget.wait(1, deadline=later())))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert waited == [True] * 8


def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    assert not RetryBudget(first_wait=1.0).wait(1, deadline=time.monotonic() + 0.5)


def test_a_pause_asked_for_beyond_what_is_left_is_not_begun() -> None:
    assert not RetryBudget(total_wait=0.5).wait(1, deadline=later(), asked=float("inf"))


def test_a_pause_asked_for_replaces_our_own() -> None:
    assert RetryBudget(first_wait=60.0).wait(1, deadline=later(), asked=0.0)


def test_a_host_is_given_up_when_patience_ends() -> None:
    budget = RetryBudget(patience=10.0)
    now = time.monotonic()
    budget.blame("https://slow.example", now - 6)
    assert not budget.has_given_up("https://slow.example")
    budget.blame("https://slow.example", now - 11)
    assert budget.has_given_up("https://slow.example")
    assert not budget.has_given_up("https://other.example")


def test_failures_side_by_side_cost_patience_once() -> None:
    budget = RetryBudget(patience=10.0)
    started = time.monotonic() - 6
    for _ in range(8):
        budget.blame("https://slow.example", started)
    assert not budget.has_given_up("https://slow.example")
