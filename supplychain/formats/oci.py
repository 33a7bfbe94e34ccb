"""OCI and Docker image documents: index, manifest and configuration.

Sources: image-spec v1.1.1 (image-index.md, manifest.md, config.md) and Docker's schema 2
(distribution v2.8, manifest-v2-2.md). Docker's schema 1 is refused: it is signed, not addressed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from supplychain.core.digest import Digest, InvalidDigestError
from supplychain.core.limits import MAX_IMAGE_CONFIG, MAX_INDEX_ENTRIES, MAX_LAYERS, MAX_MANIFEST
from supplychain.core.reference import InvalidReferenceError, Platform
from supplychain.formats import json
from supplychain.formats.text import MalformedError, printable

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
INDEX_TYPES = frozenset({OCI_INDEX, DOCKER_LIST})
MANIFEST_TYPES = (OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST)

BASE_NAME = "org.opencontainers.image.base.name"
BASE_DIGEST = "org.opencontainers.image.base.digest"

MAX_SIZE = 2**63 - 1  # bytes; descriptor.md: size is an int64
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """A pointer to content: its type, digest and size in bytes."""

    media_type: str
    digest: Digest
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexEntry:
    """One manifest of an index; ``platform`` is ``None`` for attestations."""

    descriptor: Descriptor
    platform: Platform | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageIndex:
    """A list of manifests, one a platform."""

    media_type: str
    entries: tuple[IndexEntry, ...]

    def entry_for(self, platform: Platform) -> IndexEntry | None:
        """Return the first manifest for exactly this platform, variant included."""
        for entry in self.entries:
            if entry.platform == platform:
                return entry
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageManifest:
    """The configuration and layers of one platform's image."""

    media_type: str
    config: Descriptor
    layers: tuple[Descriptor, ...]
    annotations: tuple[tuple[str, str], ...]

    @property
    def base(self) -> tuple[str | None, Digest | None]:
        """The base image that the manifest claims: name and digest."""
        claims = dict(self.annotations)
        try:
            digest = Digest.parse(claims[BASE_DIGEST]) if BASE_DIGEST in claims else None
        except InvalidDigestError:
            digest = None
        return claims.get(BASE_NAME), digest


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageConfiguration:
    """What an image's configuration says of its platform, layers and age."""

    platform: Platform
    diff_ids: tuple[Digest, ...]
    created: str | None

    @property
    def chain_id(self) -> Digest:
        """The digest of the whole stack of layers (config.md, "Layer ChainID")."""
        return chain_id(self.diff_ids)


def chain_id(diff_ids: Sequence[Digest]) -> Digest:
    """Return the chain id of uncompressed layers, bottom first.

    Raises:
        ValueError: there is no layer; the chain id of nothing is not defined.
    """
    if not diff_ids:
        message = "an image without layers has no chain id"
        raise ValueError(message)
    chain = diff_ids[0]
    for diff_id in diff_ids[1:]:
        chain = Digest.of(f"{chain} {diff_id}".encode())
    return chain


def read_manifest(data: bytes, media_type: str) -> ImageIndex | ImageManifest:
    """Read a document that a registry served as ``media_type``.

    Raises:
        MalformedError: the type is not one of ours, the document is none of that type, or its
            own ``mediaType`` says something else (manifest.md: it must match).
    """
    if media_type not in MANIFEST_TYPES:
        reason = f"has media type {printable(media_type, 80)!r}, which is no image manifest"
        raise MalformedError(reason)
    document = _document(data, MAX_MANIFEST)
    _check_identity(document, media_type)
    if media_type in INDEX_TYPES:
        listed = _sequence(document.get("manifests"), "$.manifests", MAX_INDEX_ENTRIES)
        entries = tuple(_entry(item, f"$.manifests[{n}]") for n, item in enumerate(listed))
        return ImageIndex(media_type=media_type, entries=entries)
    layers = _sequence(document.get("layers"), "$.layers", MAX_LAYERS)
    return ImageManifest(
        media_type=media_type,
        config=_descriptor(document.get("config"), "$.config"),
        layers=tuple(_descriptor(item, f"$.layers[{n}]") for n, item in enumerate(layers)),
        annotations=_annotations(document.get("annotations")),
    )


def read_configuration(data: bytes) -> ImageConfiguration:
    """Read an image's configuration.

    Raises:
        MalformedError: it is not JSON or lacks platform or layers.
    """
    document = _document(data, MAX_IMAGE_CONFIG)
    rootfs = _mapping(document.get("rootfs"), "$.rootfs")
    listed = _sequence(rootfs.get("diff_ids"), "$.rootfs.diff_ids", MAX_LAYERS)
    created = document.get("created")
    return ImageConfiguration(
        platform=_platform(document, "$"),
        diff_ids=tuple(_digest(item, f"$.rootfs.diff_ids[{n}]") for n, item in enumerate(listed)),
        created=created if isinstance(created, str) and _TIMESTAMP.fullmatch(created) else None,
    )


def _document(data: bytes, limit: int) -> dict[str, Any]:
    """Read an object whose keys mean one thing to everybody.

    Go's JSON, in which registries and engines are written, takes ``Config`` for ``config`` and the
    last of two; a document that holds both, or one twice, says different things to different tools.
    """

    def refuse(key: str) -> None:
        reason = f"holds the key {printable(key, 80)!r} twice"
        raise MalformedError(reason)

    return _mapping(json.read(data, limit=limit, on_duplicate=refuse), "$")


def _check_identity(document: dict[str, Any], media_type: str) -> None:
    if document.get("schemaVersion") != 2:  # noqa: PLR2004 -- the specification's constant
        reason = "has no schemaVersion 2"
        raise MalformedError(reason, at="$.schemaVersion")
    own = document.get("mediaType", media_type)
    if own != media_type:
        reason = f"calls itself {printable(str(own), 80)!r} but was served as {media_type!r}"
        raise MalformedError(reason, at="$.mediaType")


def _entry(value: object, at: str) -> IndexEntry:
    item = _mapping(value, at)
    platform = item.get("platform")
    named = None
    if platform is not None:
        described = _mapping(platform, f"{at}.platform")
        if described.get("os") != "unknown":
            named = _platform(described, f"{at}.platform")
    return IndexEntry(descriptor=_descriptor(item, at), platform=named)


def _platform(document: dict[str, Any], at: str) -> Platform:
    parts = [document.get(key, "") for key in ("os", "architecture", "variant")]
    if not all(isinstance(part, str) for part in parts) or not (parts[0] and parts[1]):
        reason = "names no operating system and architecture"
        raise MalformedError(reason, at=at)
    if any("/" in part for part in parts):
        reason = "has a slash in the name of an operating system or architecture"
        raise MalformedError(reason, at=at)
    try:
        return Platform.parse("/".join(part for part in parts if part))
    except InvalidReferenceError as error:
        raise MalformedError(str(error), at=at) from None


def _descriptor(value: object, at: str) -> Descriptor:
    item = _mapping(value, at)
    media_type, size = item.get("mediaType"), item.get("size")
    if not isinstance(media_type, str) or not media_type:
        reason = "has no mediaType"
        raise MalformedError(reason, at=at)
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= MAX_SIZE:
        reason = "has no size in bytes"
        raise MalformedError(reason, at=at)
    digest = _digest(item.get("digest"), f"{at}.digest")
    return Descriptor(media_type=media_type, digest=digest, size=size)


def _digest(value: object, at: str) -> Digest:
    if not isinstance(value, str):
        reason = "is no digest"
        raise MalformedError(reason, at=at)
    try:
        return Digest.parse(value)
    except InvalidDigestError as error:
        raise MalformedError(str(error), at=at) from None


def _annotations(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        return ()
    return tuple(sorted((k, v) for k, v in value.items() if isinstance(v, str)))


def _mapping(value: object, at: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        reason = "is no object"
        raise MalformedError(reason, at=at)
    if len({key.lower() for key in value}) < len(value):
        reason = "holds keys that differ in upper and lower case alone"
        raise MalformedError(reason, at=at)
    return value


def _sequence(value: object, at: str, limit: int) -> list[Any]:
    if not isinstance(value, list):
        reason = "is no array"
        raise MalformedError(reason, at=at)
    if len(value) > limit:
        reason = f"has more than {limit} entries"
        raise MalformedError(reason, at=at)
    return value
