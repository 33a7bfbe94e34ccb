from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from supplychain.access.failures import Hostile, NotFound
from supplychain.access.registry import RegistryClient, RegistryOptions
from supplychain.core.lock import LockedImage
from supplychain.core.reference import ImageReference, Platform
from supplychain.fleet.resolve import locked_image
from tests.simulators.images import (
    OCI_CONFIG,
    OCI_MANIFEST,
    Content,
    PlatformImage,
    SimulatedImage,
    image,
)
from tests.simulators.registry import RegistrySimulator


def locked(made: SimulatedImage, *platforms: str, text: str = "acme/a:1") -> LockedImage:
    with RegistrySimulator([made]) as simulator:
        options = RegistryOptions(mirrors={"docker.io": simulator.url})
        with RegistryClient(options) as client:
            wanted = [Platform.parse(one) for one in platforms]
            return locked_image(client, ImageReference.parse(text), wanted)


def test_an_index_is_locked_for_the_platforms_wanted() -> None:
    made = image("acme/a", "1", ["linux/amd64", "linux/arm64", "linux/arm/v7"], attested=True)
    entry = locked(made, "linux/arm/v7", "linux/amd64", "linux/amd64")
    assert (entry.reference, str(entry.digest)) == ("docker.io/acme/a:1", made.digest)
    assert (entry.media_type, entry.seen) == (made.top.media_type, ())
    for one in entry.platforms:
        part = made.platforms[str(one.platform)]
        assert (str(one.digest), str(one.chain_id), one.layers) == (part.digest, part.chain_id, 2)
    assert [str(one.platform) for one in entry.platforms] == ["linux/amd64", "linux/arm/v7"]


@pytest.mark.parametrize("family", ["oci", "docker"])
def test_a_single_manifest_is_locked_for_its_own_platform(family: Any) -> None:  # noqa: ANN401
    made = image("acme/a", "1", ["linux/arm64"], family=family, is_index=False)
    entry = locked(made, "linux/amd64")
    (only,) = entry.platforms
    assert str(only.platform) == "linux/arm64"
    assert str(only.digest) == str(entry.digest) == made.digest


def test_a_platform_that_the_image_lacks_is_left_out() -> None:
    entry = locked(image("acme/a", "1", ["linux/amd64"]), "linux/amd64", "linux/arm64")
    assert [str(one.platform) for one in entry.platforms] == ["linux/amd64"]


def test_no_platform_that_is_wanted_is_not_found() -> None:
    made = image("acme/a", "1", ["linux/amd64"])
    with pytest.raises(NotFound, match="no image for linux/arm64, only for linux/amd64"):
        locked(made, "linux/arm64")
    empty = made.with_top(json.dumps({"schemaVersion": 2, "manifests": []}).encode())
    with pytest.raises(NotFound, match="only for no platform"):
        locked(empty, "linux/amd64")


def content(media_type: str, value: object) -> Content:
    return Content(media_type=media_type, body=json.dumps(value).encode())


def changed(
    configuration: Callable[[dict[str, Any]], None], platforms: Iterable[str] = ("linux/amd64",)
) -> SimulatedImage:
    """Return an image whose configuration was changed, all digests made right again."""
    made = image("acme/a", "1", platforms)
    parts = {}
    for name, part in made.platforms.items():
        value = json.loads(part.config.body)
        configuration(value)
        config = content(OCI_CONFIG, value)
        manifest = json.loads(part.manifest.body)
        manifest["config"] = config.descriptor
        parts[name] = PlatformImage(
            manifest=content(OCI_MANIFEST, manifest), config=config, layers=part.layers
        )
    entries = [
        {
            **part.manifest.descriptor,
            "platform": dict(zip(("os", "architecture"), name.split("/"), strict=True)),
        }
        for name, part in parts.items()
    ]
    index = {"schemaVersion": 2, "mediaType": made.top.media_type, "manifests": entries}
    return SimulatedImage(
        name="acme/a", tag="1", top=content(made.top.media_type, index), platforms=parts
    )


def test_an_image_of_another_platform_than_the_index_says_is_hostile() -> None:
    made = changed(lambda value: value.update(architecture="s390x"))
    with pytest.raises(Hostile, match="lists an image of linux/s390x for linux/amd64"):
        locked(made, "linux/amd64")


def test_a_configuration_of_other_layers_is_hostile() -> None:
    made = changed(lambda value: value["rootfs"]["diff_ids"].pop())
    with pytest.raises(Hostile, match="has 2 layers in its manifest and 1 in its configuration"):
        locked(made, "linux/amd64")


def test_an_index_within_an_index_is_hostile() -> None:
    inner = image("acme/a", "1", ["linux/amd64"])
    entry = {**inner.top.descriptor, "platform": {"os": "linux", "architecture": "amd64"}}
    outer = inner.with_top(json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode())
    with RegistrySimulator([inner]) as simulator:
        simulator.shelf.add(outer)
        with RegistryClient(RegistryOptions(mirrors={"docker.io": simulator.url})) as client:
            platforms = [Platform.parse("linux/amd64")]
            with pytest.raises(Hostile, match="lists another index for linux/amd64"):
                locked_image(client, ImageReference.parse("acme/a:1"), platforms)


def test_an_image_without_layers_has_no_chain_id() -> None:
    made = image("acme/a", "1", ["linux/amd64"], layers=0)
    (only,) = locked(made, "linux/amd64").platforms
    assert (only.layers, only.chain_id) == (0, None)
