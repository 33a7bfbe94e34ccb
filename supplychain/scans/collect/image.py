"""The reports about one image to evidence of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from supplychain.access.environment import Environment
from supplychain.core.digest import Digest
from supplychain.core.evidence import Evidence, Gap, Producer
from supplychain.core.finding import Location
from supplychain.core.subject import Subject, SubjectKind
from supplychain.formats.text import printable
from supplychain.scans.collect.files import ReportFile, SbomFile
from supplychain.scans.evidence import EndedRelease, ScanFile, ScannedImage
from supplychain.scans.fold import combine
from supplychain.scans.model import Packages, ScanReport
from supplychain.scans.trust import FINDINGS, Context, doubts_of, is_end_of_life, release_named

MAX_REF = 500  # characters of what a report calls its artefact; a reference has at most 400
_UNREAD_HINT = "write the report again: a fresh file, and look at the scanner's exit code"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownImage:
    """An image that somebody asks about, and every digest that means it.

    ``problem`` says why not all of them are known.
    """

    ref: str
    digest: Digest | None
    digests: frozenset[Digest]
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageScans:
    """What was given about one image. ``strays`` are reports about others, or about nothing."""

    subject: Subject
    files: tuple[ReportFile, ...]
    sboms: tuple[SbomFile, ...]
    strays: tuple[ReportFile, ...] = ()
    known: KnownImage | None = None


def claimed_images(
    files: Sequence[ReportFile], sboms: Sequence[SbomFile]
) -> tuple[ImageScans, ...]:
    """Return the images that reports claim to be about, joined by the digests they give."""
    groups: list[list[ReportFile]] = []
    place: dict[Digest, int] = {}
    for file in files:
        digests = digests_of(file, sboms)
        known = sorted({place[digest] for digest in digests if digest in place})
        own = known[0] if known else len(groups)
        if not known:
            groups.append([])
        moved = [member for other in known[1:] for member in groups[other]]
        for other in known[1:]:
            groups[other] = []
        for member in (*moved, file):
            groups[own].append(member)
            place.update(dict.fromkeys(digests_of(member, sboms), own))
    found = [members for members in groups if members]
    return tuple(
        ImageScans(
            subject=_claimed(members, sboms),
            files=tuple(members),
            sboms=_sboms_of(members, sboms, alone=len(found) == 1),
        )
        for members in found
    )


def named_images(
    images: Sequence[KnownImage], files: Sequence[ReportFile], sboms: Sequence[SbomFile]
) -> tuple[ImageScans, ...]:
    """Return the images asked about, each with its reports.

    A report that belongs to none of them is a stray of those without a report; where all have one,
    it stands for the image that it claims to be about.
    """
    own = {
        image.ref: tuple(one for one in files if digests_of(one, sboms) & image.digests)
        for image in images
    }
    used = {id(file) for members in own.values() for file in members}
    strays = tuple(file for file in files if id(file) not in used)
    found = [
        ImageScans(
            subject=Subject(kind=SubjectKind.IMAGE, ref=image.ref, digest=image.digest),
            files=own[image.ref],
            sboms=_sboms_of(own[image.ref], sboms, alone=len(images) == 1),
            strays=() if own[image.ref] else strays,
            known=image,
        )
        for image in images
    ]
    if all(one.files for one in found):
        found += [
            replace(one, strays=tuple(file for file in one.files if file.report is not None))
            for one in claimed_images(strays, sboms)
        ]
    return tuple(found)


def digests_of(file: ReportFile, sboms: Sequence[SbomFile]) -> frozenset[Digest]:
    """Return every digest of the image that a report is about, by itself or by its SBOM."""
    if file.report is None:
        return frozenset()
    artifact = file.report.artifact
    if artifact.digests:
        return artifact.digests if artifact.is_image else frozenset()
    about = _scanned_sbom(file.report, sboms)
    return about.sbom.digests if about is not None and about.sbom is not None else frozenset()


def collect(scans: ImageScans, environment: Environment) -> Iterator[Evidence | Gap]:
    """Yield what the reports about one image say, and why any of them may not count."""
    yield from _missing(scans, environment)
    counted = _counted(scans)
    read: list[tuple[ReportFile, ScanReport]] = []
    for file in scans.files:
        if file.report is None:
            yield _unread(file)
            continue
        read.append((file, file.report))
        yield _evidence_of(file, file.report, scans, environment)
        yield from _doubts(file, file.report, scans, counted, environment)
    for sbom in scans.sboms:
        if sbom.problem is not None:
            yield Gap(
                id="sbom-unread",
                wanted=f"the packages that '{printable(sbom.path)}' lists",
                reason=sbom.problem,
                location=Location(path=sbom.path),
            )
    if read:
        yield _scanned(read, scans, environment)


def _missing(scans: ImageScans, environment: Environment) -> Iterator[Gap]:
    ref = printable(scans.subject.ref)
    for stray in scans.strays:
        yield _stray(stray, scans, ref)
    if not scans.files and not scans.strays:
        yield Gap(
            id="scan-missing",
            wanted=f"a scanner's report about '{ref}'",
            reason="none was given",
            hint="scan the image and give the report with --report",
        )
    tools = {file.report.tool.value for file in scans.files if file.report is not None}
    for tool in sorted(environment.policy.scans.required_scanners - tools):
        yield Gap(
            id="scan-required",
            wanted=f"a report of {tool} about '{ref}'",
            reason="the policy requires one, and none was given",
            hint=f"scan the image with {tool} and give the report with --report",
        )


def _stray(stray: ReportFile, scans: ImageScans, ref: str) -> Gap:
    if stray.report is None:
        return _unread(stray)
    known, digest = scans.known, stray.report.artifact.digest
    about = f"is about {digest.short}" if digest else "names no image digest"
    reason = f"'{printable(stray.path)}' {about}"
    if known is None:
        reason += ", which was not asked about"
    elif known.problem is not None:
        reason += f"; which image is meant cannot be told: {known.problem}"
    elif known.digest is not None:
        reason += f", not about {known.digest.short}"
    return Gap(
        id="scan-not-bound",
        wanted=f"a scanner's report about '{ref}'",
        reason=reason,
        hint="scan this very image, by its digest",
        location=Location(path=stray.path),
    )


def _doubts(
    file: ReportFile,
    report: ScanReport,
    scans: ImageScans,
    counted: Packages | None,
    environment: Environment,
) -> Iterator[Gap]:
    about = _scanned_sbom(report, scans.sboms)
    context = Context(
        rules=environment.policy.scans,
        now=environment.now,
        counted=counted,
        bound=scans.known is not None or bool(digests_of(file, scans.sboms)),
        unplaced=about.sbom.unplaced if about is not None and about.sbom is not None else 0,
    )
    for doubt in doubts_of(report, context):
        if doubt.code not in FINDINGS:
            yield Gap(
                id=f"scan-{doubt.code}",
                wanted=f"a complete scan of '{printable(scans.subject.ref)}'",
                reason=f"'{printable(file.path)}' {doubt.message}",
                hint=doubt.hint,
                location=Location(path=file.path),
            )


def _unread(file: ReportFile) -> Gap:
    return Gap(
        id="scan-unread",
        wanted=f"the report '{printable(file.path)}'",
        reason=file.problem or "could not be read",
        hint=_UNREAD_HINT,
        location=Location(path=file.path),
    )


def _evidence_of(
    file: ReportFile, report: ScanReport, scans: ImageScans, environment: Environment
) -> ScanFile:
    database = report.database
    producer = Producer(
        name=report.tool.value,
        version=printable(report.tool_version or "unknown", 80),
        database_built_at=database.built_at if database else None,
        database_digest=database.digest if database else None,
    )
    return ScanFile(
        subject=scans.subject,
        producer=producer,
        observed_at=report.created_at or environment.now,
        digest=file.digest,
        path=file.path,
        report=report,
    )


def _scanned(
    read: Sequence[tuple[ReportFile, ScanReport]], scans: ImageScans, environment: Environment
) -> ScannedImage:
    reports = [report for _, report in read]
    return ScannedImage(
        subject=scans.subject,
        producer=environment.tool,
        observed_at=environment.now,
        digest=scans.subject.digest,
        paths={report.tool.value: file.path for file, report in reversed(read)},
        vulnerabilities=combine(
            row for report in reports for row in (*report.vulnerabilities, *report.suppressed)
        ),
        secrets=tuple(dict.fromkeys(one for report in reports for one in report.secrets)),
        misconfigurations=tuple(
            dict.fromkeys(one for report in reports for one in report.misconfigurations)
        ),
        ended=tuple(_ended(read, environment)),
    )


def _ended(
    read: Sequence[tuple[ReportFile, ScanReport]], environment: Environment
) -> Iterator[EndedRelease]:
    rules, seen = environment.policy.scans, set[str]()
    for file, report in read:
        if report.os is None or not is_end_of_life(report.os, rules, environment.now):
            continue
        release = release_named(report.os, rules)
        if release.name not in seen:
            seen.add(release.name)
            yield EndedRelease(name=release.name, ends=release.ends, path=file.path)


def _counted(scans: ImageScans) -> Packages | None:
    """Return the packages of the most complete listing of the image that was given."""
    lists = [file.report.packages for file in scans.files if file.report is not None]
    lists += [one.sbom.packages for one in scans.sboms if one.sbom is not None]
    listed = [one for one in lists if one is not None]
    return max(listed, key=lambda one: one.total, default=None)


def _claimed(members: Sequence[ReportFile], sboms: Sequence[SbomFile]) -> Subject:
    first = members[0]
    if first.report is None:
        return Subject(kind=SubjectKind.IMAGE, ref=first.path, path=first.path)
    artifact = first.report.artifact
    digests = sorted(digests_of(first, sboms))
    digest = artifact.digest or (digests[0] if digests else None)
    return Subject(
        kind=SubjectKind.IMAGE,
        ref=printable(artifact.name or (str(digest) if digest else first.path), MAX_REF),
        path=first.path,
        digest=digest,
    )


def _sboms_of(
    members: Sequence[ReportFile], sboms: Sequence[SbomFile], *, alone: bool
) -> tuple[SbomFile, ...]:
    """Return the SBOMs of an image: by its digests, by their name in a report, and the unread.

    One that names no image at all belongs to the only image there is.
    """
    digests = {digest for member in members for digest in digests_of(member, sboms)}
    named = [_scanned_sbom(member.report, sboms) for member in members if member.report]
    return tuple(
        one
        for one in sboms
        if one.sbom is None
        or one in named
        or one.sbom.digests & digests
        or (alone and not one.sbom.digests)
    )


def _scanned_sbom(report: ScanReport, sboms: Sequence[SbomFile]) -> SbomFile | None:
    """Return the SBOM that a report names as what was scanned."""
    scanned = report.artifact.sbom
    if scanned is None:
        return None
    for one in sboms:
        named = one.sbom.reference if one.sbom is not None else None
        if named == scanned or PurePath(one.path).name == PurePath(scanned).name:
            return one
    return None
