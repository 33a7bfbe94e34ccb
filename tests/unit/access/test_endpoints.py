from __future__ import annotations

import pytest

from supplychain.access.endpoints import endpoint_of, mirror_endpoint
from supplychain.access.failures import Hostile
from supplychain.errors import ConfigError

NOTHING: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("registry", "base"),
    [
        ("docker.io", "https://registry-1.docker.io"),
        ("ghcr.io", "https://ghcr.io"),
        ("registry.example:5000", "https://registry.example:5000"),
        ("10.0.0.1:5000", "https://10.0.0.1:5000"),
        ("localhost:5000", "http://localhost:5000"),
        ("localhost", "http://localhost"),
        ("127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("127.9.9.9:5000", "http://127.9.9.9:5000"),
        ("[::1]:5000", "http://[::1]:5000"),
        ("localhost.example:5000", "https://localhost.example:5000"),
        ("plain.example:5000", "http://plain.example:5000"),
        ("Plain.example:5000", "http://plain.example:5000"),
        ("plain.example:5001", "https://plain.example:5001"),
        ("bare.example", "http://bare.example"),
        ("bare.example:80", "http://bare.example"),
    ],
)
def test_plain_http_is_for_this_machine_and_listed_hosts(registry: str, base: str) -> None:
    insecure = frozenset({"plain.example:5000", "bare.example"})
    endpoint = endpoint_of(registry, mirrors={}, insecure=insecure)
    assert (endpoint.base, endpoint.login) == (base, registry)


def test_a_mirror_gets_its_own_login_not_its_upstreams() -> None:
    mirrors = {"docker.io": "http://127.0.0.1:5055/"}
    endpoint = endpoint_of("docker.io", mirrors=mirrors, insecure=NOTHING)
    assert (endpoint.base, endpoint.login) == ("http://127.0.0.1:5055", "127.0.0.1:5055")


@pytest.mark.parametrize(
    ("mirror", "reason"),
    [
        ("mirror.example", "has the scheme"),
        ("ftp://mirror.example", "has the scheme 'ftp'"),
        ("https://mirror.example/docker", "is more than a host"),
        ("https://mirror.example?x", "is more than a host"),
        ("https://user:x@mirror.example", "names no plain host"),
        ("http://mirror.example:5000", "is plain http"),
    ],
)
def test_a_mirror_that_is_no_host_is_the_users_error(mirror: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason) as caught:
        mirror_endpoint("docker.io", mirror, NOTHING)
    assert caught.value.hint is not None


def test_a_listed_mirror_may_be_plain() -> None:
    listed = frozenset({"mirror.example:5000"})
    assert mirror_endpoint("docker.io", "http://mirror.example:5000", listed).base == (
        "http://mirror.example:5000"
    )


@pytest.mark.parametrize("registry", ["registry.example:0", "registry.example:70000"])
def test_a_reference_with_an_impossible_port_is_its_authors_doing(registry: str) -> None:
    with pytest.raises(Hostile, match="has the port"):
        endpoint_of(registry, mirrors={}, insecure=NOTHING)
