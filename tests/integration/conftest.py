"""Outside tools and the real registries that tests share."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.distribution import HTPASSWD, PASSWORD, USER, Distribution
from tests.simulators.certificates import make_identity
from tests.simulators.gatekeeper import basic
from tests.simulators.images import SimulatedImage, image
from tests.simulators.token_server import ISSUER, SERVICE, TokenServer

_TOOLS = Path(__file__).parents[2] / ".tools" / "bin"
CRANE_SECONDS = 30

Crane = Callable[..., str]


def find_tool(name: str) -> Path:
    """Return the path of a tool that `make tools` builds; skip the test where it is missing."""
    built = _TOOLS / name
    found = str(built) if built.is_file() else shutil.which(name)
    if found is None:
        reason = f"{name} not found: run `make tools`"
        if os.environ.get("SUPPLYCHAIN_REQUIRE_TOOLS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return Path(found)


@pytest.fixture(scope="session")
def crane_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which crane keeps its logins."""
    return tmp_path_factory.mktemp("crane")


@pytest.fixture(scope="session")
def crane(crane_home: Path) -> Crane:
    """Run crane with arguments and return what it prints, without the last line feed."""
    program = find_tool("crane")

    def run(*arguments: str) -> str:
        finished = subprocess.run(
            [program, *arguments],
            env={"HOME": str(crane_home), "DOCKER_CONFIG": str(crane_home)},
            capture_output=True,
            timeout=CRANE_SECONDS,
            check=False,
        )
        if finished.returncode != 0:
            raise AssertionError(finished.stderr.decode())
        return finished.stdout.decode().removesuffix("\n")

    return run


@pytest.fixture(scope="session")
def images() -> dict[str, SimulatedImage]:
    """Images of every form that a registry holds, by what is special about them."""
    return {
        "oci-index": image("public/tiny", "1.2.3"),
        "attested": image("public/attested", "1", attested=True),
        "docker-list": image("public/list", "1", ("linux/amd64", "linux/arm/v7"), family="docker"),
        "oci-manifest": image("public/one", "1", ("linux/amd64",), is_index=False),
        "docker-manifest": image(
            "public/old", "1", ("linux/386",), 1, family="docker", is_index=False
        ),
        "private": image("private/tiny", "1"),
    }


@pytest.fixture(scope="session")
def plain_registry(
    tmp_path_factory: pytest.TempPathFactory, images: dict[str, SimulatedImage]
) -> Iterator[Distribution]:
    """A registry that lets everybody in."""
    folder = tmp_path_factory.mktemp("plain")
    with Distribution(find_tool("registry"), folder) as registry:
        for one in images.values():
            registry.push(one)
        yield registry


@pytest.fixture(scope="session")
def basic_registry(
    tmp_path_factory: pytest.TempPathFactory, images: dict[str, SimulatedImage]
) -> Iterator[Distribution]:
    """A registry that asks for user name and password."""
    folder = tmp_path_factory.mktemp("basic")
    passwords = folder / "htpasswd"
    passwords.write_text(HTPASSWD)
    access = f"auth: {{htpasswd: {{realm: simulator, path: {passwords}}}}}"
    with Distribution(find_tool("registry"), folder, access) as registry:
        registry.push(images["private"], {"Authorization": basic(USER, PASSWORD)})
        yield registry


@pytest.fixture(scope="session")
def token_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TokenServer]:
    """The server that the bearer registry sends its clients to."""
    identity = make_identity(tmp_path_factory.mktemp("identity"))
    with TokenServer(identity, USER, PASSWORD) as server:
        yield server


@pytest.fixture(scope="session")
def bearer_registry(
    tmp_path_factory: pytest.TempPathFactory,
    images: dict[str, SimulatedImage],
    token_server: TokenServer,
) -> Iterator[Distribution]:
    """A registry that asks for tokens, which anybody gets for what lies below public/."""
    folder = tmp_path_factory.mktemp("bearer")
    access = (
        f"auth: {{token: {{realm: '{token_server.realm}', service: {SERVICE}, issuer: {ISSUER}, "
        f"rootcertbundle: {token_server.certificate_file}}}}}"
    )
    with Distribution(find_tool("registry"), folder, access) as registry:
        for one in (images["oci-index"], images["private"]):
            token = token_server.token(one.name, ["pull", "push"])
            registry.push(one, {"Authorization": f"Bearer {token}"})
        yield registry
