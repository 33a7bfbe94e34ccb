"""Until when distributions publish security fixes, as far as a scanner can use them.

A release that is past its end gets no advisories any more, and one that a scanner does not know
has none yet: of both a scanner says "no vulnerabilities", with exit 0. The dates are those of
the detectors of github.com/aquasecurity/trivy v0.74.0 (2026-08-21), pkg/detector/ospkg/*; a policy
adds releases under ``[scans.releases]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

AS_OF = date(2026, 8, 21)

# Names that scanners give one family; Grype's are those of grype/distro/type.go.
_FAMILIES = {
    "almalinux": "alma",
    "amazonlinux": "amazon",
    "azurelinux": "azurelinux",
    "mariner": "cbl-mariner",
    "cbl-mariner": "cbl-mariner",
    "oraclelinux": "oracle",
    "rockylinux": "rocky",
    "opensuse.leap": "opensuse-leap",
    "opensuseleap": "opensuse-leap",
    "opensuse.tumbleweed": "opensuse-tumbleweed",
    "suse linux enterprise server": "sles",
    "suse linux enterprise micro": "slem",
    "rhel": "redhat",
}

# Families without releases: there is one state, and it is kept up to date.
ROLLING = frozenset(
    {"wolfi", "chainguard", "opensuse-tumbleweed", "minimos", "echo", "bottlerocket"}
)

# How many parts of a version name a release.
_PARTS = {
    "alpine": 2,
    "opensuse-leap": 2,
    "photon": 2,
    "sles": 2,
    "slem": 2,
    "ubuntu": 2,
    "cbl-mariner": 2,
    "azurelinux": 2,
}

# Last day of support; ``None`` where no end is known yet.
_RELEASES: Mapping[str, Mapping[str, date | None]] = {
    "alma": {"8": date(2029, 3, 1), "9": date(2032, 5, 31), "10": date(2035, 5, 31)},
    "alpine": {
        "3.16": date(2024, 5, 23),
        "3.17": date(2024, 11, 22),
        "3.18": date(2025, 5, 9),
        "3.19": date(2025, 11, 1),
        "3.20": date(2026, 4, 1),
        "3.21": date(2026, 12, 5),
        "3.22": date(2027, 4, 30),
        "3.23": date(2027, 11, 1),
    },
    "amazon": {"1": date(2023, 12, 31), "2": date(2026, 6, 30), "2023": date(2028, 3, 15)},
    "azurelinux": {"3.0": None},
    # Trivy has no dates of Microsoft's; these are those of learn.microsoft.com/lifecycle.
    "cbl-mariner": {"1.0": date(2023, 7, 31), "2.0": date(2025, 7, 31)},
    "centos": {"6": date(2020, 11, 30), "7": date(2024, 6, 30), "8": date(2021, 12, 31)},
    "debian": {
        "9": date(2022, 6, 30),
        "10": date(2024, 6, 30),
        "11": date(2026, 8, 14),
        "12": date(2028, 6, 10),
        "13": None,
    },
    "opensuse-leap": {
        "15.5": date(2024, 12, 31),
        "15.6": date(2025, 12, 31),
        "16.0": date(2027, 10, 31),
    },
    "oracle": {
        "6": date(2021, 3, 21),
        "7": date(2024, 12, 31),
        "8": date(2029, 7, 18),
        "9": date(2032, 7, 18),
    },
    "photon": {
        "3.0": date(2024, 3, 31),
        "4.0": date(2026, 3, 31),
        "5.0": None,
    },
    "redhat": {"6": date(2024, 6, 30), "7": None, "8": None, "9": None, "10": None},
    "rocky": {"8": date(2029, 5, 31), "9": date(2032, 5, 31)},
    "slem": {
        "5.2": date(2026, 4, 30),
        "5.3": date(2026, 10, 30),
        "5.4": date(2027, 4, 30),
        "5.5": date(2027, 10, 31),
        "6.0": date(2028, 6, 30),
        "6.1": date(2028, 11, 30),
    },
    "sles": {
        "12.5": date(2024, 10, 31),
        "15.5": date(2024, 12, 31),
        "15.6": date(2025, 12, 31),
        "15.7": date(2031, 7, 31),
        "16.0": date(2027, 11, 30),
        "16.1": date(2028, 11, 30),
    },
    "ubuntu": {
        "14.04": date(2022, 4, 25),
        "16.04": date(2021, 4, 21),
        "18.04": date(2023, 5, 31),
        "20.04": date(2025, 5, 31),
        "22.04": date(2027, 4, 23),
        "24.04": date(2034, 3, 31),
        "24.10": date(2025, 7, 9),
        "25.04": date(2026, 1, 16),
        "25.10": date(2026, 7, 1),
        "26.04": date(2031, 5, 31),
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What is known of a release: ``name`` as policies write it, and its last day of support.

    ``known`` is false for a release that no table has: a scanner may have no advisories for it.
    """

    name: str
    known: bool
    ends: date | None = None


def release_of(family: str, version: str | None, added: Mapping[str, date]) -> Release:
    """Return the release that a scanner named; ``added`` are those of the policy, by name."""
    family = family.strip().lower()
    family = _FAMILIES.get(family, family)
    # Amazon's versions read "2 (Karoo)".
    plain = (version or "").partition(" ")[0]
    number = ".".join(plain.split(".")[: _PARTS.get(family, 1)])
    name = f"{family} {number}".strip()
    if name in added:
        return Release(name=name, known=True, ends=added[name])
    if family in ROLLING:
        return Release(name=family, known=True)
    releases = _RELEASES.get(family, {})
    if number in releases:
        return Release(name=name, known=True, ends=releases[number])
    oldest = _number(next(iter(releases), ""))
    if oldest and (0,) < _number(number) < oldest:
        return Release(name=name, known=True, ends=date.min)  # older than the oldest listed
    return Release(name=name, known=False)


def _number(version: str) -> tuple[int, ...]:
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else ()
