"""Trivy's JSON: schema 2 (since v0.20) and the array that came before it.

Fields and their history: github.com/aquasecurity/trivy v0.74.0, pkg/types/{report,vulnerability,
finding,secret}.go. Nearly all of them are left out when empty, so all are optional here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from supplychain.core.digest import Digest
from supplychain.scans.fold import NO_NAMES, fold, joined, names_of
from supplychain.scans.model import (
    TIERS,
    Artifact,
    Envelope,
    Misconfiguration,
    OperatingSystem,
    Packages,
    ScanReport,
    Secret,
    Tool,
    Vulnerability,
    tier_of,
)
from supplychain.scans.values import digest_of, moment_of

SYSTEM_CLASS = "os-pkgs"


class Layer(Struct, gc=False, rename={"diff_id": "DiffID"}):
    """The layer that brought a package."""

    diff_id: str | None = None


class Identifier(Struct, gc=False, rename={"purl": "PURL"}):
    """What names a package to others."""

    purl: str | None = None


class Row(
    Struct,
    gc=False,
    rename={
        "id": "VulnerabilityID",
        "vendor_ids": "VendorIDs",
        "name": "PkgName",
        "path": "PkgPath",
        "identifier": "PkgIdentifier",
        "installed": "InstalledVersion",
        "fixed": "FixedVersion",
        "status": "Status",
        "layer": "Layer",
        "source": "SeveritySource",
        "severity": "Severity",
        "title": "Title",
        "url": "PrimaryURL",
    },
):
    """One vulnerability as reported."""

    id: str | None = None
    vendor_ids: list[str] | None = None
    name: str | None = None
    path: str | None = None
    identifier: Identifier | None = None
    installed: str | None = None
    fixed: str | None = None
    status: str | None = None
    layer: Layer | None = None
    source: str | None = None
    severity: str | None = None
    title: str | None = None
    url: str | None = None


class Package(Struct, gc=False, rename={"name": "Name"}):
    """A listed package; only that it is there counts."""

    name: str | None = None


class SecretRow(
    Struct,
    gc=False,
    rename={"rule": "RuleID", "start": "StartLine"}
    | {name.lower(): name for name in ("Severity", "Title")},
):
    """A secret as reported; what was matched is not read."""

    rule: str | None = None
    severity: str | None = None
    title: str | None = None
    start: int | None = None


class MisconfigurationRow(
    Struct,
    gc=False,
    rename={"id": "ID"}
    | {name.lower(): name for name in ("Severity", "Title", "Status", "Resolution")},
):
    """A configuration check as reported; ``status`` is PASS, FAIL or EXCEPTION."""

    id: str | None = None
    severity: str | None = None
    title: str | None = None
    status: str | None = None
    resolution: str | None = None


class Modified(Struct, gc=False, rename={"finding": "Finding"}):
    """A finding that an ignore file or a VEX document took out; other kinds have no id."""

    finding: Row | None = None


class Result(
    Struct,
    rename={
        "target": "Target",
        "kind": "Class",
        "type": "Type",
        "packages": "Packages",
        "vulnerabilities": "Vulnerabilities",
        "secrets": "Secrets",
        "misconfigurations": "Misconfigurations",
        "modified": "ExperimentalModifiedFindings",
    },
):
    """What was found in one place of the artefact."""

    target: str | None = None
    kind: str | None = None
    type: str | None = None
    packages: list[Package] | None = None
    vulnerabilities: list[Row] | None = None
    secrets: list[SecretRow] | None = None
    misconfigurations: list[MisconfigurationRow] | None = None
    modified: list[Modified] | None = None


class System(Struct, rename={"family": "Family", "name": "Name", "end_of_life": "EOSL"}):
    """The operating system that Trivy recognised."""

    family: str | None = None
    name: str | None = None
    end_of_life: bool | None = None


class Metadata(Struct, rename={"os": "OS", "image_id": "ImageID", "repo_digests": "RepoDigests"}):
    """What is known of the artefact as a whole."""

    os: System | None = None
    image_id: str | None = None
    repo_digests: list[str] | None = None


class Program(Struct, rename={"version": "Version"}):
    """Trivy itself, since v0.69."""

    version: str | None = None


def report(
    results: Sequence[Result],
    *,
    envelope: Envelope,
    schema: int | None = None,
    version: str | None = None,
    created_at: str | None = None,
    name: str | None = None,
    kind: str | None = None,
    metadata: Metadata | None = None,
) -> ScanReport:
    """Return the results of a Trivy report, and what its envelope says, in our model."""
    metadata = metadata or Metadata()
    return ScanReport(
        tool=Tool.TRIVY,
        envelope=envelope,
        tool_version=version or None,
        created_at=moment_of(created_at),
        artifact=_artifact(kind, name, metadata),
        os=_system(metadata.os),
        packages=_packages(results, metadata.os),
        rows=sum(len(one.vulnerabilities or ()) for one in results),
        vulnerabilities=_distinct(results),
        suppressed=fold(_suppressed(results)),
        suppressed_rows=sum(len(one.modified or ()) for one in results),
        secrets=tuple(_secrets(results)),
        misconfigurations=tuple(_misconfigurations(results)),
        schema=schema,
    )


def _distinct(results: Iterable[Result]) -> tuple[Vulnerability, ...]:
    """Return the rows of each id, package and version as one."""
    groups: dict[tuple[str | None, str | None, str | None], list[Row]] = {}
    for result in results:
        place = _place(result)
        for row in result.vulnerabilities or ():
            if place and not row.path:
                row.path = place
            key = (row.id, row.name, row.installed)
            known = groups.get(key)
            if known is None:
                groups[key] = [row]
            else:
                known.append(row)
    return tuple(
        _vulnerability(rows[0]) if len(rows) == 1 else _together(rows) for rows in groups.values()
    )


def _suppressed(results: Iterable[Result]) -> Iterator[Vulnerability]:
    for result in results:
        place = _place(result)
        for one in result.modified or ():
            row = one.finding
            if row is not None and row.id:
                row.path = row.path or place
                yield _vulnerability(row, suppressed=True)


def _place(result: Result) -> str | None:
    """Return where the packages of a result lie; those of a system have no place of their own."""
    return None if result.kind == SYSTEM_CLASS else result.target


def _together(rows: Sequence[Row]) -> Vulnerability:
    """Return many rows as one, reading those once that differ in their path alone."""
    faces: dict[tuple[str | None, ...], Row] = {}
    for row in rows:
        faces.setdefault((row.severity, row.source, row.fixed, row.status), row)
    paths = tuple(dict.fromkeys(row.path for row in rows if row.path))
    return joined([_vulnerability(row) for row in faces.values()], paths)


def _vulnerability(row: Row, *, suppressed: bool = False) -> Vulnerability:
    identifier, layer, others = row.identifier, row.layer, row.vendor_ids
    aliases, related = names_of(row.id or "", others) if others else NO_NAMES
    return Vulnerability(
        id=row.id or "",
        package=row.name or "",
        version=row.installed or "",
        tier=TIERS.get(row.severity) or tier_of(row.severity),  # the usual words without a call
        severity_source=f"trivy/{row.source}" if row.source else "trivy",
        aliases=aliases,
        related=related,
        purl=identifier.purl if identifier is not None else None,
        fixed=row.fixed or None,
        status=row.status,
        paths=(row.path,) if row.path else (),
        layer=layer.diff_id if layer is not None else None,
        title=row.title,
        url=row.url,
        suppressed=suppressed,
        tools=_TOOLS,
    )


_TOOLS = (Tool.TRIVY.value,)


def _artifact(kind: str | None, name: str | None, metadata: Metadata) -> Artifact:
    own = digest_of(metadata.image_id)
    named = [digest_of(one.rpartition("@")[2]) for one in metadata.repo_digests or ()]
    digests = frozenset(one for one in (own, *named) if one is not None)
    first: Digest | None = own or next((one for one in named if one is not None), None)
    return Artifact(type=kind or None, name=name or None, digest=first, digests=digests)


def _system(system: System | None) -> OperatingSystem | None:
    if system is None or not system.family:
        return None
    return OperatingSystem(
        family=system.family,
        name=system.name or None,
        end_of_life=bool(system.end_of_life),
    )


def _packages(results: Sequence[Result], system: System | None) -> Packages | None:
    """Count the packages listed; results without a class are told by the system's own name."""
    if all(one.packages is None for one in results):
        return None
    family = system.family if system is not None else None
    total = sum(_named(one) for one in results)
    own = sum(
        _named(one)
        for one in results
        if one.kind == SYSTEM_CLASS or (one.kind is None and one.type == family)
    )
    return Packages(system=own, language=total - own)


def _named(result: Result) -> int:
    """Return how many packages a result names; what has no name was looked up nowhere."""
    return sum(1 for one in result.packages or () if one.name)


def _secrets(results: Iterable[Result]) -> Iterator[Secret]:
    for result in results:
        for row in result.secrets or ():
            yield Secret(
                rule=row.rule or "unnamed",
                tier=tier_of(row.severity),
                title=row.title or row.rule or "a secret",
                target=result.target or "the image",
                line=row.start,
            )


def _misconfigurations(results: Iterable[Result]) -> Iterator[Misconfiguration]:
    for result in results:
        for row in result.misconfigurations or ():
            if row.status in (None, "FAIL"):
                yield Misconfiguration(
                    id=row.id or "unnamed",
                    tier=tier_of(row.severity),
                    title=row.title or row.id or "a misconfiguration",
                    target=result.target or "the image",
                    resolution=row.resolution or None,
                )
