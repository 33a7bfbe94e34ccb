"""Requests, references and descriptors for a simulated registry."""

from __future__ import annotations

import time
from collections.abc import Callable

from supplychain.access.http import Request
from supplychain.core.digest import Digest
from supplychain.core.reference import ImageReference
from supplychain.formats.oci import Descriptor
from tests.simulators.images import OCI_CONFIG, OCI_INDEX, SimulatedImage
from tests.simulators.protocol import Asked
from tests.simulators.registry import RegistrySimulator

LIMIT = 100_000  # bytes

Serve = Callable[..., RegistrySimulator]


def request(url: str, limit: int = LIMIT) -> Request:
    return Request(
        url=url,
        headers={"Accept": OCI_INDEX},
        authorization="Bearer secret",
        limit=limit,
        deadline=time.monotonic() + 10.0,
    )


def manifest_url(registry: RegistrySimulator, image: SimulatedImage) -> str:
    return f"{registry.url}/v2/{image.name}/manifests/{image.tag}"


def blob_url(registry: RegistrySimulator, image: SimulatedImage) -> str:
    return f"{registry.url}/v2/{image.name}/blobs/{next(iter(image.blobs))}"


def only(asked: list[Asked]) -> Asked:
    (one,) = asked
    return one


def reference_to(registry: RegistrySimulator, suffix: str = ":1.0") -> ImageReference:
    return ImageReference.parse(f"{registry.host}/library/tiny{suffix}")


def config_of(one: SimulatedImage, size: int | None = None) -> Descriptor:
    config = one.platforms["linux/amd64"].config
    digest = Digest.parse(config.digest)
    return Descriptor(media_type=OCI_CONFIG, digest=digest, size=size or len(config.body))
