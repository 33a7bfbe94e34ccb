"""Whether a scan can be believed, as far as that is the image's or an attacker's doing (SCN).

What is the doing of whoever scans is a gap: see :mod:`supplychain.scans.trust`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from supplychain.core.check import check
from supplychain.core.finding import Hit, Location, Severity
from supplychain.formats.text import printable
from supplychain.scans.evidence import ScanFile, ScannedImage
from supplychain.scans.trust import is_compromised


@check("SCN001", "os-end-of-life", on=ScannedImage, severity=Severity.HIGH)
def os_end_of_life(image: ScannedImage) -> Iterator[Hit]:
    """An image stands on a distribution that is past its end of life.

    ## What it does
    Compares the release that a scanner recognised with a table of last days of support, which a
    policy extends under `[scans.releases]`. Where the table has no day, the scanner's own word
    counts.

    ## Why it matters
    Nobody writes advisories for such a release any more. A scanner finds nothing new in it, and
    ends with 0: the image looks better every month while it gets worse.

    ## Example
    `alpine 3.19`, whose support ended on 2025-11-01.

    ## How to fix
    Build on a release that still gets security fixes.
    """
    for one in image.ended:
        since = f" since {one.ends}" if one.ends not in (None, date.min) else ""
        yield Hit(
            message=f"'{printable(one.name, 80)}' is past its end of life{since}",
            location=Location(path=one.path, at="Metadata.OS"),
            hint="build on a release that still gets security fixes",
            key=one.name,
            properties={"release": one.name, "ended": str(one.ends) if since else None},
        )


@check("SCN002", "scanner-compromised", on=ScanFile, severity=Severity.CRITICAL)
def scanner_compromised(file: ScanFile) -> Iterator[Hit]:
    """A report was made by a malicious release of a scanner.

    ## What it does
    Compares the version that a report names with those known to be malicious: Trivy 0.69.4, 0.69.5
    and 0.69.6 (GHSA-69fq-xp46-6x23).

    ## Why it matters
    These releases sent away the credentials of the machine they ran on, and then scanned as usual,
    so that the logs look right. Nothing that machine signed or said can be believed.

    ## Example
    A report of Trivy 0.69.4, made on a build runner in March 2026.

    ## How to fix
    Change every secret that the machine could read, rebuild it, and scan with another release.
    """
    report = file.report
    if is_compromised(report):
        yield Hit(
            message=f"{report.tool.value} {printable(report.tool_version or '', 40)} is a "
            "malicious release",
            location=Location(path=file.path, at="Trivy.Version"),
            hint="change every secret that the machine could read, and scan with another release",
            key=f"{report.tool.value} {report.tool_version}",
        )
