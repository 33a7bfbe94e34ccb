"""One model of what scanners report, whichever of them wrote it.

What a report may hold by the ten thousand is a msgspec structure, everything else a dataclass: at
that number a frozen dataclass costs more than reading the JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from supplychain.core.digest import Digest
from supplychain.core.finding import Severity


class Tool(StrEnum):
    """The scanners whose reports are read."""

    TRIVY = "trivy"
    GRYPE = "grype"
    OSV = "osv"


class Envelope(StrEnum):
    """The outer shapes of reports."""

    V2 = "v2"
    LEGACY_ARRAY = "legacy-array"
    NULL = "null"
    GRYPE = "grype"
    OSV = "osv"


class Tier(StrEnum):
    """How a scanner rates a vulnerability; ``UNKNOWN`` is a tier of its own, not the lowest."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NEGLIGIBLE = "negligible"
    UNKNOWN = "unknown"

    @property
    def severity(self) -> Severity:
        """The severity that a finding of this tier has."""
        return Severity.INFO if self is Tier.NEGLIGIBLE else Severity(self.value)

    @property
    def rank(self) -> int:
        """Position when sorted, worst first; unknown stands before medium."""
        return self.severity.rank


# Spellings of Trivy (upper case), Grype (title case) and the GitHub advisories that OSV carries.
TIERS: Mapping[str | None, Tier] = {
    "MODERATE": Tier.MEDIUM,
    **{tier.value.upper(): tier for tier in Tier},
    **{tier.value.title(): tier for tier in Tier},
}


def tier_of(severity: str | None) -> Tier:
    """Return the tier that a report's word names, letter case and white space around it aside."""
    known = TIERS.get(severity)
    if known is None and severity:
        known = TIERS.get(severity.strip().upper())
    return known or Tier.UNKNOWN


class Vulnerability(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A vulnerability of one version of one package.

    ``aliases`` name the same vulnerability, ``related`` are advisories that cover others as well.
    ``paths`` are the places in the image where that version lies, as far as the report names them;
    ``severity_source`` says who gave the worst of the ratings. ``known_exploited`` is whether the
    report says that CISA lists it, ``epss`` the probability of exploitation (0 to 1) it gives.
    ``suppressed`` marks what the scanner was told to ignore.
    """

    id: str
    package: str
    version: str
    tier: Tier
    severity_source: str
    aliases: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    purl: str | None = None
    fixed: str | None = None
    status: str | None = None
    paths: tuple[str, ...] = ()
    layer: str | None = None
    title: str | None = None
    url: str | None = None
    known_exploited: bool = False
    epss: float | None = None
    suppressed: bool = False
    tools: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two rows of one report the same vulnerability."""
        return self.id, self.package, self.version

    @property
    def names(self) -> tuple[str, ...]:
        """Its id and its aliases."""
        return (self.id, *self.aliases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A secret that a scanner found. The secret itself is never read."""

    rule: str
    tier: Tier
    title: str
    target: str
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Misconfiguration:
    """A failed configuration check of a scanner."""

    id: str
    tier: Tier
    title: str
    target: str
    resolution: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """What was scanned, as the report claims.

    ``digest`` is the image's configuration digest, else that of its manifest; ``digests`` are all
    that the report gives it. ``sbom`` is the SBOM that was scanned in its place: its path, or what
    it calls the image.
    """

    type: str | None
    name: str | None
    digest: Digest | None
    digests: frozenset[Digest] = frozenset()
    sbom: str | None = None

    @property
    def is_image(self) -> bool:
        """Say whether a container image was scanned."""
        return self.type in {"container_image", "image"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingSystem:
    """The distribution that the scanner recognised, and whether it called it end-of-life."""

    family: str
    name: str | None
    end_of_life: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages:
    """How many packages a report lists, of the operating system and of languages."""

    system: int
    language: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.system + self.language


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """The vulnerability database that a scanner used, as far as its report tells."""

    built_at: datetime | None
    digest: Digest | None
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """A scanner's report.

    ``vulnerabilities`` are distinct by id, package and installed version, in the order in which
    they stand; ``rows`` counts them as reported. ``suppressed`` are those the scanner was told to
    ignore, ``suppressed_rows`` counts all rows it left out on record, its own built-in rules
    included. ``packages`` is ``None`` where none are listed; ``filters`` names the options that
    kept rows out of the report; ``schema`` is Trivy's schema version. ``ambiguous`` are keys that
    stand twice or in an unusual spelling, so that programs read the report differently.
    """

    tool: Tool
    envelope: Envelope
    tool_version: str | None
    created_at: datetime | None
    artifact: Artifact
    os: OperatingSystem | None
    packages: Packages | None
    rows: int
    vulnerabilities: tuple[Vulnerability, ...]
    suppressed: tuple[Vulnerability, ...] = ()
    suppressed_rows: int = 0
    secrets: tuple[Secret, ...] = ()
    misconfigurations: tuple[Misconfiguration, ...] = ()
    database: Database | None = None
    filters: tuple[str, ...] = ()
    schema: int | None = None
    ambiguous: tuple[str, ...] = ()

    @property
    def by_tier(self) -> Mapping[Tier, int]:
        """How many distinct vulnerabilities each tier has."""
        counts = dict.fromkeys(Tier, 0)
        for one in self.vulnerabilities:
            counts[one.tier] += 1
        return counts
