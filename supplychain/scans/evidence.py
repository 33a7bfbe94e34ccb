"""Evidence of the scans stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from supplychain.core.evidence import Evidence
from supplychain.scans.model import Misconfiguration, ScanReport, Secret, Vulnerability


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFile(Evidence):
    """One report; its digest is that of the file's bytes."""

    path: str
    report: ScanReport


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedRelease:
    """A release that is past its last day; ``ends`` is ``None`` where only the scanner says so."""

    name: str
    ends: date | None
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedImage(Evidence):
    """What all reports about one image say together.

    ``paths`` are the first report of each tool. Vulnerabilities that a scanner was told to ignore
    are among the others: what is accepted is for the waivers to say.
    """

    paths: Mapping[str, str]
    vulnerabilities: tuple[Vulnerability, ...]
    secrets: tuple[Secret, ...]
    misconfigurations: tuple[Misconfiguration, ...]
    ended: tuple[EndedRelease, ...]

    def path_of(self, tool: str) -> str:
        """Return the report of a tool, else the first of all."""
        return self.paths.get(tool) or next(iter(self.paths.values()))
