"""Evidence of scanned images, as the fixtures of the checks need it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from supplychain.core.digest import Digest
from supplychain.core.evidence import Producer
from supplychain.core.subject import Subject, SubjectKind
from supplychain.scans.evidence import EndedRelease, ScanFile, ScannedImage
from supplychain.scans.model import (
    Artifact,
    Envelope,
    Misconfiguration,
    ScanReport,
    Secret,
    Tier,
    Tool,
    Vulnerability,
)

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
MAKER = Producer(name="trivy", version="0.74.0")
IMAGE = Subject(kind=SubjectKind.IMAGE, ref="app:1", path="app.json", digest=Digest.of(b"app"))


def vulnerability(
    name: str = "CVE-2019-10744",
    *,
    tier: Tier = Tier.CRITICAL,
    package: str = "lodash",
    fixed: str | None = "4.17.12",
    exploited: bool = False,
    paths: tuple[str, ...] = (),
) -> Vulnerability:
    """Return a vulnerability of one version of a package."""
    return Vulnerability(
        id=name,
        package=package,
        version="4.17.4",
        tier=tier,
        severity_source="trivy/ghsa",
        fixed=fixed,
        paths=paths,
        known_exploited=exploited,
        tools=("trivy",),
    )


def secret(tier: Tier = Tier.CRITICAL, *, line: int | None = 3) -> Secret:
    """Return a secret in the history of an image."""
    return Secret(rule="github-pat", tier=tier, title="GitHub token", target="app:1", line=line)


def misconfiguration(tier: Tier = Tier.HIGH) -> Misconfiguration:
    """Return a failed check of a scanner."""
    return Misconfiguration(
        id="DS-0002", tier=tier, title="runs as root", target="app:1", resolution="Add a USER."
    )


def ended(name: str, day: date | None) -> EndedRelease:
    """Return a release that is past its end."""
    return EndedRelease(name=name, ends=day, path="app.json")


def scanned(
    *,
    vulnerabilities: tuple[Vulnerability, ...] = (),
    secrets: tuple[Secret, ...] = (),
    misconfigurations: tuple[Misconfiguration, ...] = (),
    releases: tuple[EndedRelease, ...] = (),
) -> ScannedImage:
    """Return what the reports about one image say."""
    return ScannedImage(
        subject=IMAGE,
        producer=MAKER,
        observed_at=NOW,
        paths={"trivy": "app.json"},
        vulnerabilities=vulnerabilities,
        secrets=secrets,
        misconfigurations=misconfigurations,
        ended=releases,
    )


def scan_file(version: str | None, tool: Tool = Tool.TRIVY) -> ScanFile:
    """Return a report of one version of a scanner."""
    return ScanFile(
        subject=IMAGE,
        producer=MAKER,
        observed_at=NOW,
        path="app.json",
        report=ScanReport(
            tool=tool,
            envelope=Envelope.V2 if tool is Tool.TRIVY else Envelope.GRYPE,
            tool_version=version,
            created_at=NOW,
            artifact=Artifact(type="container_image", name="app:1", digest=IMAGE.digest),
            os=None,
            packages=None,
            rows=0,
            vulnerabilities=(),
        ),
    )
