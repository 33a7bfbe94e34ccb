"""How many packages an SBOM lists, and of which image. Nothing else of it is read.

Shapes: CycloneDX 1.6 JSON, SPDX 2.3 JSON, and Syft's own JSON (github.com/anchore/syft v1.57.0,
syft/format/syftjson/model).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from supplychain.core.digest import Digest
from supplychain.errors import UsageError
from supplychain.formats.text import MalformedError, printable
from supplychain.scans.encoding import first_sign, json_bytes
from supplychain.scans.model import Packages
from supplychain.scans.values import digest_of

_SYSTEM = frozenset({"deb", "apk", "rpm", "alpm"})
_NAMED_DISTRIBUTION = re.compile(r"[?&]distro=[A-Za-z]")
_IMAGE_PROPERTIES = ("aquasecurity:trivy:ImageID", "aquasecurity:trivy:RepoDigest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sbom:
    """The packages of an SBOM, and the digests of the image that it says it is about.

    ``reference`` is what it calls that image itself. ``unplaced`` counts packages of a system whose
    purl names no distribution: Grype finds nothing for them (measured with Grype 0.121.2 on the
    CycloneDX of Trivy 0.74.0, whose Alpine packages say ``distro=3.22.1``).
    """

    packages: Packages
    digests: frozenset[Digest]
    reference: str | None = None
    unplaced: int = 0


class _Property(Struct):
    name: str | None = None
    value: str | None = None


class _Component(Struct, rename={"reference": "bom-ref"}):
    reference: str | None = None
    type: str | None = None
    purl: str | None = None
    version: str | None = None
    properties: list[_Property] | None = None


class _CycloneMetadata(Struct):
    component: _Component | None = None


class _Reference(Struct):
    referenceType: str | None = None  # noqa: N815 -- SPDX's own name
    referenceLocator: str | None = None  # noqa: N815


class _SpdxPackage(Struct):
    name: str | None = None
    versionInfo: str | None = None  # noqa: N815
    primaryPackagePurpose: str | None = None  # noqa: N815
    externalRefs: list[_Reference] | None = None  # noqa: N815


class _Artifact(Struct):
    type: str | None = None
    purl: str | None = None


class _SyftMetadata(Struct):
    imageID: str | None = None  # noqa: N815 -- Syft's own name
    manifestDigest: str | None = None  # noqa: N815
    repoDigests: list[str] | None = None  # noqa: N815


class _SyftSource(Struct):
    type: str | None = None
    metadata: _SyftMetadata | None = None


class _Document(Struct):
    bomFormat: str | None = None  # noqa: N815
    spdxVersion: str | None = None  # noqa: N815
    metadata: _CycloneMetadata | None = None
    components: list[_Component] | None = None
    packages: list[_SpdxPackage] | None = None
    artifacts: list[_Artifact] | None = None
    source: _SyftSource | None = None


_DECODER = msgspec.json.Decoder(_Document)


def read_sbom(data: bytes) -> Sbom:
    """Return what an SBOM counts.

    Raises:
        UsageError: it is JSON, but no SBOM of a known format.
        MalformedError: it is truncated, no JSON, or larger or deeper than the limits allow.
    """
    text = json_bytes(data)
    if first_sign(text) != b"{":
        reason = "is no JSON object"
        raise MalformedError(reason)
    try:
        document = _DECODER.decode(text)
    except RecursionError:
        reason = "is nested too deep"
        raise MalformedError(reason) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        reason = f"is no complete SBOM: {printable(str(error), 160)}"
        raise MalformedError(reason) from None
    if document.bomFormat is not None:
        return _cyclonedx(document)
    if document.spdxVersion is not None:
        return _spdx(document)
    if document.artifacts is not None:
        return _syft(document)
    message = "is no SBOM in CycloneDX, SPDX or Syft JSON"
    raise UsageError(message, "write it with `--format cyclonedx` (Trivy) or Syft's JSON")


def _cyclonedx(document: _Document) -> Sbom:
    purls = [one.purl for one in document.components or () if one.purl]
    about = document.metadata.component if document.metadata else None
    return Sbom(
        packages=_counted(purls),
        digests=_digests(_cyclone_claims(about)),
        reference=about.reference if about else None,
        unplaced=_unplaced(purls),
    )


def _cyclone_claims(about: _Component | None) -> Iterator[str]:
    if about is None:
        return
    yield about.version or ""
    yield from (about.purl or "").replace("%3A", ":").replace("?", "@").split("@")
    for one in about.properties or ():
        if one.name in _IMAGE_PROPERTIES:
            yield (one.value or "").rpartition("@")[2]


def _spdx(document: _Document) -> Sbom:
    packages = document.packages or ()
    purls = [
        reference.referenceLocator
        for one in packages
        for reference in one.externalRefs or ()
        if reference.referenceType == "purl" and reference.referenceLocator
    ]
    images = (one for one in packages if one.primaryPackagePurpose == "CONTAINER")
    claims = (one.versionInfo or "" for one in images)
    return Sbom(packages=_counted(purls), digests=_digests(claims), unplaced=_unplaced(purls))


def _syft(document: _Document) -> Sbom:
    kinds = [one.type or "" for one in document.artifacts or ()]
    system = sum(kind in _SYSTEM for kind in kinds)
    about = document.source.metadata if document.source else None
    claims: list[str] = []
    if about is not None:
        named = [one.rpartition("@")[2] for one in about.repoDigests or ()]
        claims = [about.imageID or "", about.manifestDigest or "", *named]
    return Sbom(
        packages=Packages(system=system, language=len(kinds) - system), digests=_digests(claims)
    )


def _unplaced(purls: Iterable[str]) -> int:
    """Count packages of a system that do not say ``distro=NAME-VERSION``."""
    return sum(_kind(purl) in _SYSTEM and not _NAMED_DISTRIBUTION.search(purl) for purl in purls)


def _kind(purl: str) -> str:
    return purl.removeprefix("pkg:").partition("/")[0]


def _counted(purls: Iterable[str]) -> Packages:
    """Count packages by their purls; the image itself is none."""
    kinds = [_kind(purl) for purl in purls]
    packages = [kind for kind in kinds if kind not in {"oci", "docker"}]
    system = sum(kind in _SYSTEM for kind in packages)
    return Packages(system=system, language=len(packages) - system)


def _digests(claims: Iterable[str]) -> frozenset[Digest]:
    read = (digest_of(claim) for claim in claims)
    return frozenset(one for one in read if one is not None)
