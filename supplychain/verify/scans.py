"""Scanner reports to dossiers: which image each is about, and what its reports say together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from supplychain.access.environment import Environment
from supplychain.access.failures import AccessError
from supplychain.access.files import TooLargeError, UnreadableError, read_bounded
from supplychain.core.digest import Digest
from supplychain.core.lock import LockedImage
from supplychain.core.reference import ImageReference, InvalidReferenceError
from supplychain.errors import UnavailableError, UsageError
from supplychain.formats.oci import ImageIndex, ImageManifest
from supplychain.formats.text import MalformedError, printable
from supplychain.images.collect.resolution import registry_client
from supplychain.scans.collect.files import ReportFile, SbomFile, read_reports, read_sboms
from supplychain.scans.collect.image import (
    KnownImage,
    claimed_images,
    collect,
    digests_of,
    named_images,
)
from supplychain.scans.encoding import MAX_REPORT
from supplychain.scans.redaction import redacted
from supplychain.scans.values import digest_of
from supplychain.verify.dossier import Dossier

MAX_FILES = 1_000  # reports and SBOMs of one run; a fleet has a few hundred images


@dataclass(frozen=True, slots=True, kw_only=True)
class Scans:
    """The reports, SBOMs and images of one run."""

    files: tuple[ReportFile, ...]
    sboms: tuple[SbomFile, ...]
    images: tuple[str, ...]


def read_scans(reports: Sequence[Path], sboms: Sequence[Path], images: Sequence[str]) -> Scans:
    """Read what was given about images, before anything is judged.

    Raises:
        UsageError: a file is missing or of a foreign kind, an image is no reference, or there are
            more than ``MAX_FILES`` files.
    """
    if len(reports) + len(sboms) > MAX_FILES:
        message = f"more than {MAX_FILES} reports and SBOMs"
        raise UsageError(message, "judge the images in parts")
    if sboms and not reports:
        message = "--sbom counts the packages of a report, and there is none"
        raise UsageError(message, "give the scanner's report with --report")
    for image in images:
        _meant(image)
    return Scans(
        files=read_reports(reports),
        sboms=read_sboms(sboms),
        images=tuple(dict.fromkeys(images)),
    )


def image_dossiers(scans: Scans, environment: Environment) -> list[Dossier]:
    """Return a dossier for every image asked about, or else for those that the reports are about.

    A registry is asked only for an image whose digest and lock entry no report names.
    """
    if scans.images:
        stated = {one for file in scans.files for one in digests_of(file, scans.sboms)}
        known = [_known(image, stated, environment) for image in scans.images]
        found = named_images(known, scans.files, scans.sboms)
    else:
        found = claimed_images(scans.files, scans.sboms)
    return [Dossier(one.subject, collect(one, environment)) for one in found]


def redacted_reports(scans: Scans) -> Iterator[tuple[Digest, bytes]]:
    """Yield every report that was judged, without its secrets, by its digest.

    The files are read a second time, so that only one of them is in memory at once.

    Raises:
        UnavailableError: one is no longer what was judged.
        UsageError: one is nested too deep to be kept.
    """
    for file in scans.files:
        if file.report is not None and file.digest is not None:
            yield file.digest, _redacted(file.path, file.digest)


def _redacted(path: str, digest: Digest) -> bytes:
    try:
        data = read_bounded(Path(path), MAX_REPORT)
    except (UnreadableError, TooLargeError):
        data = b""
    if not digest.matches(data):
        message = f"report {path!r} has changed since it was judged"
        raise UnavailableError(message, "run again while nothing writes it")
    try:
        return redacted(data)
    except MalformedError as error:
        message = f"report {path!r} cannot be kept: it {error.reason}"
        raise UsageError(message, "run without --record") from None


def _meant(image: str) -> ImageReference | Digest:
    """Return what an image is named by: a reference, or the digest alone.

    Raises:
        UsageError: it is neither.
    """
    digest = digest_of(image)
    if digest is not None:
        return digest
    try:
        return ImageReference.parse(image)
    except InvalidReferenceError as error:
        message = f"image {printable(image, 120)!r} {error}"
        raise UsageError(message, "write NAME:TAG, NAME@sha256:DIGEST or sha256:DIGEST") from None


def _known(image: str, stated: set[Digest], environment: Environment) -> KnownImage:
    meant = _meant(image)
    if isinstance(meant, Digest):
        return KnownImage(ref=image, digest=meant, digests=frozenset({meant}))
    digests: set[Digest] = set() if meant.digest is None else {meant.digest}
    entry = environment.lock.find(meant) if environment.lock else None
    if entry is not None and meant.digest in (None, entry.digest):
        digests |= _locked(entry)
    own = meant.digest or (entry.digest if entry else None)
    problem = None
    if stated and not digests & stated:
        if not environment.policy.allows(meant):
            problem = "its registry is not on the allow list, so it was not asked"
        else:
            try:
                asked = list(_asked(meant, environment))
                digests |= set(asked)
                own = own or asked[0]
            except AccessError as error:
                problem = error.reason
    return KnownImage(ref=image, digest=own, digests=frozenset(digests), problem=problem)


def _locked(entry: LockedImage) -> set[Digest]:
    return {entry.digest, *(platform.digest for platform in entry.platforms)}


def _asked(reference: ImageReference, environment: Environment) -> Iterator[Digest]:
    """Yield the digests of an image by its registry: its own, and each platform's two.

    Raises:
        AccessError: the registry could not be asked, or has no such image.
    """
    with registry_client(environment) as client:
        fetched = client.manifest(reference)
        yield fetched.digest
        manifests = [fetched.document]
        if isinstance(fetched.document, ImageIndex):
            entries = [fetched.document.entry_for(one) for one in environment.platforms]
            children = [one.descriptor.digest for one in entries if one is not None]
            yield from children
            manifests = [client.manifest(reference, digest).document for digest in children]
        for manifest in manifests:
            if isinstance(manifest, ImageManifest):
                yield manifest.config.digest
