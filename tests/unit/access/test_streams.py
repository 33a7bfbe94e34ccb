"""Bodies that are read as they come, under a pace instead of a deadline."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from supplychain.access.budget import RetryBudget
from supplychain.access.connections import Pace
from supplychain.access.failures import Hostile, Unreachable
from supplychain.access.http import HttpClient, Request, Timeouts
from supplychain.core.limits import MIB
from tests.simulators.hub import HubSimulator
from tests.simulators.hub_faults import HubFault
from tests.simulators.hub_protocol import SimulatedModel, model

CONTENT = bytes(range(256)) * 4096  # 1 MiB
NAME = "example/tiny"
PACE = Pace(bytes=1000, seconds=5.0)


@pytest.fixture
def client() -> Iterator[HttpClient]:
    with HttpClient(RetryBudget(), Timeouts(), 2) as found:
        yield found


@pytest.fixture
def wanted() -> SimulatedModel:
    return model(NAME, {"m": CONTENT})


def request(hub: HubSimulator, *, seconds: float = 5.0, limit: int = MIB) -> Request:
    url = f"{hub.url}/{NAME}/resolve/main/m"
    deadline = time.monotonic() + seconds
    return Request(url=url, deadline=deadline, limit=limit, authorization="Bearer x")


def body(client: HttpClient, asked: Request, pace: Pace = PACE) -> bytes:
    with client.stream(asked, pace) as stream:
        return b"".join(iter(lambda: stream.read(MIB), b""))


def test_a_body_is_handed_over_with_the_hops_that_led_to_it(
    client: HttpClient, wanted: SimulatedModel
) -> None:
    with HubSimulator([wanted]) as hub, client.stream(request(hub), PACE) as stream:
        assert [hop.status for hop in (*stream.hops, stream)] == [302, 200]
        assert stream.hops[0].headers["X-Repo-Commit"] == wanted.commit
        assert b"".join(iter(lambda: stream.read(MIB), b"")) == CONTENT
        assert [one.authorization for one in hub.log] == ["Bearer x", ""]


def test_a_body_may_outlast_the_deadline_while_it_keeps_the_pace(
    client: HttpClient, wanted: SimulatedModel
) -> None:
    with HubSimulator([wanted], rate=1_000_000) as hub:
        started = time.monotonic()
        assert body(client, request(hub, seconds=0.4)) == CONTENT
        assert time.monotonic() - started > 0.4


def test_a_body_that_falls_behind_its_pace_is_left(
    client: HttpClient, wanted: SimulatedModel
) -> None:
    with (
        HubSimulator([wanted], rate=200_000) as hub,
        pytest.raises(Unreachable, match=r"sent nothing|failed") as caught,
    ):
        body(client, request(hub, seconds=1.0), Pace(bytes=MIB, seconds=0.5))
    assert caught.value.retryable


def test_more_than_the_limit_breaks_the_connection(
    client: HttpClient, wanted: SimulatedModel
) -> None:
    fault = HubFault.FILE_ENDLESS
    with HubSimulator([wanted], fault=fault) as hub, pytest.raises(Unreachable):
        body(client, request(hub, limit=1000))
    assert hub.sent["cdn"] < 32 * MIB


def test_a_redirect_to_a_forbidden_place_is_hostile(
    client: HttpClient, wanted: SimulatedModel
) -> None:
    fault = HubFault.FILE_TO_METADATA
    with HubSimulator([wanted], fault=fault) as hub, pytest.raises(Hostile, match="link-local"):
        body(client, request(hub))


def test_a_server_that_is_off_cannot_be_reached(client: HttpClient, wanted: SimulatedModel) -> None:
    with HubSimulator([wanted]) as hub:
        asked = request(hub)
    with pytest.raises(Unreachable, match="refuses connections"):
        body(client, asked)
