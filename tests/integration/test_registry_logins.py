"""Logging into the real registry with what real tools have stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplychain.access.credentials import Credentials
from supplychain.access.failures import Unreachable
from supplychain.access.registry import RegistryClient, RegistryOptions
from supplychain.core.reference import ImageReference
from tests.integration.conftest import Crane
from tests.integration.distribution import PASSWORD, USER, Distribution
from tests.simulators.images import SimulatedImage
from tests.simulators.token_server import TokenServer

pytestmark = pytest.mark.tools


def resolved(reference: str, credentials: Credentials | None = None) -> str:
    with RegistryClient(RegistryOptions(), credentials) as client:
        return str(client.resolve(ImageReference.parse(reference)).digest)


@pytest.fixture
def stored(
    crane: Crane,
    crane_home: Path,
    basic_registry: Distribution,
    bearer_registry: Distribution,
) -> Credentials:
    """What crane stores when a person logs into both registries."""
    for registry in (basic_registry, bearer_registry):
        crane("auth", "login", registry.host, "-u", USER, "-p", PASSWORD)
    return Credentials.load({"DOCKER_CONFIG": str(crane_home)})


def test_a_stored_password_opens_a_basic_registry(
    stored: Credentials, basic_registry: Distribution, images: dict[str, SimulatedImage]
) -> None:
    reference = f"{basic_registry.host}/private/tiny:1"
    assert resolved(reference, stored) == images["private"].digest


def test_without_a_login_a_basic_registry_is_a_gap_that_names_the_command(
    basic_registry: Distribution,
) -> None:
    with pytest.raises(Unreachable, match="none are stored") as caught:
        resolved(f"{basic_registry.host}/private/tiny:1")
    assert caught.value.hint == f"run `docker login {basic_registry.host}`"
    assert not caught.value.retryable


def test_anybody_gets_a_token_for_a_public_repository(
    bearer_registry: Distribution, images: dict[str, SimulatedImage], token_server: TokenServer
) -> None:
    reference = f"{bearer_registry.host}/public/tiny:1.2.3"
    assert resolved(reference) == images["oci-index"].digest
    assert token_server.log[-1] == "repository:public/tiny:pull"


def test_a_stored_password_is_exchanged_for_a_token(
    stored: Credentials, bearer_registry: Distribution, images: dict[str, SimulatedImage]
) -> None:
    reference = f"{bearer_registry.host}/private/tiny:1"
    assert resolved(reference, stored) == images["private"].digest


def test_a_token_without_rights_is_a_gap(bearer_registry: Distribution) -> None:
    with pytest.raises(Unreachable, match="denies access"):
        resolved(f"{bearer_registry.host}/private/tiny:1")


def test_a_wrong_password_is_a_gap_that_does_not_show_it(
    tmp_path: Path, bearer_registry: Distribution
) -> None:
    entry = f'{{"auths": {{"{bearer_registry.host}": {{"auth": "YWxpY2U6d3Jvbmctb25l"}}}}}}'
    (tmp_path / "config.json").write_text(entry)
    credentials = Credentials.load({"DOCKER_CONFIG": str(tmp_path)})
    with pytest.raises(Unreachable, match="refuses the stored login") as caught:
        resolved(f"{bearer_registry.host}/private/tiny:1", credentials)
    assert "wrong-one" not in f"{caught.value!r} {credentials!r}"
