"""Why a scanner's report may not count. Pure.

Both scanners end with 0, and write a report without vulnerabilities, when they saw nothing at all:
no package database, a distribution they do not know, an ignore file. Each rule here stands for one
way to a silent zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from supplychain.core.scan_rules import ScanRules
from supplychain.formats.text import printable
from supplychain.scans.end_of_life import Release, release_of
from supplychain.scans.model import Database, OperatingSystem, Packages, ScanReport, Tool

TRIVY_SCHEMA = 2  # the only one there is, since v0.20
CLOCK_SKEW = timedelta(minutes=10)  # how far the clock of a scanner's host may be ahead of ours
_SHOWN_KEYS = 5  # ambiguous keys that a message names
# What a report says that is the image's doing or an attacker's, and so a finding, not a gap.
FINDINGS = frozenset({"os-end-of-life", "scanner-compromised"})

# Trivy for a distribution that it could not tell although it saw packages (pkg/scan/local/scan.go).
NO_FAMILY = "none"
# Families that have packages of languages only (pkg/fanal/types/const.go, HasOSPackages).
_WITHOUT_PACKAGES = frozenset({"activestate"})
# GHSA-69fq-xp46-6x23 (CVE-2026-33634): these releases read the secrets of the runner.
_COMPROMISED = {Tool.TRIVY: frozenset({"0.69.4", "0.69.5", "0.69.6"})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A reason why a report may not count; ``code`` is stable, ``hint`` one action."""

    code: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known beside the report: the rules, the time, and what others counted.

    ``bound`` says that the artefact is known by other means than the report's own digest;
    ``unplaced`` counts the packages of the scanned SBOM that Grype has no distribution for.
    """

    rules: ScanRules
    now: datetime
    counted: Packages | None = None
    bound: bool = False
    unplaced: int = 0


def doubts_of(report: ScanReport, context: Context) -> tuple[Doubt, ...]:
    """Return every reason why a report may not count, in a fixed order."""
    return tuple(
        doubt
        for rule in (
            _form,
            _binding,
            _packages,
            _system,
            _sbom,
            _age,
            _database,
            _filters,
            _scanner,
        )
        for doubt in rule(report, context)
    )


def release_named(os: OperatingSystem, rules: ScanRules) -> Release:
    """Return the release that a report names."""
    return release_of(os.family, os.name, rules.releases)


def is_end_of_life(os: OperatingSystem, rules: ScanRules, now: datetime) -> bool:
    """Say whether a release is past its last day, by our table, else by what the report says."""
    release = release_named(os, rules)
    if release.ends is not None:
        return (now.date() - release.ends).days > rules.grace_days
    return os.end_of_life and release.name not in rules.releases


def is_compromised(report: ScanReport) -> bool:
    """Say whether a malicious release of a scanner made the report."""
    return (report.tool_version or "").lstrip("v") in _COMPROMISED.get(report.tool, ())


def _form(report: ScanReport, _: Context) -> Iterator[Doubt]:
    if report.schema not in (None, TRIVY_SCHEMA):
        yield Doubt(
            code="schema-unknown",
            message=f"has schema version {report.schema}; only {TRIVY_SCHEMA} is known",
            hint="scan with a version of Trivy that writes schema 2",
        )
    if report.ambiguous:
        keys = ", ".join(f"'{printable(key, 60)}'" for key in report.ambiguous[:_SHOWN_KEYS])
        yield Doubt(
            code="ambiguous",
            message=f"has keys twice or misspelt, which programs read differently: {keys}",
            hint="write the report again with the scanner alone, and let nothing edit it",
        )


def _binding(report: ScanReport, context: Context) -> Iterator[Doubt]:
    artifact = report.artifact
    if context.bound:
        return
    if artifact.digest is None or not artifact.is_image:
        kind = f"a {printable(artifact.type, 40)}" if artifact.type else "something unnamed"
        what = "no image digest" if artifact.is_image else f"{kind}, not an image"
        yield Doubt(
            code="not-bound",
            message=f"is about {what}, so it says nothing of any image",
            hint="scan the image itself: `trivy image --format json …`",
        )


def _packages(report: ScanReport, context: Context) -> Iterator[Doubt]:
    listed = report.packages or context.counted
    if listed is not None and listed.total > 0:
        return
    if report.tool is Tool.GRYPE and (report.rows or report.suppressed_rows):
        return
    if report.rows and report.packages is None:
        yield Doubt(
            code="packages-not-listed",
            message="lists no packages, so how much was scanned is not known",
            hint="scan with `trivy image --list-all-pkgs`",
        )
        return
    hint = "look at the scanner's warnings; waive this gap with a reason if the image is empty"
    if report.tool is Tool.GRYPE:
        hint = "give a Trivy report, or the SBOM that was scanned by --sbom, beside it"
    yield Doubt(
        code="nothing-scanned",
        message="shows no package at all, so nothing may have been scanned",
        hint=hint,
    )


def _system(report: ScanReport, context: Context) -> Iterator[Doubt]:
    listed = report.packages or context.counted
    os = report.os
    if os is None or os.family == NO_FAMILY:
        if os is not None or _may_have_system_packages(report, listed):
            yield Doubt(
                code="os-unknown",
                message="names no distribution, so its packages were not looked up",
                hint="scan the whole image; it needs /etc/os-release",
            )
        return
    if (
        report.packages is not None
        and report.packages.total > 0
        and report.packages.system == 0
        and os.family not in _WITHOUT_PACKAGES
    ):
        yield Doubt(
            code="os-packages-missing",
            message=f"lists no package of {printable(os.family, 40)}, whose database it misses",
            hint="leave the package database in the image, and scan again",
        )
    release = release_named(os, context.rules)
    if not release.known:
        yield Doubt(
            code="release-unknown",
            message=f"is about {_quoted(release)}, for which a scanner may have no advisories",
            hint=f"add '{release.name}' to [scans.releases] of the policy if it has some",
        )
    elif is_end_of_life(os, context.rules, context.now):
        yield Doubt(
            code="os-end-of-life",
            message=f"is about {_quoted(release)}, which is past its end of life",
            hint="build on a release that still gets security fixes",
        )


def _sbom(report: ScanReport, context: Context) -> Iterator[Doubt]:
    if report.tool is Tool.GRYPE and context.unplaced:
        yield Doubt(
            code="sbom-without-distribution",
            message=f"was made from an SBOM that names no distribution for {context.unplaced} "
            "packages, which were not looked up",
            hint="scan the image itself, or an SBOM in Syft's JSON",
        )


def _may_have_system_packages(report: ScanReport, listed: Packages | None) -> bool:
    """Say whether packages of a distribution may have gone unnoticed.

    Without a distribution Trivy lists none of them, so languages alone explain its report; Grype
    counts nothing, and needs somebody who did.
    """
    if report.tool is Tool.GRYPE:
        return listed is None or listed.system > 0
    return listed is not None and listed.system > 0


def _age(report: ScanReport, context: Context) -> Iterator[Doubt]:
    made = report.created_at
    if made is None:
        yield Doubt(
            code="no-date",
            message="says not when it was made",
            hint="scan with Trivy 0.48 or newer, or with Grype's timestamp on",
        )
    elif made > context.now + CLOCK_SKEW:
        yield Doubt(
            code="from-the-future",
            message=f"was made on {made:%Y-%m-%d %H:%M} UTC, which is still to come",
            hint="set the clock of the host that scans",
        )
    elif context.now - made > timedelta(days=context.rules.max_report_age):
        yield Doubt(
            code="too-old",
            message=f"is {(context.now - made).days} days old; {context.rules.max_report_age} "
            "are allowed",
            hint="scan the image again",
        )


def _database(report: ScanReport, context: Context) -> Iterator[Doubt]:
    if report.tool is not Tool.GRYPE:
        return  # Trivy's reports say nothing about the database
    database = report.database or Database(built_at=None, digest=None, problem=None)
    if database.problem is not None:
        yield Doubt(
            code="database-invalid",
            message=f"cannot be trusted: {database.problem}",
            hint="run `grype db update` and scan again",
        )
    if database.built_at is None:
        yield Doubt(
            code="database-unknown",
            message="says not how old its database is",
            hint="scan with Grype's own JSON output",
        )
        return
    age = (report.created_at or context.now) - database.built_at
    if age > timedelta(days=context.rules.max_database_age):
        yield Doubt(
            code="database-too-old",
            message=f"was made with a database of {age.days} days; "
            f"{context.rules.max_database_age} are allowed",
            hint="run `grype db update` and scan again",
        )


def _filters(report: ScanReport, _: Context) -> Iterator[Doubt]:
    if report.filters:
        yield Doubt(
            code="filtered",
            message=f"was filtered by the scanner: {', '.join(report.filters)}",
            hint="scan without filters; accept vulnerabilities in waivers.toml",
        )
    suppressed = len(report.suppressed)
    if report.tool is Tool.TRIVY:  # Grype's own rules leave out rows as well
        suppressed = max(suppressed, report.suppressed_rows)
    if suppressed:
        yield Doubt(
            code="suppressed",
            message=f"leaves out {suppressed} vulnerabilities that the scanner was told to ignore",
            hint="scan without ignore rules and VEX; accept vulnerabilities in waivers.toml",
        )


def _scanner(report: ScanReport, _: Context) -> Iterator[Doubt]:
    if is_compromised(report):
        yield Doubt(
            code="scanner-compromised",
            message=f"was made by {report.tool.value} {report.tool_version}, a malicious release",
            hint="change every secret that the host of the scan could read, then use another "
            "release",
        )


def _quoted(release: Release) -> str:
    return f"'{printable(release.name, 80)}'"
