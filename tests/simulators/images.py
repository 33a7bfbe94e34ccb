"""Container images made on the spot, byte for byte the same on every machine and Python.

Layers are uncompressed tar archives, since what a compressor writes depends on its build. Digests
are plain text here: nothing of the product is used to make what it is tested with.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"

CREATED = "2026-01-02T03:04:05Z"

Family = Literal["oci", "docker"]


@dataclass(frozen=True, kw_only=True)
class Content:
    """Addressed bytes with their media type."""

    media_type: str
    body: bytes

    @property
    def digest(self) -> str:
        """The digest that addresses them."""
        return digest_of(self.body)

    @property
    def descriptor(self) -> dict[str, object]:
        """What points to them."""
        return {"mediaType": self.media_type, "digest": self.digest, "size": len(self.body)}


@dataclass(frozen=True, kw_only=True)
class PlatformImage:
    """One platform's part of an image."""

    manifest: Content
    config: Content
    layers: tuple[Content, ...]

    @property
    def digest(self) -> str:
        """The digest of its manifest."""
        return self.manifest.digest

    @property
    def diff_ids(self) -> tuple[str, ...]:
        """The digests of its layers, which are not compressed."""
        return tuple(layer.digest for layer in self.layers)

    @property
    def chain_id(self) -> str:
        """The chain id of all its layers, image-spec config.md."""
        chain, *others = self.diff_ids
        for diff_id in others:
            chain = digest_of(f"{chain} {diff_id}".encode())
        return chain


@dataclass(frozen=True, kw_only=True)
class SimulatedImage:
    """An image as a registry holds it; ``top`` is what its tag points to."""

    name: str
    tag: str
    top: Content
    platforms: Mapping[str, PlatformImage]
    attestations: tuple[PlatformImage, ...] = ()

    @property
    def digest(self) -> str:
        """The digest of what the tag points to."""
        return self.top.digest

    @property
    def parts(self) -> tuple[PlatformImage, ...]:
        """All that the index lists, attestations last."""
        return (*self.platforms.values(), *self.attestations)

    @property
    def manifests(self) -> dict[str, Content]:
        """Index and manifests by digest."""
        found = {part.digest: part.manifest for part in self.parts}
        return {**found, self.digest: self.top}

    @property
    def blobs(self) -> dict[str, bytes]:
        """Configurations and layers by digest."""
        contents = (content for part in self.parts for content in (part.config, *part.layers))
        return {content.digest: content.body for content in contents}

    def with_top(self, body: bytes, media_type: str | None = None) -> SimulatedImage:
        """Return the image with other bytes, addressed by their own digest, under its tag."""
        return replace(self, top=Content(media_type=media_type or self.top.media_type, body=body))


def image(
    name: str,
    tag: str,
    platforms: Iterable[str] = ("linux/amd64", "linux/arm64"),
    layers: int = 2,
    family: Family = "oci",
    *,
    release: int = 1,
    attested: bool = False,
    is_index: bool = True,
) -> SimulatedImage:
    """Make an image; equal arguments make equal bytes.

    Another ``release`` is another build of the same tag. ``attested`` adds what BuildKit adds: a
    manifest of platform unknown/unknown for each image. Without ``is_index`` the tag points to the
    manifest of the only platform itself.
    """
    made = {
        platform: _platform_image(f"{name}:{tag} {release}", platform, layers, family)
        for platform in platforms
    }
    if not is_index:
        (only,) = made.values()
        return SimulatedImage(name=name, tag=tag, top=only.manifest, platforms=made)
    attestations = tuple(_attestation(part) for part in made.values()) if attested else ()
    entries = [
        {**part.manifest.descriptor, "platform": _named(platform)}
        for platform, part in made.items()
    ]
    for part, attestation in zip(made.values(), attestations, strict=False):
        annotations = {
            "vnd.docker.reference.digest": part.digest,
            "vnd.docker.reference.type": "attestation-manifest",
        }
        unknown = {"architecture": "unknown", "os": "unknown"}
        descriptor = attestation.manifest.descriptor
        entries.append({**descriptor, "annotations": annotations, "platform": unknown})
    media_type = OCI_INDEX if family == "oci" else DOCKER_LIST
    index = {"schemaVersion": 2, "mediaType": media_type, "manifests": entries}
    return SimulatedImage(
        name=name,
        tag=tag,
        top=_document(media_type, index),
        platforms=made,
        attestations=attestations,
    )


def digest_of(body: bytes) -> str:
    """Return the sha256 digest of bytes as OCI writes it."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _platform_image(seed: str, platform: str, layers: int, family: Family) -> PlatformImage:
    is_oci = family == "oci"
    layer_type = OCI_LAYER if is_oci else DOCKER_LAYER
    made = tuple(
        Content(media_type=layer_type, body=_layer(f"layer-{number}", f"{seed} {platform}\n"))
        for number in range(layers)
    )
    config = {
        **_named(platform),
        "created": CREATED,
        "config": {"Cmd": ["/layer-0"], "User": "65532:65532"},
        "rootfs": {"type": "layers", "diff_ids": [layer.digest for layer in made]},
        "history": [{"created": CREATED, "created_by": f"COPY {n}"} for n in range(layers)],
    }
    return _assembled(
        OCI_MANIFEST if is_oci else DOCKER_MANIFEST,
        _document(OCI_CONFIG if is_oci else DOCKER_CONFIG, config),
        made,
    )


def _attestation(about: PlatformImage) -> PlatformImage:
    statement = {
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://slsa.dev/provenance/v0.2",
        "subject": [{"name": "_", "digest": {"sha256": about.digest.partition(":")[2]}}],
        "predicate": {},
    }
    layer = _document("application/vnd.in-toto+json", statement)
    config = {
        "architecture": "unknown",
        "os": "unknown",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [layer.digest]},
    }
    return _assembled(OCI_MANIFEST, _document(OCI_CONFIG, config), (layer,))


def _assembled(media_type: str, config: Content, layers: tuple[Content, ...]) -> PlatformImage:
    manifest = {
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": config.descriptor,
        "layers": [layer.descriptor for layer in layers],
    }
    return PlatformImage(manifest=_document(media_type, manifest), config=config, layers=layers)


def _document(media_type: str, value: Mapping[str, object]) -> Content:
    body = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    return Content(media_type=media_type, body=body)


def _named(platform: str) -> dict[str, str]:
    return dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False))


def _layer(name: str, text: str) -> bytes:
    data = text.encode()
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = len(data), 0o755, 0
        tar.addfile(member, io.BytesIO(data))
    return archive.getvalue()
