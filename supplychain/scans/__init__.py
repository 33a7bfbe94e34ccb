"""Scanner reports: what Trivy, Grype and OSV-Scanner saw in an image, and whether that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supplychain.scans.model import ScanReport


def read_report(data: bytes) -> ScanReport:
    """Return what a scanner's JSON report says.

    Raises:
        UsageError: it is of a kind that is no report of these scanners; the message names it.
        MalformedError: it is truncated, no JSON, or larger or deeper than the limits allow.
    """
    from supplychain.scans.reader import read_report as read  # noqa: PLC0415 -- msgspec is not free

    return read(data)
