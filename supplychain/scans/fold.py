"""Rows to distinct vulnerabilities: within one report, and over the reports of several scanners."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from urllib.parse import unquote

import msgspec

from supplychain.scans.model import Vulnerability

CVE = "CVE-"
NO_NAMES: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
# Schemes in which one id names one vulnerability.
SINGLE = (CVE, "GHSA-", "PYSEC-", "GO-", "RUSTSEC-", "GMS-", "OSV-", "MAL-")


def fold(rows: Iterable[Vulnerability]) -> tuple[Vulnerability, ...]:
    """Join the rows of one id, package and version, in the order of the first of them."""
    groups: dict[tuple[str, str, str], list[Vulnerability]] = {}
    for row in rows:
        groups.setdefault((row.id, row.package, row.version), []).append(row)
    return tuple(
        members[0] if len(members) == 1 else joined(members) for members in groups.values()
    )


def combine(rows: Iterable[Vulnerability]) -> tuple[Vulnerability, ...]:
    """Join what several scanners say, or one of them under several ids, of one package and version.

    What a row is about is its CVE; else the one CVE that other rows have for one of its names;
    else the first of its names. So two CVEs are never joined, whatever they share.
    """
    listed = [(_package_key(row), row) for row in rows]
    cves: dict[tuple[str, str], set[str]] = {}
    for package, row in listed:
        for cve in _cves(row):
            for name in row.names:
                cves.setdefault((package, name), set()).add(cve)
    groups: dict[tuple[str, str], list[Vulnerability]] = {}
    for package, row in listed:
        groups.setdefault((package, _meant(row, package, cves)), []).append(row)
    return tuple(
        members[0] if len(members) == 1 else joined(members) for members in groups.values()
    )


def names_of(own: str, others: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell apart the other names of a vulnerability: aliases, and what is merely related.

    An advisory of a distribution (DSA, RHSA, ALAS, …) covers many vulnerabilities, so it is the
    alias of none, and one that covers several CVEs has none.
    """
    if len(others) == 1:  # nearly all rows: worth not building sets
        name = others[0]
        if not name or name == own:
            return NO_NAMES
        is_alias = name.startswith(SINGLE) and not (name.startswith(CVE) and own.startswith(CVE))
        return ((name,), ()) if is_alias else ((), (name,))
    distinct = [name for name in dict.fromkeys(others) if name and name != own]
    several = sum(name.startswith(CVE) for name in (own, *distinct)) > 1
    aliases = tuple([name for name in distinct if name.startswith(SINGLE) and not several])
    return aliases, tuple([name for name in distinct if name not in aliases])


def _cves(row: Vulnerability) -> list[str]:
    """Return the CVE that a row is about; none where it has several."""
    found = [name for name in row.names if name.startswith(CVE)]
    return found if len(found) == 1 else []


def _meant(
    row: Vulnerability, package: str, cves: Mapping[tuple[str, str], Collection[str]]
) -> str:
    own = _cves(row)
    if own:
        return own[0]
    if any(name.startswith(CVE) for name in (*row.names, *row.related)):
        return row.id  # it is about several
    known = {cve for name in row.names for cve in cves.get((package, name), ())}
    return known.pop() if len(known) == 1 else min(row.names)


def _package_key(row: Vulnerability) -> str:
    """Return what names a package and version to every scanner: its purl without qualifiers."""
    if not row.purl:
        return f"{row.package}@{row.version}"
    plain = row.purl.partition("?")[0].partition("#")[0]
    versioned = plain if "@" in plain else f"{plain}@{row.version}"
    return unquote(versioned).lower()


def joined(members: Sequence[Vulnerability], paths: tuple[str, ...] | None = None) -> Vulnerability:
    """Return one vulnerability with the worst rating, all aliases and all paths of its rows.

    ``paths`` are given where rows that differ in nothing else were left out.
    """
    if paths is None:
        paths = tuple(dict.fromkeys(path for one in members for path in one.paths))
    worst = min(members, key=_rank)
    named = min(members, key=_name_order).id
    aliases = dict.fromkeys(name for one in members for name in one.names if name != named)
    return msgspec.structs.replace(
        worst,
        id=named,
        aliases=tuple(aliases),
        related=tuple(dict.fromkeys(name for one in members for name in one.related)),
        paths=paths,
        tools=tuple(dict.fromkeys(tool for one in members for tool in one.tools)),
        purl=worst.purl or _first(one.purl for one in members),
        fixed=worst.fixed or _first(one.fixed for one in members),
        status=worst.status or _first(one.status for one in members),
        title=worst.title or _first(one.title for one in members),
        url=worst.url or _first(one.url for one in members),
        layer=_first(one.layer for one in members),
        known_exploited=any(one.known_exploited for one in members),
        epss=max((one.epss for one in members if one.epss is not None), default=None),
        suppressed=all(one.suppressed for one in members),
    )


def _rank(one: Vulnerability) -> int:
    return one.tier.rank


def _name_order(one: Vulnerability) -> tuple[bool, str]:
    """Sort CVE ids first: every scanner and every feed knows them."""
    return not one.id.startswith(CVE), one.id


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)
