"""Scanners' reports kept beside the ledger, by the digest that their verdict names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import platformdirs

from supplychain.access.files import write_whole
from supplychain.core.digest import Digest
from supplychain.errors import unwritten

FOLDER = "reports"


def keep(reports: Iterable[tuple[Digest, bytes]], state: Path | None) -> list[Path]:
    """Write reports, from which the caller took every secret, and return where they lie.

    Each is named by the digest of the report as it was given, which the ledger holds.

    Raises:
        UsageError: the folder cannot be written.
        UnavailableError: the disk is full.
    """
    base = state or platformdirs.user_state_path("supplychain", appauthor=False)
    folder = base / FOLDER
    kept = []
    try:
        for digest, data in reports:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{digest.algorithm}-{digest.hex}.json"
            write_whole(path, data)
            kept.append(path)
    except OSError as error:
        what = f"cannot keep a report in {str(folder)!r}"
        raise unwritten(what, error, "name a folder that you may write with --state") from None
    return kept
