"""What the client makes of spoiled answers: whose doing each one is."""

from __future__ import annotations

import time

import pytest

from supplychain.access.budget import RetryBudget
from supplychain.access.failures import AccessError, Hostile, Unreachable
from supplychain.access.http import Timeouts
from supplychain.access.registry import RegistryClient, RegistryOptions
from supplychain.core.digest import Digest
from supplychain.core.limits import MAX_IMAGE_CONFIG
from supplychain.core.reference import ImageReference, Platform
from supplychain.formats.oci import Descriptor
from tests.simulators.faults import Fault
from tests.simulators.images import OCI_CONFIG, SimulatedImage, digest_of
from tests.unit.access.exchanges import Serve, config_of, reference_to

NOWHERE = "127.0.0.1:9"  # for what must not be asked at all

ENVIRONMENT = [
    (Fault.HTML, "answered with text/html, which is no image manifest"),
    (Fault.WRONG_CONTENT_TYPE, "answered with application/octet-stream"),
    (Fault.NO_CONTENT_TYPE, "answered with no content type"),
    (Fault.SCHEMA_1, "Docker's schema 1"),
    (Fault.COMPRESSED, "compresses its answer"),
    (Fault.FORBIDDEN, "denies access"),
    (Fault.UNKNOWN_CHALLENGE, "offers digest, neither bearer nor basic"),
    (Fault.BROKEN_CHALLENGE, "in a way that cannot be read"),
    (Fault.PLAIN_NOT_FOUND, "answered 404 .* but not as a registry does"),
    (Fault.ENDLESS_BODY, "sent more than 4194304 bytes"),
    (Fault.REDIRECT_LOOP, "redirects more than 5 times"),
]
WORTH_RETRYING = [
    (Fault.RATE_LIMITED, "answered 429: too many requests"),
    (Fault.SERVER_ERROR, "answered 500"),
    (Fault.ENDLESS_CHUNK, "the connection to"),
    (Fault.SHORT_BODY, "the connection to"),
    (Fault.CONNECTION_RESET, "the connection to"),
    (Fault.NO_HTTP, "what came was no HTTP"),
]
HOSTILE = [
    (Fault.WRONG_DIGEST_HEADER, "but knows no such manifest"),
    (Fault.BAD_DIGEST_HEADER, "is 'md5:0', and sends sha256:"),
    (Fault.WRONG_BODY, "has another digest: sha256:"),
    (Fault.TRUNCATED_INDEX, "is malformed: it is not JSON"),
    (Fault.REDIRECT_TO_FILE, "redirects to 'file:///etc/passwd'"),
    (Fault.REDIRECT_TO_PRIVATE, "a private address"),
    (Fault.REDIRECT_TO_METADATA, "a link-local or reserved address"),
    (Fault.REDIRECT_WITH_USER, "names no plain host"),
    (Fault.FOREIGN_REALM, "wants credentials sent over plain http to 10.0.0.1"),
    (Fault.PLAIN_REALM, "wants credentials sent over plain http to registry.example"),
]


@pytest.mark.parametrize(("fault", "reason"), ENVIRONMENT)
def test_the_environments_faults_are_gaps(
    fault: Fault, reason: str, serve: Serve, client: RegistryClient
) -> None:
    with pytest.raises(Unreachable, match=reason) as caught:
        client.manifest(reference_to(serve(fault)))
    assert not caught.value.retryable


@pytest.mark.parametrize(("fault", "reason"), WORTH_RETRYING)
def test_what_may_pass_is_a_gap_worth_retrying(
    fault: Fault, reason: str, serve: Serve, client: RegistryClient
) -> None:
    with pytest.raises(Unreachable, match=reason) as caught:
        client.manifest(reference_to(serve(fault)))
    assert caught.value.retryable


@pytest.mark.parametrize(
    ("fault", "timeouts", "reason"),
    [
        (Fault.SILENT, Timeouts(read=0.1), "sent nothing for too long"),
        (Fault.SLOW_DRIP, Timeouts(operation=0.5), r"gave no whole answer within 0\.5 s"),
        (Fault.SILENT, Timeouts(operation=0.5), r"gave no whole answer within 0\.5 s"),
    ],
)
def test_a_registry_that_never_ends_is_a_gap_worth_retrying(
    fault: Fault, timeouts: Timeouts, reason: str, serve: Serve, budget: RetryBudget
) -> None:
    with (
        RegistryClient(RegistryOptions(), budget=budget, timeouts=timeouts) as hurried,
        pytest.raises(Unreachable, match=reason) as caught,
    ):
        hurried.manifest(reference_to(serve(fault)))
    assert caught.value.retryable


@pytest.mark.parametrize(("fault", "reason"), HOSTILE)
def test_what_only_an_attacker_or_a_broken_registry_does_is_hostile(
    fault: Fault, reason: str, serve: Serve, client: RegistryClient
) -> None:
    with pytest.raises(Hostile, match=reason):
        client.manifest(reference_to(serve(fault)))


@pytest.mark.parametrize(
    "fault", [Fault.WRONG_BODY, Fault.WRONG_DIGEST_HEADER, Fault.TRUNCATED_INDEX]
)
def test_a_pinned_reference_is_verified_when_it_is_resolved(
    fault: Fault, serve: Serve, client: RegistryClient, tiny: SimulatedImage
) -> None:
    digest = tiny.digest
    if fault is Fault.TRUNCATED_INDEX:
        digest = digest_of(tiny.top.body[: len(tiny.top.body) // 2])
    with pytest.raises(Hostile):
        client.resolve(reference_to(serve(fault), f":1.0@{digest}"))


@pytest.mark.parametrize("fault", [Fault.MISSING_DIGEST_HEADER, Fault.HEAD_NOT_ALLOWED])
def test_where_the_head_says_too_little_the_body_is_hashed(
    fault: Fault, serve: Serve, client: RegistryClient, tiny: SimulatedImage
) -> None:
    registry = serve(fault)
    reference = reference_to(registry)
    assert str(client.resolve(reference).digest) == tiny.digest
    assert [one.method for one in registry.log] == ["HEAD", "GET"]
    assert str(client.manifest(reference).digest) == tiny.digest
    assert [one.method for one in registry.log][2:] == ["HEAD", "GET"]


def test_a_404_to_the_head_alone_is_not_believed(
    serve: Serve, client: RegistryClient, tiny: SimulatedImage
) -> None:
    registry = serve(Fault.PLAIN_NOT_FOUND, times=1)
    assert str(client.resolve(reference_to(registry)).digest) == tiny.digest


def test_a_pause_that_the_registry_asks_for_is_made(
    serve: Serve, timeouts: Timeouts, tiny: SimulatedImage
) -> None:
    registry = serve(Fault.RATE_LIMITED, times=1)
    started = time.monotonic()
    with RegistryClient(RegistryOptions(), timeouts=timeouts) as client:
        assert str(client.resolve(reference_to(registry)).digest) == tiny.digest
    assert time.monotonic() - started >= 1.0  # seconds in Retry-After
    assert [one.method for one in registry.log] == ["HEAD", "HEAD"]


def test_a_registry_that_is_down_is_a_gap(client: RegistryClient, closed_port: int) -> None:
    reference = ImageReference.parse(f"127.0.0.1:{closed_port}/library/tiny:1.0")
    with pytest.raises(Unreachable, match="refuses connections") as caught:
        client.resolve(reference)
    assert caught.value.retryable


# Configurations


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.WRONG_BLOB, "has another digest: sha256:"),
        (Fault.SHORT_BLOB, r"has fewer bytes than the \d+ declared"),
        (Fault.LONG_BLOB, r"has more bytes than the \d+ declared"),
    ],
)
def test_a_configuration_other_than_declared_is_hostile(
    fault: Fault, reason: str, serve: Serve, client: RegistryClient, tiny: SimulatedImage
) -> None:
    with pytest.raises(Hostile, match=reason):
        client.configuration(reference_to(serve(fault)), config_of(tiny))


def test_a_login_page_in_the_place_of_a_configuration_is_a_gap(
    serve: Serve, client: RegistryClient, tiny: SimulatedImage
) -> None:
    with pytest.raises(Unreachable, match="text/html, which is no image configuration"):
        client.configuration(reference_to(serve(Fault.HTML_BLOB)), config_of(tiny))


def test_a_configuration_may_lie_with_another_host(
    serve: Serve, client: RegistryClient, tiny: SimulatedImage
) -> None:
    registry = serve(Fault.BLOB_ELSEWHERE)
    configuration = client.configuration(reference_to(registry), config_of(tiny))
    assert configuration.platform == Platform("linux", "amd64")
    assert registry.elsewhere is not None
    assert [one.kind for one in registry.elsewhere.log] == ["blobs"]


def test_a_configuration_declared_huge_is_not_asked_for(
    client: RegistryClient, tiny: SimulatedImage
) -> None:
    huge = config_of(tiny, size=MAX_IMAGE_CONFIG + 1)
    with pytest.raises(Hostile, match="is declared to have"):
        client.configuration(ImageReference.parse(f"{NOWHERE}/tiny"), huge)


def test_a_layer_is_no_configuration(
    serve: Serve, client: RegistryClient, tiny: SimulatedImage
) -> None:
    layer = tiny.platforms["linux/amd64"].layers[0]
    digest = Digest.parse(layer.digest)
    wrong = Descriptor(media_type=OCI_CONFIG, digest=digest, size=len(layer.body))
    with pytest.raises(Hostile, match="is malformed"):
        client.configuration(reference_to(serve()), wrong)


def test_every_failure_has_a_reason_on_one_line(serve: Serve, client: RegistryClient) -> None:
    for fault in (Fault.HTML, Fault.WRONG_BODY, Fault.PLAIN_NOT_FOUND, Fault.BAD_DIGEST_HEADER):
        with pytest.raises(AccessError) as caught:
            client.manifest(reference_to(serve(fault)))
        assert caught.value.reason.isprintable()
        assert not caught.value.reason.endswith(".")
