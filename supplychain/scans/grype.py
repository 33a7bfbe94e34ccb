"""Grype's JSON, 0.24 and later.

Fields and their history: github.com/anchore/grype v0.121.2, grype/presenter/models/*.go; the
options that ``descriptor.configuration`` echoes: cmd/grype/cli/options/grype.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from supplychain.core.digest import Digest
from supplychain.formats.text import printable
from supplychain.scans.fold import NO_NAMES, joined, names_of
from supplychain.scans.model import (
    Artifact,
    Database,
    Envelope,
    OperatingSystem,
    ScanReport,
    Tool,
    Vulnerability,
    tier_of,
)
from supplychain.scans.values import digest_of, moment_of

FIXED_STATE = "fixed"
END_OF_LIFE_ALERT = "distro-eol"
WHOLE_SCOPES = frozenset({"squashed", "all-layers", "alllayers", "deep-squashed", "deepsquashed"})
SYSTEM_TYPES = frozenset({"apk", "deb", "rpm", "alpm", "portage"})

# Options that keep matches out of a report whenever they are set.
_FILTERS = ("only-fixed", "only-notfixed", "ignore-wontfix", "exclude", "vex-documents", "distro")
# Matchers that have nothing but CPEs to go by.
_MATCHERS = ("stock", "jvm")
# The rules that Grype always adds (cmd/grype/cli/commands/root.go, ignoreLinuxKernelHeaders): the
# headers of a kernel are no kernel. Their package names, as written there.
_KERNEL_HEADERS = frozenset(
    {"kernel-headers", "linux(-.*)?-headers-.*", "linux-libc-dev", "linux-kbuild-.*"}
)
_TOOLS = (Tool.GRYPE.value,)


class Named(Struct, gc=False):
    """A vulnerability known by another id."""

    id: str | None = None
    severity: str | None = None


class Fix(Struct, gc=False):
    """The versions that mend a vulnerability."""

    versions: list[str] | None = None
    state: str | None = None


class Exploited(Struct, gc=False):
    """An entry of CISA's catalogue of known exploited vulnerabilities."""

    cve: str | None = None


class Epss(Struct, gc=False):
    """A prediction of exploitation."""

    epss: float | None = None


class Advisory(Struct, gc=False, rename={"source": "dataSource", "exploited": "knownExploited"}):
    """The vulnerability that was matched."""

    id: str | None = None
    severity: str | None = None
    namespace: str | None = None
    source: str | None = None
    description: str | None = None
    fix: Fix | None = None
    epss: list[Epss] | None = None
    exploited: list[Exploited] | None = None


class Location(Struct, gc=False, rename={"layer": "layerID"}):
    """A file in the image."""

    path: str | None = None
    layer: str | None = None


class Package(Struct, gc=False, rename={"kind": "type"}):
    """The package that was matched."""

    name: str | None = None
    version: str | None = None
    kind: str | None = None
    purl: str | None = None
    locations: list[Location] | None = None


class RulePackage(Struct, gc=False, rename={"upstream": "upstream-name"}):
    """The packages that an ignore rule covers."""

    name: str | None = None
    upstream: str | None = None


class Rule(Struct, gc=False, rename="kebab"):
    """An ignore rule that took a match out."""

    vulnerability: str | None = None
    reason: str | None = None
    fix_state: str | None = None
    vex_status: str | None = None
    match_type: str | None = None
    package: RulePackage | None = None


class Match(
    Struct, gc=False, rename={"related": "relatedVulnerabilities", "rules": "appliedIgnoreRules"}
):
    """A vulnerability of a package."""

    vulnerability: Advisory
    artifact: Package
    related: list[Named] | None = None
    rules: list[Rule] | None = None


class Target(Struct, rename="camel"):
    """An image that was scanned."""

    user_input: str | None = None
    image_i_d: str | None = None
    manifest_digest: str | None = None
    repo_digests: list[str] | None = None


class Source(Struct, rename={"kind": "type"}):
    """What was scanned: an image, or the path of something else."""

    kind: str | None = None
    target: Target | str | None = None


class Distribution(Struct):
    """The operating system that Grype recognised."""

    name: str | None = None
    version: str | None = None


class Status(Struct, rename={"origin": "from"}):
    """The state of the database, since 0.90."""

    built: str | None = None
    origin: str | None = None
    valid: bool | None = None
    error: Any = None


class State(Struct):
    """The database, as of before 0.90, or with its ``status``."""

    built: str | None = None
    checksum: str | None = None
    error: Any = None
    status: Status | None = None


class Descriptor(Struct):
    """Grype itself and how it was run."""

    name: str | None = None
    version: str | None = None
    configuration: dict[str, Any] | None = None
    db: State | None = None
    timestamp: str | None = None


class Alert(Struct, rename={"kind": "type"}):
    """Something to know about a package."""

    kind: str | None = None


class PackageAlerts(Struct):
    """The alerts about one package."""

    alerts: list[Alert] | None = None


def report(
    matches: Sequence[Match],
    *,
    ignored: Sequence[Match],
    alerts: Sequence[PackageAlerts],
    source: Source | None,
    distribution: Distribution | None,
    descriptor: Descriptor | None,
) -> ScanReport:
    """Return a Grype report in our model."""
    descriptor = descriptor or Descriptor()
    told = [one for one in ignored if not _is_built_in(one.rules or ())]
    return ScanReport(
        tool=Tool.GRYPE,
        envelope=Envelope.GRYPE,
        tool_version=descriptor.version or None,
        created_at=moment_of(descriptor.timestamp),
        artifact=_artifact(source),
        os=_system(distribution, alerts),
        packages=None,
        rows=len(matches),
        vulnerabilities=_distinct(matches),
        suppressed=_distinct(told, suppressed=True),
        suppressed_rows=len(ignored),
        database=_database(descriptor.db),
        filters=tuple(filters(descriptor.configuration or {})),
    )


def filters(configuration: Mapping[str, Any]) -> Iterator[str]:
    """Yield the options that kept, or may have kept, matches out of a report."""
    yield from (name for name in _FILTERS if configuration.get(name))
    rules = configuration.get("ignore")
    if isinstance(rules, list) and not all(_is_kernel_rule(rule) for rule in rules):
        yield "ignore"
    search = configuration.get("search")
    scope = search.get("scope") if isinstance(search, dict) else None
    if isinstance(scope, str) and scope.lower() not in WHOLE_SCOPES:
        yield f"search.scope={printable(scope, 40)}"
    database = configuration.get("db")
    if isinstance(database, dict) and database.get("validate-age") is False:
        yield "db.validate-age=false"
    matching = configuration.get("match")
    for name in _MATCHERS:
        matcher = matching.get(name) if isinstance(matching, dict) else None
        if isinstance(matcher, dict) and matcher.get("using-cpes") is False:
            yield f"match.{name}.using-cpes=false"


def _distinct(matches: Iterable[Match], *, suppressed: bool = False) -> tuple[Vulnerability, ...]:
    """Return the matches of each id, package and version as one."""
    groups: dict[tuple[str | None, str | None, str | None], list[Match]] = {}
    for match in matches:
        package = match.artifact
        key = (match.vulnerability.id, package.name, package.version)
        known = groups.get(key)
        if known is None:
            groups[key] = [match]
        else:
            known.append(match)
    return tuple(
        _vulnerability(found[0], suppressed=suppressed)
        if len(found) == 1
        else joined([_vulnerability(one, suppressed=suppressed) for one in found])
        for found in groups.values()
    )


def _vulnerability(match: Match, *, suppressed: bool) -> Vulnerability:
    advisory, package = match.vulnerability, match.artifact
    own, fix, locations = advisory.id or "", advisory.fix, package.locations
    namespace, epss = advisory.namespace, advisory.epss
    related = match.related
    aliases, others = names_of(own, [one.id or "" for one in related]) if related else NO_NAMES
    return Vulnerability(
        id=own,
        package=package.name or "",
        version=package.version or "",
        tier=tier_of(advisory.severity),
        severity_source=f"grype/{namespace}" if namespace else "grype",
        aliases=aliases,
        related=others,
        purl=package.purl or None,
        fixed=_fixed(fix.versions) if fix is not None and fix.versions else None,
        status=(fix.state or None) if fix is not None else None,
        paths=_paths(locations) if locations and package.kind not in SYSTEM_TYPES else (),
        title=advisory.description,
        url=advisory.source,
        known_exploited=bool(advisory.exploited),
        epss=_epss(epss) if epss else None,
        suppressed=suppressed,
        tools=_TOOLS,
    )


# Nearly all lists have one element, and a comprehension costs more than the whole row does.


def _fixed(versions: list[str]) -> str:
    return versions[0] if len(versions) == 1 else ", ".join(versions)


def _paths(locations: list[Location]) -> tuple[str, ...]:
    if len(locations) == 1:
        path = locations[0].path
        return (path,) if path else ()
    return tuple([one.path for one in locations if one.path])


def _epss(predictions: list[Epss]) -> float | None:
    if len(predictions) == 1:
        return predictions[0].epss
    return max([one.epss for one in predictions if one.epss is not None], default=None)


def _artifact(source: Source | None) -> Artifact:
    if source is None or source.target is None:
        return Artifact(type=source.kind if source else None, name=None, digest=None)
    target = source.target
    if isinstance(target, str):
        sbom = target if source.kind == "sbom-file" else None
        return Artifact(type=source.kind, name=target or None, digest=None, sbom=sbom)
    own = [digest_of(target.image_i_d), digest_of(target.manifest_digest)]
    named = [digest_of(one.rpartition("@")[2]) for one in target.repo_digests or ()]
    digests = [one for one in (*own, *named) if one is not None]
    first: Digest | None = digests[0] if digests else None
    return Artifact(
        type=source.kind,
        name=target.user_input or None,
        digest=first,
        digests=frozenset(digests),
        sbom=None if digests else target.image_i_d or None,
    )


def _system(
    distribution: Distribution | None, alerts: Iterable[PackageAlerts]
) -> OperatingSystem | None:
    if distribution is None or not distribution.name:
        return None
    kinds = {alert.kind for one in alerts for alert in one.alerts or ()}
    return OperatingSystem(
        family=distribution.name,
        name=distribution.version or None,
        end_of_life=END_OF_LIFE_ALERT in kinds,
    )


def _database(state: State | None) -> Database | None:
    if state is None:
        return None
    status = state.status or Status(built=state.built, origin=state.checksum, error=state.error)
    problem = "the scanner found its database invalid" if status.valid is False else None
    if status.error:
        problem = f"the scanner reports a database error: {printable(str(status.error), 120)}"
    return Database(
        built_at=moment_of(status.built),
        digest=_checksum(status.origin),
        problem=problem,
    )


def _checksum(origin: str | None) -> Digest | None:
    """Return the digest in ``…?checksum=sha256:…``, or the older bare checksum."""
    return digest_of((origin or "").rpartition("checksum=")[2].replace("%3A", ":"))


def _is_built_in(rules: Sequence[Rule]) -> bool:
    return bool(rules) and all(_is_header_rule(rule) for rule in rules)


def _is_header_rule(rule: Rule) -> bool:
    told = (rule.vulnerability, rule.fix_state, rule.vex_status)
    return rule.package is not None and rule.package.name in _KERNEL_HEADERS and not any(told)


def _is_kernel_rule(rule: object) -> bool:
    """Say whether an ignore rule of the configuration is one that Grype always adds."""
    package = rule.get("package") if isinstance(rule, dict) else None
    if not isinstance(rule, dict) or not isinstance(package, dict):
        return False
    told = {key for key, value in rule.items() if value} - {"package", "match-type"}
    return package.get("name") in _KERNEL_HEADERS and not told
