from __future__ import annotations

import pickle

import pytest

from supplychain.access.failures import AccessError, Hostile, NotFound, Unreachable


@pytest.mark.parametrize(
    "failure",
    [
        Unreachable("it is down", "start it", retryable=True),
        Unreachable("it is down"),
        Hostile("it lies"),
        NotFound("it is not there"),
    ],
    ids=repr,
)
def test_a_failure_survives_pickling(failure: AccessError) -> None:
    copy = pickle.loads(pickle.dumps(failure))  # noqa: S301 -- pickled on the same line
    assert type(copy) is type(failure)
    assert copy.args == failure.args
    assert vars(copy) == vars(failure)


def test_the_text_of_a_failure_is_its_reason() -> None:
    assert str(Unreachable("it is down", "start it", retryable=True)) == "it is down"
