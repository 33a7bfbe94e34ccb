"""Where a server may lead us, and where not."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from supplychain.access.addresses import EVERYWHERE, Zone
from supplychain.access.failures import Hostile, Unreachable
from supplychain.access.http import HttpClient
from supplychain.access.urls import Origin
from tests.simulators.certificates import Identity
from tests.simulators.faults import Fault
from tests.simulators.images import SimulatedImage
from tests.simulators.registry import RegistrySimulator
from tests.unit.access.exchanges import blob_url, manifest_url, only, request


def test_a_redirect_to_another_origin_loses_the_authorization(
    http: HttpClient, tiny: SimulatedImage
) -> None:
    with RegistrySimulator([tiny], fault=Fault.BLOB_ELSEWHERE) as registry:
        answer = http.exchange(request(blob_url(registry, tiny)))
        assert registry.elsewhere is not None
        assert only(registry.log).authorization == "Bearer secret"
        assert only(registry.elsewhere.log).authorization == ""
        assert answer.origin == Origin.of(registry.elsewhere.url)
    assert answer.status == 200


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.REDIRECT_TO_FILE, "has the scheme 'file'"),
        (Fault.REDIRECT_TO_PRIVATE, "10.0.0.1, which is a private address"),
        (Fault.REDIRECT_TO_METADATA, "169.254.169.254, which is a link-local or reserved address"),
        (Fault.REDIRECT_WITH_USER, "names no plain host and port"),
    ],
)
def test_a_redirect_astray_is_hostile_and_not_tried_again(
    fault: Fault, reason: str, http: HttpClient, tiny: SimulatedImage
) -> None:
    with RegistrySimulator([tiny], fault=fault) as registry:
        with pytest.raises(Hostile, match=reason):
            http.exchange(request(manifest_url(registry, tiny)))
        assert len(registry.log) == 1


def test_redirects_are_followed_five_times(http: HttpClient, tiny: SimulatedImage) -> None:
    with RegistrySimulator([tiny], fault=Fault.REDIRECT_LOOP) as registry:
        with pytest.raises(Unreachable, match="redirects more than 5 times"):
            http.exchange(request(manifest_url(registry, tiny)))
        assert len(registry.log) == 6


def test_a_post_is_not_redirected(http: HttpClient, tiny: SimulatedImage) -> None:
    with RegistrySimulator([tiny], fault=Fault.REDIRECT_TO_FILE) as registry:
        url = manifest_url(registry, tiny)
        answer = http.exchange(replace(request(url), method="POST", form=b"token=secret"))
        assert len(registry.log) == 1
    assert answer.status == 307


@pytest.mark.parametrize(
    ("source", "target", "zones"),
    [
        ("https://8.8.8.8", "https://1.1.1.1", {Zone.PUBLIC}),
        ("https://8.8.8.8", "https://8.8.8.8:8443", EVERYWHERE),
        ("https://10.0.0.1", "https://10.0.0.2", {Zone.PUBLIC, Zone.PRIVATE}),
        ("https://10.0.0.1", "https://8.8.8.8", {Zone.PUBLIC, Zone.PRIVATE}),
        ("http://127.0.0.1:1", "http://localhost:2", {Zone.PUBLIC, Zone.LOOPBACK}),
    ],
)
def test_a_server_may_name_its_own_kind_and_public_ones(
    source: str, target: str, zones: set[Zone], http: HttpClient
) -> None:
    allowed = http.zones_open_to(Origin.of(source), Origin.of(target), time.monotonic() + 5)
    assert allowed == zones


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("https://8.8.8.8", "https://10.0.0.1"),
        ("https://8.8.8.8", "https://127.0.0.1"),
        ("https://8.8.8.8", "https://2130706433"),
        ("https://8.8.8.8", "https://0x7f.1"),
        ("https://8.8.8.8", "https://localhost"),
        ("https://8.8.8.8", "https://[::1]"),
        ("https://8.8.8.8", "https://[::ffff:10.0.0.1]"),
        ("https://8.8.8.8", "https://169.254.169.254"),
        ("https://10.0.0.1", "https://127.0.0.1"),
        ("https://10.0.0.1", "https://169.254.169.254"),
        ("http://127.0.0.1", "http://10.0.0.1"),
        ("http://127.0.0.1", "http://169.254.169.254"),
    ],
)
def test_a_server_may_not_name_what_lies_behind_us(
    source: str, target: str, http: HttpClient
) -> None:
    with pytest.raises(Hostile, match="sends us to"):
        http.zones_open_to(Origin.of(source), Origin.of(target), time.monotonic() + 5)


def test_an_address_outside_the_allowed_zones_is_not_connected_to(
    http: HttpClient, tiny: SimulatedImage
) -> None:
    with RegistrySimulator([tiny]) as registry:
        inside = replace(request(manifest_url(registry, tiny)), zones=frozenset({Zone.PUBLIC}))
        with pytest.raises(Hostile, match="a loopback address"):
            http.exchange(inside)
        assert registry.log == []


def test_an_open_connection_is_no_way_round_the_zones(
    http: HttpClient, tiny: SimulatedImage
) -> None:
    with RegistrySimulator([tiny]) as registry:
        anywhere = request(manifest_url(registry, tiny))
        http.exchange(anywhere)
        with pytest.raises(Hostile, match="a loopback address"):
            http.exchange(replace(anywhere, zones=frozenset({Zone.PUBLIC})))
        assert len(registry.log) == 1


def test_https_is_not_left_for_plain_http(
    http: HttpClient,
    tiny: SimulatedImage,
    identity: Identity,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(identity.certificate_file))
    tls = identity.server_context()
    with RegistrySimulator([tiny], fault=Fault.BLOB_ELSEWHERE, tls=tls) as registry:
        with pytest.raises(Hostile, match="redirects from https to plain http"):
            http.exchange(request(blob_url(registry, tiny)))
        assert registry.elsewhere is not None
        assert registry.elsewhere.log == []
