"""OSV-Scanner's JSON, v1 and v2.

It names no artefact by digest and lists only packages with a vulnerability, so such a report can
show that an image is bad, never that it is good. Shape: github.com/google/osv-scanner v2.5.0,
pkg/models/results.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from supplychain.scans.fold import fold, names_of
from supplychain.scans.model import (
    Artifact,
    Envelope,
    ScanReport,
    Tier,
    Tool,
    Vulnerability,
    tier_of,
)

# Qualitative ratings of a CVSS base score, specification v3.1 section 5.
_RATINGS = ((9.0, Tier.CRITICAL), (7.0, Tier.HIGH), (4.0, Tier.MEDIUM), (0.1, Tier.LOW))


class Source(Struct):
    """Where packages were found."""

    path: str | None = None


class Specific(Struct, gc=False):
    """What the database that an advisory comes from says of it."""

    severity: str | None = None


class Advisory(Struct, gc=False):
    """An advisory of OSV."""

    id: str | None = None
    aliases: list[str] | None = None
    summary: str | None = None
    database_specific: Specific | None = None


class Group(Struct, gc=False):
    """Advisories of one vulnerability, and the highest of their CVSS scores."""

    ids: list[str] | None = None
    max_severity: str | None = None


class Name(Struct, gc=False):
    """A package."""

    name: str | None = None
    version: str | None = None


class Package(Struct):
    """A package with its advisories."""

    package: Name | None = None
    vulnerabilities: list[Advisory] | None = None
    groups: list[Group] | None = None


class Result(Struct):
    """The packages of one source."""

    source: Source | None = None
    packages: list[Package] | None = None


def report(results: Sequence[Result]) -> ScanReport:
    """Return an OSV-Scanner report in our model."""
    rows = list(_rows(results))
    named = results[0].source.path if results and results[0].source else None
    return ScanReport(
        tool=Tool.OSV,
        envelope=Envelope.OSV,
        tool_version=None,
        created_at=None,
        artifact=Artifact(type=None, name=named or None, digest=None),
        os=None,
        packages=None,
        rows=len(rows),
        vulnerabilities=fold(rows),
    )


def _rows(results: Sequence[Result]) -> Iterator[Vulnerability]:
    for result in results:
        path = result.source.path if result.source else None
        for package in result.packages or ():
            name = package.package or Name()
            scores = {
                own: group.max_severity for group in package.groups or () for own in group.ids or ()
            }
            for one in package.vulnerabilities or ():
                aliases, related = names_of(one.id or "", one.aliases or ())
                yield Vulnerability(
                    id=one.id or "",
                    package=name.name or "",
                    version=name.version or "",
                    tier=_tier(one, scores.get(one.id or "")),
                    severity_source="osv",
                    aliases=aliases,
                    related=related,
                    paths=(path,) if path else (),
                    title=one.summary,
                    tools=(Tool.OSV.value,),
                )


def _tier(advisory: Advisory, score: str | None) -> Tier:
    """Return the worse of what the advisory's database says and what the score stands for."""
    specific = advisory.database_specific
    named = tier_of(specific.severity if specific else None)
    rated = _rated(score)
    known = [one for one in (named, rated) if one is not Tier.UNKNOWN]
    return min(known, key=lambda tier: tier.rank) if known else Tier.UNKNOWN


def _rated(score: str | None) -> Tier:
    try:
        number = float(score or "")
    except ValueError:
        return Tier.UNKNOWN
    return next((tier for least, tier in _RATINGS if number >= least), Tier.UNKNOWN)
