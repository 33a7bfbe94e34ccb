"""What the tests of access share: small budgets, an image, a TLS identity."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from supplychain.access.budget import RetryBudget
from supplychain.access.http import HttpClient, Timeouts
from supplychain.access.registry import RegistryClient, RegistryOptions
from tests.simulators.certificates import Identity, make_identity
from tests.simulators.faults import Fault
from tests.simulators.images import SimulatedImage, image
from tests.simulators.registry import RegistrySimulator
from tests.unit.access.exchanges import Serve


@pytest.fixture(scope="session")
def tiny() -> SimulatedImage:
    """An image of two platforms."""
    return image("library/tiny", "1.0")


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    """A key and certificate that no system trusts."""
    return make_identity(tmp_path_factory.mktemp("identity"))


@pytest.fixture
def budget() -> RetryBudget:
    """A budget of three tries that waits next to nothing."""
    return RetryBudget(first_wait=0.001, total_wait=0.5)


@pytest.fixture
def timeouts() -> Timeouts:
    """Times that a sound server keeps on a busy machine."""
    return Timeouts(connect=2.0, read=2.0, operation=10.0)


@pytest.fixture
def closed_port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the machine's own proxies and certificate authorities out of the environment."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def http(budget: RetryBudget, timeouts: Timeouts) -> Iterator[HttpClient]:
    """A client of no registry in particular."""
    with HttpClient(budget, timeouts, connections=2) as opened:
        yield opened


@pytest.fixture
def client(budget: RetryBudget, timeouts: Timeouts) -> Iterator[RegistryClient]:
    """A client of registries, without logins."""
    with RegistryClient(RegistryOptions(), budget=budget, timeouts=timeouts) as opened:
        yield opened


@pytest.fixture
def serve(tiny: SimulatedImage) -> Iterator[Serve]:
    """Start a simulator of one image, with a fault perhaps, that runs until the test ends."""
    with ExitStack() as running:

        def start(fault: Fault | None = None, times: int | None = None) -> RegistrySimulator:
            return running.enter_context(RegistrySimulator([tiny], fault=fault, times=times))

        yield start
