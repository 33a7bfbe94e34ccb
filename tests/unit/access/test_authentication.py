"""Logins, tokens and realms, against a registry on loopback."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from supplychain.access.authentication import Authenticator
from supplychain.access.budget import RetryBudget
from supplychain.access.credential_files import read_credential_file
from supplychain.access.credentials import Credentials
from supplychain.access.endpoints import Endpoint
from supplychain.access.failures import Hostile, Unreachable
from supplychain.access.http import Answer, HttpClient, Timeouts
from supplychain.access.registry import RegistryClient, RegistryOptions
from supplychain.access.urls import Origin
from supplychain.core.reference import ImageReference
from tests.simulators.faults import Fault
from tests.simulators.gatekeeper import Door, basic
from tests.simulators.images import SimulatedImage, image
from tests.simulators.registry import RegistrySimulator

USER, SECRET, WRONG, LONG_LIVED = "alice", "s3cret", "wr0ng", "long-lived"
DOORS = {
    "basic": Door(scheme="basic", user=USER, password=SECRET),
    "bearer": Door(scheme="bearer", user=USER, password=SECRET),
}


def stored(host: str, **entry: str) -> Credentials:
    document = {"auths": {host: entry}}
    return Credentials([read_credential_file("config.json", json.dumps(document).encode())])


def resolved(
    registry: RegistrySimulator, credentials: Credentials | None = None, name: str = "tiny:1.0"
) -> str:
    with RegistryClient(RegistryOptions(), credentials) as client:
        reference = ImageReference.parse(f"{registry.host}/library/{name}")
        return str(client.resolve(reference).digest)


@pytest.mark.parametrize("scheme", ["basic", "bearer"])
def test_a_stored_password_is_used_when_asked_for(scheme: str, tiny: SimulatedImage) -> None:
    with RegistrySimulator([tiny], door=DOORS[scheme]) as registry:
        credentials = stored(registry.host, username=USER, password=SECRET)
        assert resolved(registry, credentials) == tiny.digest
        assert registry.log[0].authorization == ""


def test_a_public_image_needs_no_login(tiny: SimulatedImage) -> None:
    with RegistrySimulator([tiny], door=Door(scheme="bearer")) as registry:
        assert resolved(registry) == tiny.digest
        assert [one.path for one in registry.log if one.authorization == ""] == [
            "/v2/library/tiny/manifests/1.0",
            "/token",
        ]


def test_an_identity_token_is_exchanged_by_post(tiny: SimulatedImage) -> None:
    door = Door(scheme="bearer", user=USER, password=SECRET, identity_token=LONG_LIVED)
    with RegistrySimulator([tiny], door=door) as registry:
        credentials = stored(registry.host, identitytoken=LONG_LIVED)
        assert resolved(registry, credentials) == tiny.digest
        (exchange,) = [one for one in registry.log if one.method == "POST"]
    assert exchange.form["scope"] == "repository:library/tiny:pull"
    assert exchange.authorization == ""


@pytest.mark.parametrize(
    ("scheme", "reason"),
    [("basic", "none are stored"), ("bearer", "refuses to give a token without a login")],
)
def test_without_a_login_the_gap_names_the_command(
    scheme: str, reason: str, tiny: SimulatedImage
) -> None:
    with RegistrySimulator([tiny], door=DOORS[scheme]) as registry:
        with pytest.raises(Unreachable, match=reason) as caught:
            resolved(registry)
        assert caught.value.hint == f"run `docker login {registry.host}`"
    assert not caught.value.retryable


@pytest.mark.parametrize("scheme", ["basic", "bearer"])
def test_a_wrong_password_is_a_gap_that_does_not_show_it(scheme: str, tiny: SimulatedImage) -> None:
    with RegistrySimulator([tiny], door=DOORS[scheme]) as registry:
        credentials = stored(registry.host, username=USER, password=WRONG)
        with pytest.raises(Unreachable, match=r"denies access|refuses the stored login") as caught:
            resolved(registry, credentials)
    assert WRONG not in repr(caught.value)
    assert basic(USER, WRONG).split()[1] not in repr(caught.value)


def test_a_login_for_another_registry_is_not_sent(tiny: SimulatedImage) -> None:
    with RegistrySimulator([tiny], door=DOORS["basic"]) as registry:
        credentials = stored("docker.io", username=USER, password=SECRET)
        with pytest.raises(Unreachable, match="none are stored"):
            resolved(registry, credentials)
        assert [one.authorization for one in registry.log] == [""]


def test_a_mirror_is_not_sent_the_login_of_docker_hub(tiny: SimulatedImage) -> None:
    with RegistrySimulator([tiny], door=DOORS["bearer"]) as registry:
        options = RegistryOptions(mirrors={"docker.io": registry.url})
        credentials = stored("https://index.docker.io/v1/", username=USER, password=SECRET)
        with RegistryClient(options, credentials) as client, pytest.raises(Unreachable):
            client.resolve(ImageReference.parse("tiny:1.0"))
        assert {one.authorization for one in registry.log} == {""}


def test_one_token_serves_a_repository_and_no_other(tiny: SimulatedImage) -> None:
    other = image("library/other", "1")
    with (
        RegistrySimulator([tiny, other], door=Door(scheme="bearer")) as registry,
        RegistryClient(RegistryOptions()) as client,
    ):
        for name in ("tiny:1.0", "tiny:1.0", "other:1", "tiny:1.0"):
            client.manifest(ImageReference.parse(f"{registry.host}/library/{name}"))
        scopes = [one.query["scope"] for one in registry.log if one.path == "/token"]
    assert scopes == ["repository:library/tiny:pull", "repository:library/other:pull"]


def test_threads_that_are_refused_together_ask_for_one_token(tiny: SimulatedImage) -> None:
    with (
        RegistrySimulator([tiny], door=Door(scheme="bearer")) as registry,
        RegistryClient(RegistryOptions()) as client,
        ThreadPoolExecutor(8) as pool,
    ):
        reference = ImageReference.parse(f"{registry.host}/library/tiny:1.0")
        digests = {str(one.digest) for one in pool.map(client.resolve, [reference] * 16)}
        assert sum(one.path == "/token" for one in registry.log) == 1
    assert digests == {tiny.digest}


@pytest.mark.parametrize("lifetime", [0, 5])
def test_a_token_about_to_end_is_not_used_again(lifetime: int, tiny: SimulatedImage) -> None:
    door = Door(scheme="bearer", lifetime=lifetime or 1)
    with (
        RegistrySimulator([tiny], door=door) as registry,
        RegistryClient(RegistryOptions()) as client,
    ):
        reference = ImageReference.parse(f"{registry.host}/library/tiny:1.0")
        for _ in range(2):
            client.resolve(reference)
        assert sum(one.path == "/token" for one in registry.log) == 2


def test_a_token_without_a_lifetime_lives_a_minute(tiny: SimulatedImage) -> None:
    door = Door(scheme="bearer", lifetime=None)
    with (
        RegistrySimulator([tiny], door=door) as registry,
        RegistryClient(RegistryOptions()) as client,
    ):
        reference = ImageReference.parse(f"{registry.host}/library/tiny:1.0")
        for _ in range(2):
            client.resolve(reference)
        assert sum(one.path == "/token" for one in registry.log) == 1


def test_an_identity_token_is_no_password(tiny: SimulatedImage) -> None:
    with RegistrySimulator([tiny], door=DOORS["basic"]) as registry:
        credentials = stored(registry.host, identitytoken=LONG_LIVED)
        with pytest.raises(Unreachable, match="a user name and password, and none are stored"):
            resolved(registry, credentials)


def test_a_password_that_was_just_refused_is_not_sent_again(tiny: SimulatedImage) -> None:
    with RegistrySimulator([tiny], door=DOORS["basic"]) as registry:
        credentials = stored(registry.host, username=USER, password=WRONG)
        with RegistryClient(RegistryOptions(), credentials) as client:
            reference = ImageReference.parse(f"{registry.host}/library/tiny:1.0")
            for reason in ("denies access", "refuses the stored user name and password"):
                with pytest.raises(Unreachable, match=reason):
                    client.resolve(reference)
        assert [bool(one.authorization) for one in registry.log] == [False, True, True]


# Realms and tokens, without a registry around them


@pytest.fixture
def authenticator() -> Iterator[Authenticator]:
    with HttpClient(RetryBudget(tries=1), Timeouts(connect=0.5, read=0.5), 2) as http:
        yield Authenticator(http, Credentials(), frozenset({"plain.example:5000"}))


def renewed(authenticator: Authenticator, base: str, challenge: str) -> str:
    origin = Origin.of(base)
    refusal = Answer(status=401, origin=origin, headers={"WWW-Authenticate": challenge}, body=b"")
    endpoint = Endpoint(origin=origin, login=origin.authority)
    return authenticator.renew(endpoint, "library/tiny", refusal, None, time.monotonic() + 5)


@pytest.mark.parametrize(
    ("base", "realm", "reason"),
    [
        ("https://8.8.8.8", "http://auth.example/token", "over plain http to auth.example"),
        ("https://8.8.8.8", "http://8.8.8.8/token", "over plain http"),
        ("http://127.0.0.1:1", "http://auth.example/token", "over plain http"),
        ("http://plain.example:5000", "http://auth.example/token", "over plain http"),
        ("https://8.8.8.8", "https://10.0.0.1/token", "a private address"),
        ("https://8.8.8.8", "https://127.0.0.1/token", "a loopback address"),
        ("https://8.8.8.8", "https://localhost/token", "a loopback address"),
        ("https://8.8.8.8", "https://169.254.169.254/token", "a link-local or reserved address"),
        ("https://8.8.8.8", "https://2130706433/token", "a loopback address"),
        ("https://10.0.0.1", "https://10.0.0.2/token", "a private address"),
        ("https://10.0.0.1", "https://127.0.0.1/token", "a loopback address"),
        ("http://127.0.0.1:1", "https://10.0.0.1/token", "a private address"),
        ("https://8.8.8.8", "file:///etc/passwd", "has the scheme 'file'"),
        ("https://8.8.8.8", "https://user@auth.example/token", "names no plain host"),
        ("https://8.8.8.8", "", "names the credentials realm ''"),
    ],
)
def test_a_realm_astray_is_hostile(
    base: str, realm: str, reason: str, authenticator: Authenticator
) -> None:
    with pytest.raises(Hostile, match=reason):
        renewed(authenticator, base, f'Bearer realm="{realm}",service="x"')


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_registry_on_this_machine_may_have_its_realm_on_any_port_of_it(
    host: str, authenticator: Authenticator
) -> None:
    with RegistrySimulator(door=Door(scheme="bearer")) as realm:
        url = realm.url.replace("127.0.0.1", host)
        challenge = f'Bearer realm="{url}/token",service="simulator"'
        assert renewed(authenticator, "http://127.0.0.1:1", challenge) == "Bearer token-1"


@pytest.mark.parametrize(
    ("wished", "asked"),
    [
        ("repository:library/tiny:pull", "repository:library/tiny:pull"),
        ("repository:hub/library/tiny:pull", "repository:hub/library/tiny:pull"),
        ("repository:library/tiny:pull,push", "repository:library/tiny:pull"),
        ("registry:catalog:*", "repository:library/tiny:pull"),
        ("", "repository:library/tiny:pull"),
    ],
)
def test_never_more_than_pulling_is_asked_for(
    wished: str, asked: str, authenticator: Authenticator
) -> None:
    with RegistrySimulator(door=Door(scheme="bearer")) as realm:
        where = f'realm="{realm.url}/token?kept=1",service="simulator"'
        renewed(authenticator, "http://127.0.0.1:1", f'Bearer {where},scope="{wished}"')
        (request,) = realm.log
    assert request.query == {"kept": "1", "service": "simulator", "scope": asked}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"token": ""}',
        b'{"token": 1}',
        b'{"token": "a b"}',
        b'{"token": "a\\r\\nX: y"}',
        b'{"token": "' + b"a" * 20_000 + b'"}',
        b'{"token": "' + b"a" * 70_000 + b'"}',
    ],
)
def test_what_is_no_token_is_a_gap(body: bytes, authenticator: Authenticator) -> None:
    with RegistrySimulator(door=Door(scheme="bearer", answer=body)) as server:
        challenge = f'Bearer realm="{server.url}/token"'
        with pytest.raises(Unreachable, match="answered with no token") as caught:
            renewed(authenticator, "http://127.0.0.1:1", challenge)
    assert caught.value.hint == "check for a proxy or a login page"


@pytest.mark.parametrize("lifetime", ["1e3", "true", "-5", "null", '"60"', "[]", "9" * 30])
def test_an_odd_lifetime_does_no_harm(lifetime: str, authenticator: Authenticator) -> None:
    body = f'{{"token": "t", "expires_in": {lifetime}}}'.encode()
    with RegistrySimulator(door=Door(scheme="bearer", answer=body)) as server:
        challenge = f'Bearer realm="{server.url}/token"'
        assert renewed(authenticator, "http://127.0.0.1:1", challenge) == "Bearer t"


def test_a_token_server_in_trouble_is_a_gap_worth_retrying(authenticator: Authenticator) -> None:
    page = image("library/tiny", "1", ("linux/amd64",), 1)
    with RegistrySimulator([page], fault=Fault.SERVER_ERROR) as server:
        realm = f"{server.url}/v2/library/tiny/manifests/1"
        with pytest.raises(Unreachable, match=r"the token server .* answered 500") as caught:
            renewed(authenticator, "http://127.0.0.1:1", f'Bearer realm="{realm}"')
    assert caught.value.retryable


def test_bearer_is_preferred_to_basic(authenticator: Authenticator) -> None:
    with RegistrySimulator(door=Door(scheme="bearer")) as realm:
        challenge = f'Basic realm="x", Bearer realm="{realm.url}/token",service="simulator"'
        assert renewed(authenticator, "http://127.0.0.1:1", challenge) == "Bearer token-1"


def test_a_token_server_that_is_down_is_a_gap_worth_retrying(
    authenticator: Authenticator, closed_port: int
) -> None:
    challenge = f'Bearer realm="http://127.0.0.1:{closed_port}/token"'
    with pytest.raises(Unreachable, match="refuses connections") as caught:
        renewed(authenticator, "http://127.0.0.1:1", challenge)
    assert caught.value.retryable
