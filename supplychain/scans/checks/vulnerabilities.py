"""What scanners found in an image (VUL)."""

from __future__ import annotations

from collections.abc import Iterator

from supplychain.core.check import check
from supplychain.core.finding import Hit, Location, PropertyValue, Severity
from supplychain.core.waiver import LIST_SEPARATOR
from supplychain.formats.text import printable
from supplychain.scans.evidence import ScannedImage
from supplychain.scans.model import Tier, Tool, Vulnerability

MAX_TITLE = 120  # characters of an advisory's title in a message


@check(
    "VUL001",
    "known-exploited-vulnerability",
    on=ScannedImage,
    severity=Severity.CRITICAL,
)
def known_exploited_vulnerability(image: ScannedImage) -> Iterator[Hit]:
    """A package has a vulnerability that is being exploited.

    ## What it does
    Reports vulnerabilities that a report marks as listed in CISA's catalogue of known exploited
    vulnerabilities, whatever their rating. Grype marks them since 0.88, Trivy never does.

    ## Why it matters
    Somebody attacks with it today. Vendors rate many such vulnerabilities as high or medium, so a
    gate that looks at ratings alone lets them pass.

    ## Example
    `libwebp 1.2.2` with CVE-2023-4863, rated high by the distribution, in the catalogue since 2023.

    ## How to fix
    Update the package to the fixed version that the finding names, or remove it from the image.
    """
    for one in image.vulnerabilities:
        if one.known_exploited:
            yield _hit(one, image, Severity.CRITICAL, "is being exploited")


@check("VUL002", "known-vulnerability", on=ScannedImage, severity=Severity.MEDIUM)
def known_vulnerability(image: ScannedImage) -> Iterator[Hit]:
    """A package has a known vulnerability.

    ## What it does
    Reports each vulnerability once, whichever scanners and under whichever ids they reported it,
    with the worst of their ratings. What a scanner was told to ignore is reported as well. Those
    that are being exploited are left to VUL001.

    ## Why it matters
    By the default policy critical ones block, high ones wait for the weekly triage, and those
    without a rating are shown apart: a scanner that cannot read an advisory says "unknown" of a
    critical one.

    ## Example
    `lodash 4.17.4` with CVE-2019-10744, critical, fixed in 4.17.12.

    ## How to fix
    Update the package to the fixed version that the finding names. Where there is none, remove it,
    or accept the vulnerability in waivers.toml with a reason, an owner and a last day.
    """
    for one in image.vulnerabilities:
        if not one.known_exploited:
            rated = (
                f"is rated {one.tier.value}" if one.tier is not Tier.UNKNOWN else "has no rating"
            )
            yield _hit(one, image, one.tier.severity, rated)


@check("VUL003", "secret-in-image", on=ScannedImage, severity=Severity.HIGH)
def secret_in_image(image: ScannedImage) -> Iterator[Hit]:
    """A secret lies in an image.

    ## What it does
    Reports secrets that a scanner found in the files, the environment or the history of an image,
    with the scanner's rating. The secret itself is neither read nor shown.

    ## Why it matters
    Everybody who can pull the image has the secret, and deleting it in a later layer does not
    change that.

    ## Example
    `ENV GITHUB_TOKEN=…` in a Dockerfile, or a private key below `/root/.ssh`.

    ## How to fix
    Revoke the secret, and build with `RUN --mount=type=secret` instead.
    """
    path = image.path_of(Tool.TRIVY)
    for one in image.secrets:
        target = printable(one.target)
        yield Hit(
            message=f"'{target}' holds a secret: {printable(one.title, MAX_TITLE)}",
            location=Location(path=path, at=f"{target}:{one.line}" if one.line else target),
            hint="revoke it, and build with `RUN --mount=type=secret`",
            key=f"{one.rule}\0{one.target}\0{one.line}",
            severity=one.tier.severity,
            properties={"rule": one.rule, "target": one.target, "line": one.line},
        )


@check("VUL004", "image-misconfiguration", on=ScannedImage, severity=Severity.MEDIUM)
def image_misconfiguration(image: ScannedImage) -> Iterator[Hit]:
    """A scanner's configuration check failed.

    ## What it does
    Reports the failed configuration checks of a report, with the scanner's rating.

    ## Why it matters
    Such a check names a way in which the image is easier to attack than it has to be.

    ## Example
    Trivy's DS-0002: the image runs as root.

    ## How to fix
    Follow the scanner's advice for the check that the finding names.
    """
    for one in image.misconfigurations:
        target = printable(one.target)
        yield Hit(
            message=f"'{printable(one.id, 40)}' failed: {printable(one.title, MAX_TITLE)}".rstrip(
                "."
            ),
            location=Location(path=image.path_of(Tool.TRIVY), at=target),
            hint=printable(one.resolution or "follow the scanner's advice").rstrip("."),
            key=f"{one.id}\0{one.target}",
            severity=one.tier.severity,
            properties={"rule": one.id, "target": one.target},
        )


def _hit(one: Vulnerability, image: ScannedImage, severity: Severity, told: str) -> Hit:
    package = printable(f"{one.package} {one.version}".strip() or "a package", 120)
    name = printable(one.id, 60) or "a vulnerability without an id"
    fixed = f", fixed in {printable(one.fixed, 80)}" if one.fixed else ""
    ignored = "; the scanner was told to ignore it" if one.suppressed else ""
    return Hit(
        message=f"'{package}' has {name}, which {told}{fixed}{ignored}",
        location=Location(path=image.path_of(one.tools[0]), at=_place(one)),
        hint=_remedy(one),
        key=f"{one.id}\0{one.package}\0{one.version}",
        severity=severity,
        properties=_properties(one),
    )


def _place(one: Vulnerability) -> str:
    package = printable(f"{one.package}@{one.version}", 120)
    if not one.paths:
        return package
    more = f" and {len(one.paths) - 1} more" if len(one.paths) > 1 else ""
    return f"{package} in {printable(one.paths[0], 120)}{more}"


def _remedy(one: Vulnerability) -> str:
    if one.fixed:
        return f"update '{printable(one.package, 80)}' to {printable(one.fixed, 80)}"
    return f"no fix is known: remove '{printable(one.package, 80)}', or waive it until a day"


def _properties(one: Vulnerability) -> dict[str, PropertyValue]:
    told: dict[str, PropertyValue] = {
        "vulnerability": one.id,
        "aliases": LIST_SEPARATOR.join(one.aliases),
        "related": LIST_SEPARATOR.join(one.related),
        "package": one.package,
        "installed": one.version,
        "fixed": one.fixed,
        "status": one.status,
        "purl": one.purl,
        "layer": one.layer,
        # A comma in a path would make two paths of it where waivers look at each.
        "paths": LIST_SEPARATOR.join(path.replace(",", "%2C") for path in one.paths),
        "severity_source": one.severity_source,
        "reported_by": LIST_SEPARATOR.join(one.tools),
        "title": printable(one.title, MAX_TITLE) if one.title else None,
        "url": one.url,
        "epss": one.epss,
        "known_exploited": one.known_exploited or None,
        "suppressed": one.suppressed or None,
    }
    return {key: value for key, value in told.items() if value not in (None, "")}
