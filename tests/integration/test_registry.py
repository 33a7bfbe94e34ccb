"""Our client and crane see the same in the real registry, and in our simulator of one."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from supplychain.access.failures import NotFound
from supplychain.access.registry import RegistryClient, RegistryOptions
from supplychain.core.digest import Digest
from supplychain.core.reference import ImageReference, Platform
from supplychain.formats.oci import ImageIndex, ImageManifest
from tests.integration.conftest import Crane
from tests.integration.distribution import Distribution
from tests.simulators.gatekeeper import Door
from tests.simulators.images import SimulatedImage
from tests.simulators.registry import RegistrySimulator

pytestmark = pytest.mark.tools

FORMS = ("oci-index", "attested", "docker-list", "oci-manifest", "docker-manifest")


@pytest.fixture
def client() -> Iterator[RegistryClient]:
    with RegistryClient(RegistryOptions()) as opened:
        yield opened


def reference_of(host: str, one: SimulatedImage) -> ImageReference:
    return ImageReference.parse(f"{host}/{one.name}:{one.tag}")


@pytest.mark.parametrize("form", FORMS)
def test_a_tag_resolves_to_the_digest_that_crane_sees(
    form: str,
    client: RegistryClient,
    crane: Crane,
    plain_registry: Distribution,
    images: dict[str, SimulatedImage],
) -> None:
    reference = reference_of(plain_registry.host, images[form])
    resolved = client.resolve(reference)
    assert str(resolved.digest) == crane("digest", str(reference)) == images[form].digest
    assert resolved.media_type == images[form].top.media_type


@pytest.mark.parametrize("form", FORMS)
def test_a_fetched_manifest_is_byte_for_byte_what_crane_fetches(
    form: str,
    client: RegistryClient,
    crane: Crane,
    plain_registry: Distribution,
    images: dict[str, SimulatedImage],
) -> None:
    reference = reference_of(plain_registry.host, images[form])
    assert client.manifest(reference).body.decode() == crane("manifest", str(reference))


@pytest.mark.parametrize("form", ["oci-index", "docker-list"])
def test_each_platform_of_an_index_is_the_one_that_crane_picks(
    form: str,
    client: RegistryClient,
    crane: Crane,
    plain_registry: Distribution,
    images: dict[str, SimulatedImage],
) -> None:
    reference = reference_of(plain_registry.host, images[form])
    index = client.manifest(reference).document
    assert isinstance(index, ImageIndex)
    for platform in images[form].platforms:
        entry = index.entry_for(Platform.parse(platform))
        assert entry is not None
        picked = crane("digest", "--platform", platform, str(reference))
        assert str(entry.descriptor.digest) == picked


@pytest.mark.parametrize("form", ["oci-index", "docker-list"])
def test_the_configuration_of_each_platform_is_the_one_that_crane_shows(
    form: str,
    client: RegistryClient,
    crane: Crane,
    plain_registry: Distribution,
    images: dict[str, SimulatedImage],
) -> None:
    reference = reference_of(plain_registry.host, images[form])
    for platform, part in images[form].platforms.items():
        manifest = client.manifest(reference, Digest.parse(part.digest)).document
        assert isinstance(manifest, ImageManifest)
        configuration = client.configuration(reference, manifest.config)
        shown = json.loads(crane("config", "--platform", platform, str(reference)))
        assert [str(one) for one in configuration.diff_ids] == shown["rootfs"]["diff_ids"]
        assert str(configuration.chain_id) == part.chain_id
        assert configuration.platform == Platform.parse(platform)


def test_a_digest_resolves_to_itself(
    client: RegistryClient, plain_registry: Distribution, images: dict[str, SimulatedImage]
) -> None:
    one = images["docker-list"]
    digest = next(iter(one.platforms.values())).digest
    reference = ImageReference.parse(f"{plain_registry.host}/{one.name}:{one.tag}@{digest}")
    assert str(client.resolve(reference).digest) == digest


@pytest.mark.parametrize(
    "name", ["public/tiny:absent", "public/absent:1", f"public/tiny@sha256:{'0' * 64}"]
)
def test_what_the_registry_does_not_hold_is_not_found(
    name: str, client: RegistryClient, plain_registry: Distribution
) -> None:
    with pytest.raises(NotFound, match="unknown to its registry"):
        client.resolve(ImageReference.parse(f"{plain_registry.host}/{name}"))


def test_a_mirror_answers_for_docker_hub(
    plain_registry: Distribution, images: dict[str, SimulatedImage]
) -> None:
    options = RegistryOptions(mirrors={"docker.io": f"http://{plain_registry.host}"})
    with RegistryClient(options) as client:
        resolved = client.resolve(ImageReference.parse("public/tiny:1.2.3"))
    assert str(resolved.digest) == images["oci-index"].digest


def test_a_batch_over_all_forms_is_what_crane_says_of_each(
    client: RegistryClient,
    crane: Crane,
    plain_registry: Distribution,
    images: dict[str, SimulatedImage],
) -> None:
    references = [reference_of(plain_registry.host, images[form]) for form in FORMS]
    outcomes = client.resolve_all([*references, *references])
    assert list(outcomes) == references
    for reference, outcome in outcomes.items():
        assert f"{outcome}".count(crane("digest", str(reference)).removeprefix("sha256:")) == 1


@pytest.mark.parametrize("scheme", ["open", "bearer"])
def test_crane_takes_the_simulator_for_a_registry(
    scheme: str, crane: Crane, images: dict[str, SimulatedImage]
) -> None:
    door = Door(scheme="bearer" if scheme == "bearer" else "open")
    with RegistrySimulator(images.values(), door=door) as registry:
        for form in FORMS:
            reference = reference_of(registry.host, images[form])
            assert crane("digest", str(reference)) == images[form].digest
            assert crane("manifest", str(reference)) == images[form].top.body.decode()
        assert crane("ls", f"{registry.host}/public/tiny") == "1.2.3"
