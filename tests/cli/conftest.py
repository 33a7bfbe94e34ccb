"""What the tests of the command line share: a clean environment, a project, a registry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.entry import Entry, Workplace
from tests.simulators.images import SimulatedImage, image
from tests.simulators.registry import RegistrySimulator

# What the machine that runs the tests may have set, and what would change the output.
_FOREIGN = (
    "ALL_PROXY",
    "CURL_CA_BUNDLE",
    "DOCKER_CONFIG",
    "GITHUB_ACTIONS",
    "GITHUB_STEP_SUMMARY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_COLOR",
    "NO_PROXY",
    "REQUESTS_CA_BUNDLE",
    "SUPPLYCHAIN_OFFLINE",
)


@pytest.fixture(autouse=True)
def _clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _FOREIGN:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    """An empty project, which is the current folder."""
    root = tmp_path / "project"
    root.mkdir()
    monkeypatch.chdir(root)
    made = Workplace(root)
    made.write("supplychain.toml", "version = 1\n")
    return made


@pytest.fixture
def entry(capsys: pytest.CaptureFixture[str]) -> Entry:
    """The entry point, called in this process."""
    return Entry(capsys)


@pytest.fixture(scope="session")
def node() -> SimulatedImage:
    """An image of two platforms."""
    return image("library/node", "22")


@pytest.fixture(scope="session")
def redis() -> SimulatedImage:
    """Another image."""
    return image("library/redis", "8", layers=1)


@pytest.fixture
def registry(
    workplace: Workplace, node: SimulatedImage, redis: SimulatedImage
) -> Iterator[RegistrySimulator]:
    """A registry that stands for Docker Hub in the project."""
    with RegistrySimulator([node, redis]) as simulator:
        workplace.stand_in(simulator)
        yield simulator


@pytest.fixture
def locked(
    workplace: Workplace, registry: RegistrySimulator, node: SimulatedImage, entry: Entry
) -> Workplace:
    """A project whose only reference is pinned and locked."""
    workplace.write("Dockerfile", f"FROM node:22@{node.digest}\n")
    assert entry.run("lock").code == 0
    registry.log.clear()
    return workplace
