"""What a policy asks of scanner reports before it believes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRules:
    """The conditions under which a scan counts.

    Ages are in days. ``required_scanners`` names those of which an image needs a report each;
    where it is empty one report suffices. ``releases`` adds releases of distributions
    ("alpine 3.24") with their last day of support, ``grace_days`` is how long past its last day
    a release may still be used.
    """

    max_report_age: int = 7
    max_database_age: int = 5  # Grype's own default, 120 hours
    required_scanners: frozenset[str] = frozenset()
    grace_days: int = 0
    releases: Mapping[str, date] = field(default_factory=dict)
