"""What the client makes of a registry's answers, sound and spoiled."""

from __future__ import annotations

import pytest

from supplychain.access.budget import RetryBudget
from supplychain.access.failures import Hostile, NotFound, Unreachable
from supplychain.access.http import Timeouts
from supplychain.access.registry import RegistryClient, RegistryOptions, ResolvedReference
from supplychain.core.digest import Digest
from supplychain.core.reference import ImageReference, Platform
from supplychain.errors import ConfigError
from supplychain.formats.oci import MANIFEST_TYPES, Descriptor, ImageIndex, ImageManifest
from tests.simulators.faults import Fault
from tests.simulators.images import OCI_CONFIG, OCI_INDEX, SimulatedImage, image
from tests.simulators.registry import RegistrySimulator
from tests.unit.access.exchanges import Serve, config_of, reference_to

NOWHERE = "127.0.0.1:9"  # for what must not be asked at all


# Sound registries


def test_a_tag_costs_one_head_that_lists_all_four_types(
    serve: Serve, client: RegistryClient, tiny: SimulatedImage
) -> None:
    registry = serve()
    resolved = client.resolve(reference_to(registry))
    assert str(resolved.digest) == tiny.digest
    assert resolved.media_type == OCI_INDEX
    (asked,) = registry.log
    assert (asked.method, asked.headers["accept"]) == ("HEAD", ", ".join(MANIFEST_TYPES))


def test_a_reference_without_a_tag_means_latest(client: RegistryClient) -> None:
    one = image("library/tiny", "latest")
    with RegistrySimulator([one]) as registry:
        assert str(client.resolve(reference_to(registry, "")).digest) == one.digest


def test_a_digest_wins_over_a_tag(
    serve: Serve, client: RegistryClient, tiny: SimulatedImage
) -> None:
    registry = serve()
    resolved = client.resolve(reference_to(registry, f":gone@{tiny.digest}"))
    assert str(resolved.digest) == tiny.digest
    assert [one.method for one in registry.log] == ["GET"]


def test_an_index_its_manifests_and_their_configurations_are_read(
    serve: Serve, client: RegistryClient, tiny: SimulatedImage
) -> None:
    reference = reference_to(serve())
    index = client.manifest(reference)
    assert (str(index.digest), index.media_type, index.body) == (
        tiny.digest,
        OCI_INDEX,
        tiny.top.body,
    )
    assert isinstance(index.document, ImageIndex)
    entry = index.document.entry_for(Platform("linux", "arm64"))
    assert entry is not None
    manifest = client.manifest(reference, entry.descriptor.digest)
    assert isinstance(manifest.document, ImageManifest)
    configuration = client.configuration(reference, manifest.document.config)
    assert configuration.platform == Platform("linux", "arm64")
    assert str(configuration.chain_id) == tiny.platforms["linux/arm64"].chain_id


def test_attestations_have_no_platform(client: RegistryClient) -> None:
    one = image("library/tiny", "1.0", attested=True)
    with RegistrySimulator([one]) as registry:
        index = client.manifest(reference_to(registry)).document
    assert isinstance(index, ImageIndex)
    assert [entry.platform and str(entry.platform) for entry in index.entries] == [
        "linux/amd64",
        "linux/arm64",
        None,
        None,
    ]


@pytest.mark.parametrize(
    "one",
    [
        image("library/tiny", "1.0", family="docker"),
        image("library/tiny", "1.0", ("linux/amd64",), is_index=False),
        image("library/tiny", "1.0", ("linux/arm/v7",), family="docker", is_index=False),
    ],
    ids=["docker-list", "oci-manifest", "docker-manifest"],
)
def test_every_form_of_image_is_read(one: SimulatedImage, client: RegistryClient) -> None:
    with RegistrySimulator([one]) as registry:
        fetched = client.manifest(reference_to(registry))
    assert (str(fetched.digest), fetched.media_type) == (one.digest, one.top.media_type)


def test_a_mirror_is_asked_in_the_place_of_docker_hub(serve: Serve, tiny: SimulatedImage) -> None:
    registry = serve()
    options = RegistryOptions(mirrors={"docker.io": registry.url})
    with RegistryClient(options) as client:
        assert str(client.resolve(ImageReference.parse("tiny:1.0")).digest) == tiny.digest


def test_a_mirror_that_cannot_be_one_is_an_error_before_anything_is_asked() -> None:
    with pytest.raises(ConfigError, match="is plain http"):
        RegistryClient(RegistryOptions(mirrors={"docker.io": "http://mirror.example"}))


def test_offline_nothing_is_asked(serve: Serve, tiny: SimulatedImage) -> None:
    registry = serve()
    reference = reference_to(registry)
    with RegistryClient(RegistryOptions(offline=True)) as client:
        for ask in (
            lambda: client.resolve(reference),
            lambda: client.manifest(reference),
            lambda: client.configuration(reference, config_of(tiny)),
        ):
            with pytest.raises(Unreachable, match="--offline forbids asking") as caught:
                ask()
            assert caught.value.hint is not None
        assert isinstance(client.resolve_all([reference])[reference], Unreachable)
    assert registry.log == []


# What the registry does not have


@pytest.mark.parametrize("suffix", [":absent", f"@sha256:{'0' * 64}", "-absent:1"])
def test_what_the_registry_denies_to_have_is_not_found(
    suffix: str, serve: Serve, client: RegistryClient
) -> None:
    reference = reference_to(serve(), suffix)
    with pytest.raises(NotFound) as caught:
        client.resolve(reference)
    assert caught.value.reason.startswith(reference.name)
    with pytest.raises(NotFound):
        client.manifest(reference)


def test_a_missing_configuration_is_not_found(serve: Serve, client: RegistryClient) -> None:
    absent = Descriptor(media_type=OCI_CONFIG, digest=Digest.of(b""), size=1)
    with pytest.raises(NotFound, match="is unknown to its registry"):
        client.configuration(reference_to(serve()), absent)


# Batches


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_a_batch_is_resolved_in_its_order(count: int, client: RegistryClient) -> None:
    held = [image(f"library/app-{number}", "1", ("linux/amd64",), 1) for number in range(count)]
    with RegistrySimulator(held) as registry:
        references = [ImageReference.parse(f"{registry.host}/{one.name}:1") for one in held]
        outcomes = client.resolve_all([*references, *reversed(references)])
        assert len(registry.log) == count
        assert registry.connections <= 8
    assert list(outcomes) == references
    found = [str(one.digest) for one in outcomes.values() if isinstance(one, ResolvedReference)]
    assert found == [one.digest for one in held]


def test_one_failure_in_a_batch_is_one_outcome(
    serve: Serve, client: RegistryClient, closed_port: int, tiny: SimulatedImage
) -> None:
    registry = serve()
    texts = [
        f"{registry.host}/library/tiny:1.0",
        f"{registry.host}/library/tiny:absent",
        f"127.0.0.1:{closed_port}/library/tiny:1.0",
        f"{registry.host}/library/tiny@{tiny.digest}",
        "registry.example:99999/library/tiny:1.0",
    ]
    outcomes = client.resolve_all(ImageReference.parse(text) for text in texts)
    kinds = [type(outcome) for outcome in outcomes.values()]
    assert kinds == [ResolvedReference, NotFound, Unreachable, ResolvedReference, Hostile]


def test_two_runs_over_a_batch_say_the_same(
    serve: Serve, budget: RetryBudget, timeouts: Timeouts
) -> None:
    registry = serve()
    suffixes = [":1.0", ":absent", "-absent:1", f"@sha256:{'0' * 64}"]
    references = [reference_to(registry, suffix) for suffix in suffixes] * 3
    said = []
    for _ in range(2):
        with RegistryClient(RegistryOptions(), budget=budget, timeouts=timeouts) as client:
            said.append([repr(one) for one in client.resolve_all(references).items()])
    assert said[0] == said[1]


@pytest.mark.parametrize(("read", "operation"), [(0.1, 0.5), (0.5, 0.3)])
def test_a_dead_registry_is_asked_a_few_times_however_many_ask(
    read: float, operation: float, tiny: SimulatedImage
) -> None:
    budget = RetryBudget(first_wait=0.001, patience=0.2)
    timeouts = Timeouts(connect=0.5, read=read, operation=operation)
    with (
        RegistrySimulator([tiny], fault=Fault.SILENT) as registry,
        RegistryClient(RegistryOptions(), budget=budget, timeouts=timeouts) as client,
    ):
        references = [reference_to(registry, f":{number}") for number in range(200)]
        outcomes = client.resolve_all(references)
        assert len(registry.log) <= 3 * 8
    assert all(isinstance(outcome, Unreachable) for outcome in outcomes.values())
    assert len(outcomes) == 200
