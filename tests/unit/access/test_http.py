"""Proxies, TLS, limits and tries, against real servers on loopback."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from supplychain.access.budget import RetryBudget
from supplychain.access.failures import Unreachable
from supplychain.access.http import Answer, HttpClient, Timeouts
from supplychain.access.urls import Origin
from tests.simulators.certificates import Identity
from tests.simulators.faults import Fault
from tests.simulators.images import OCI_INDEX, SimulatedImage
from tests.simulators.proxy import TunnelProxy
from tests.simulators.registry import RegistrySimulator
from tests.unit.access.exchanges import manifest_url, only, request


def test_an_answer_is_read_whole(http: HttpClient, tiny: SimulatedImage) -> None:
    with RegistrySimulator([tiny]) as registry:
        answer = http.exchange(request(manifest_url(registry, tiny)))
    assert (answer.status, answer.body, answer.is_cut) == (200, tiny.top.body, False)
    assert answer.content_type == OCI_INDEX
    assert answer.origin == Origin.of(registry.url)


def test_what_is_sent_names_us_and_asks_for_plain_bytes(
    http: HttpClient, tiny: SimulatedImage
) -> None:
    with RegistrySimulator([tiny]) as registry:
        http.exchange(request(manifest_url(registry, tiny)))
        headers = dict(only(registry.log).headers)
    assert headers.pop("host") == registry.host
    assert headers.pop("user-agent").startswith("supplychain/")
    assert headers == {
        "accept": OCI_INDEX,
        "accept-encoding": "identity",
        "authorization": "Bearer secret",
    }


@pytest.mark.parametrize("less", [0, 1])
def test_a_body_is_cut_just_beyond_the_limit(
    less: int, http: HttpClient, tiny: SimulatedImage
) -> None:
    limit = len(tiny.top.body) - less
    with RegistrySimulator([tiny]) as registry:
        answer = http.exchange(request(manifest_url(registry, tiny), limit))
    assert answer.body == tiny.top.body[:limit]
    assert answer.is_cut is bool(less)


def test_a_netrc_is_never_used(
    http: HttpClient, tiny: SimulatedImage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("default login alice password s3cret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with RegistrySimulator([tiny]) as registry:
        http.exchange(replace(request(manifest_url(registry, tiny)), authorization=None))
        assert only(registry.log).authorization == ""


def test_a_connection_is_used_again(http: HttpClient, tiny: SimulatedImage) -> None:
    with RegistrySimulator([tiny]) as registry:
        for _ in range(3):
            http.exchange(request(manifest_url(registry, tiny)))
        assert registry.connections == 1


# Tries and time


@pytest.mark.parametrize(
    ("fault", "reason", "tries"),
    [
        (Fault.CONNECTION_RESET, "the connection to 127.0.0.1", 3),
        (Fault.NO_HTTP, "or what came was no HTTP", 3),
        (Fault.SHORT_BODY, "the connection to 127.0.0.1", 3),
        (Fault.ENDLESS_CHUNK, "the connection to 127.0.0.1", 3),
        (Fault.COMPRESSED, "compresses its answer", 1),
    ],
)
def test_what_may_pass_is_tried_three_times(
    fault: Fault, reason: str, tries: int, http: HttpClient, tiny: SimulatedImage
) -> None:
    with RegistrySimulator([tiny], fault=fault) as registry:
        with pytest.raises(Unreachable, match=reason) as caught:
            http.exchange(request(manifest_url(registry, tiny)))
        assert len(registry.log) == tries
    assert caught.value.retryable is (tries > 1)
    assert caught.value.hint is not None


def test_silence_is_waited_for_three_times(budget: RetryBudget, tiny: SimulatedImage) -> None:
    hurried = Timeouts(read=0.1)
    with (
        RegistrySimulator([tiny], fault=Fault.SILENT) as registry,
        HttpClient(budget, hurried, connections=2) as http,
    ):
        with pytest.raises(Unreachable, match="sent nothing for too long") as caught:
            http.exchange(request(manifest_url(registry, tiny)))
        assert len(registry.log) == 3
    assert caught.value.retryable


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.CONNECTION_RESET])
def test_a_fault_that_passes_is_got_over(
    fault: Fault, http: HttpClient, tiny: SimulatedImage
) -> None:
    with RegistrySimulator([tiny], fault=fault, times=2) as registry:
        answer = http.exchange(request(manifest_url(registry, tiny)))
        assert len(registry.log) == 3
    assert answer.body == tiny.top.body


def test_after_the_last_try_the_answer_is_handed_over(
    http: HttpClient, tiny: SimulatedImage
) -> None:
    with RegistrySimulator([tiny], fault=Fault.SERVER_ERROR) as registry:
        answer = http.exchange(request(manifest_url(registry, tiny)))
        assert len(registry.log) == 3
    assert answer.status == 500


@pytest.mark.parametrize("status", [400, 404, 501])
def test_other_statuses_are_not_tried_again(
    status: int, http: HttpClient, tiny: SimulatedImage
) -> None:
    with RegistrySimulator([tiny], fault=Fault.SERVER_ERROR) as registry:
        few = replace(request(manifest_url(registry, tiny)), retried=frozenset({status}))
        assert http.exchange(few).status == 500
        assert len(registry.log) == 1


def test_nothing_listening_is_said_so(http: HttpClient, closed_port: int) -> None:
    with pytest.raises(Unreachable, match="refuses connections") as caught:
        http.exchange(request(f"http://127.0.0.1:{closed_port}/v2/"))
    assert caught.value.retryable


def test_a_host_that_accepts_no_connection_is_said_so(
    budget: RetryBudget, timeouts: Timeouts
) -> None:
    hurried = Timeouts(connect=0.1, read=timeouts.read, operation=timeouts.operation)
    with ExitStack() as opened, HttpClient(budget, hurried, connections=2) as http:
        full = opened.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):  # more than the queue of one takes
            waiting = opened.enter_context(socket.socket())
            waiting.settimeout(0.0)
            waiting.connect_ex(full.getsockname())
        with pytest.raises(Unreachable, match="accepted no connection in time") as caught:
            http.exchange(request(f"http://127.0.0.1:{full.getsockname()[1]}/v2/"))
    assert caught.value.retryable


def test_what_is_no_host_is_a_gap(http: HttpClient) -> None:
    with pytest.raises(Unreachable, match="its address or a header is not valid"):
        http.exchange(request("http://.example/v2/"))


def test_a_slow_drip_ends_at_the_deadline(http: HttpClient, tiny: SimulatedImage) -> None:
    with RegistrySimulator([tiny], fault=Fault.SLOW_DRIP) as registry:
        slow = request(manifest_url(registry, tiny))
        with pytest.raises(Unreachable, match="gave no whole answer within 10 s") as caught:
            http.exchange(replace(slow, deadline=time.monotonic() + 0.3))
        assert len(registry.log) == 1
    assert caught.value.retryable


def test_a_host_that_wastes_our_time_is_asked_no_more(tiny: SimulatedImage) -> None:
    budget, timeouts = RetryBudget(first_wait=0.001, patience=0.5), Timeouts(read=0.3)
    with (
        RegistrySimulator([tiny], fault=Fault.SILENT) as silent,
        RegistrySimulator([tiny]) as sound,
        HttpClient(budget, timeouts, connections=2) as http,
    ):
        for reason in ("sent nothing", "was given up in this run", "was given up in this run"):
            with pytest.raises(Unreachable, match=reason) as caught:
                http.exchange(request(manifest_url(silent, tiny)))
            assert caught.value.retryable
        assert len(silent.log) == 3
        assert http.exchange(request(manifest_url(sound, tiny))).status == 200


# Proxies


def test_a_proxy_of_the_environment_is_used_for_other_machines(
    http: HttpClient, tiny: SimulatedImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RegistrySimulator([tiny]) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        url = f"http://registry.example/v2/{tiny.name}/manifests/{tiny.tag}"
        answer = http.exchange(request(url))
        assert only(proxy.log).target == url
    assert answer.body == tiny.top.body


def test_no_proxy_is_used_for_this_machine(
    http: HttpClient, tiny: SimulatedImage, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port}")
    with RegistrySimulator([tiny]) as registry:
        assert http.exchange(request(manifest_url(registry, tiny))).status == 200


def test_a_proxy_that_is_down_is_named_as_such(
    http: HttpClient, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{closed_port}")
    with pytest.raises(Unreachable, match="the proxy that the environment names") as caught:
        http.exchange(request("https://registry.example/v2/"))
    assert caught.value.hint == "check HTTPS_PROXY and NO_PROXY"


def test_a_socks_proxy_is_refused(http: HttpClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "socks5://127.0.0.1:1080")
    with pytest.raises(Unreachable, match="a SOCKS proxy is set"):
        http.exchange(request("https://registry.example/v2/"))


def test_https_goes_through_a_tunnel(
    http: HttpClient,
    tiny: SimulatedImage,
    identity: Identity,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(identity.certificate_file))
    with RegistrySimulator([tiny], tls=identity.server_context()) as registry:
        port = Origin.of(registry.url).port
        with TunnelProxy(port) as proxy:
            monkeypatch.setenv("https_proxy", proxy.url)
            url = f"https://registry.example/v2/{tiny.name}/manifests/{tiny.tag}"
            answer = http.exchange(request(url))
            assert proxy.log == ["registry.example:443"]
    assert answer.body == tiny.top.body


# TLS


def test_a_certificate_nobody_vouches_for_is_refused(
    http: HttpClient, tiny: SimulatedImage, identity: Identity
) -> None:
    with RegistrySimulator([tiny], tls=identity.server_context()) as registry:
        with pytest.raises(Unreachable, match=r"certificate of localhost:\d+ is refused") as caught:
            http.exchange(request(manifest_url(registry, tiny)))
        assert registry.log == []
    assert not caught.value.retryable
    assert (
        caught.value.hint == "set REQUESTS_CA_BUNDLE to the file of your own certificate authority"
    )


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_an_authority_of_the_environment_is_trusted(
    variable: str,
    http: HttpClient,
    tiny: SimulatedImage,
    identity: Identity,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(variable, str(identity.certificate_file))
    with RegistrySimulator([tiny], tls=identity.server_context()) as registry:
        assert http.exchange(request(manifest_url(registry, tiny))).body == tiny.top.body


def test_a_missing_authority_file_is_a_gap(
    http: HttpClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "absent.pem"))
    with pytest.raises(Unreachable, match=r"REQUESTS_CA_BUNDLE names .*, which does not exist"):
        http.exchange(request("https://127.0.0.1:1/v2/"))


def test_a_server_without_tls_is_said_so(http: HttpClient, tiny: SimulatedImage) -> None:
    with (
        RegistrySimulator([tiny]) as registry,
        pytest.raises(Unreachable, match="speaks no TLS that we know") as caught,
    ):
        http.exchange(request(f"https://{registry.host}/v2/"))
    assert caught.value.hint is not None
    assert "plain http" in caught.value.hint


def test_neither_request_nor_answer_shows_a_secret() -> None:
    asked = replace(request("https://registry.example/"), form=b"refresh_token=secret")
    answer = Answer(
        status=200,
        origin=Origin.of("https://auth.example"),
        headers={"X-Token": "secret"},
        body=b'{"token": "secret"}',
    )
    assert "secret" not in f"{asked!r} {answer!r}"
