"""Reports and SBOMs read from disk, before anything is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from supplychain.access.files import TooLargeError, UnreadableError, exists, read_bounded
from supplychain.core.digest import Digest
from supplychain.core.limits import MIB
from supplychain.errors import UsageError
from supplychain.formats.text import MalformedError, printable
from supplychain.scans.encoding import MAX_REPORT
from supplychain.scans.model import ScanReport
from supplychain.scans.reader import read_report
from supplychain.scans.sbom import Sbom, read_sbom


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFile:
    """A file that should be a report; where it is none ``problem`` says why."""

    path: str
    digest: Digest | None
    report: ScanReport | None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SbomFile:
    """A file that should be an SBOM; where it is none ``problem`` says why."""

    path: str
    sbom: Sbom | None
    problem: str | None = None


def read_reports(paths: Sequence[Path]) -> tuple[ReportFile, ...]:
    """Read reports, in order, each file once.

    Raises:
        UsageError: a file is missing, or of a foreign kind.
    """
    return tuple(_report(path) for path in dict.fromkeys(paths))


def read_sboms(paths: Sequence[Path]) -> tuple[SbomFile, ...]:
    """Read SBOMs, in order, each file once.

    Raises:
        UsageError: a file is missing, or no SBOM.
    """
    return tuple(_sbom(path) for path in dict.fromkeys(paths))


def _report(path: Path) -> ReportFile:
    data = _bytes(path, "report")
    if isinstance(data, str):
        return ReportFile(path=path.as_posix(), digest=None, report=None, problem=data)
    digest = Digest.of(data)
    try:
        report = read_report(data)
    except MalformedError as error:
        return ReportFile(path=path.as_posix(), digest=digest, report=None, problem=_told(error))
    except UsageError as error:
        message = f"report {str(path)!r} {error.message}"
        raise UsageError(message, error.hint) from None
    return ReportFile(path=path.as_posix(), digest=digest, report=report)


def _sbom(path: Path) -> SbomFile:
    data = _bytes(path, "the SBOM")
    if isinstance(data, str):
        return SbomFile(path=path.as_posix(), sbom=None, problem=data)
    try:
        return SbomFile(path=path.as_posix(), sbom=read_sbom(data))
    except MalformedError as error:
        return SbomFile(path=path.as_posix(), sbom=None, problem=_told(error))
    except UsageError as error:
        message = f"the SBOM {str(path)!r} {error.message}"
        raise UsageError(message, error.hint) from None


def _bytes(path: Path, kind: str) -> bytes | str:
    """Return a file's bytes, or why it could not be read."""
    if not exists(path) or path.is_dir():
        message = f"{kind} {str(path)!r} {'is a folder' if exists(path) else 'does not exist'}"
        raise UsageError(message, "check the path")
    try:
        return read_bounded(path, MAX_REPORT)
    except UnreadableError as error:
        return error.reason
    except TooLargeError as error:
        return f"has more than {error.limit // MIB} MiB"


def _told(error: MalformedError) -> str:
    return f"{error.reason} ({printable(error.at, 120)})" if error.at else error.reason
