"""What several scanners say under several ids becomes one, and what differs stays apart."""

from __future__ import annotations

from itertools import permutations

import msgspec

from supplychain.scans.fold import combine, fold, names_of
from supplychain.scans.model import Tier, Vulnerability

PURL = "pkg:npm/lodash@4.17.4"


def row(
    name: str,
    *aliases: str,
    tier: Tier = Tier.HIGH,
    tool: str = "trivy",
    purl: str | None = PURL,
    version: str = "4.17.4",
    exploited: bool = False,
    suppressed: bool = False,
) -> Vulnerability:
    return Vulnerability(
        id=name,
        aliases=aliases,
        package="lodash",
        version=version,
        tier=tier,
        severity_source=tool,
        purl=purl,
        tools=(tool,),
        known_exploited=exploited,
        suppressed=suppressed,
    )


def test_an_alias_joins_what_two_scanners_say() -> None:
    grype = row("GHSA-1", "CVE-1", tier=Tier.CRITICAL, tool="grype", exploited=True)
    for rows in permutations([row("CVE-1"), grype]):
        (one,) = combine(rows)
        assert one.names == ("CVE-1", "GHSA-1")
        assert (one.tier, one.severity_source) == (Tier.CRITICAL, "grype")
        assert one.known_exploited
        assert sorted(one.tools) == ["grype", "trivy"]


def test_a_row_without_a_cve_joins_the_one_that_has_its_name_in_every_order() -> None:
    rows = [row("CVE-1", "GHSA-1"), row("GHSA-1", tool="grype"), row("PYSEC-1", "GHSA-1")]
    for ordered in permutations(rows):
        (one,) = combine(ordered)
        assert one.id == "CVE-1"
        assert set(one.aliases) == {"GHSA-1", "PYSEC-1"}


def test_rows_without_any_cve_join_by_their_first_name() -> None:
    assert len(combine([row("GHSA-1"), row("PYSEC-1", "GHSA-1")])) == 1


def test_two_cves_are_never_one_whatever_they_share() -> None:
    rows = [row("CVE-1", "GHSA-1"), row("CVE-2", "GHSA-1"), row("GHSA-1", tool="grype")]
    for ordered in permutations(rows):
        combined = combine(ordered)
        assert {"CVE-1", "CVE-2"} <= {one.id for one in combined}


def test_an_advisory_of_a_distribution_is_the_alias_of_none_of_the_many_that_it_covers() -> None:
    assert names_of("CVE-1", ["DSA-4539-1", "GHSA-1", "CVE-1"]) == (("GHSA-1",), ("DSA-4539-1",))
    assert names_of("ELSA-1", ["CVE-1", "CVE-2"]) == ((), ("CVE-1", "CVE-2"))
    assert names_of("ELSA-1", ["CVE-1"]) == (("CVE-1",), ())
    assert names_of("CVE-1", ["CVE-2"]) == ((), ("CVE-2",))


def test_other_versions_and_packages_stay_apart() -> None:
    rows = [
        row("CVE-1"),
        row("CVE-1", purl="pkg:npm/lodash@4.17.5", version="4.17.5"),
        row("CVE-1", purl="pkg:npm/lodash.merge@4.17.4"),
        row("CVE-2"),
    ]
    assert len(combine(rows)) == 4


def test_qualifiers_and_escapes_of_a_purl_do_not_count() -> None:
    one = row("CVE-1", purl="pkg:apk/alpine/libc%2B%2B@1?arch=x86_64&distro=3.22")
    other = row("CVE-1", purl="pkg:apk/alpine/libc++@1?arch=x86_64&distro=alpine-3.22.1")
    assert len(combine([one, other])) == 1


def test_an_unknown_rating_beside_a_low_one_stays_unknown_and_beside_a_high_one_high() -> None:
    unknown, low, high = (row("CVE-1", tier=tier) for tier in (Tier.UNKNOWN, Tier.LOW, Tier.HIGH))
    assert fold([unknown, low])[0].tier is Tier.UNKNOWN
    assert fold([unknown, high])[0].tier is Tier.HIGH


def test_what_one_scanner_ignores_and_another_reports_is_reported() -> None:
    (one,) = combine([row("CVE-1", suppressed=True), row("CVE-1", tool="grype")])
    assert not one.suppressed
    (ignored,) = combine([row("CVE-1", suppressed=True)])
    assert ignored.suppressed


def test_what_covers_several_cves_stays_by_itself() -> None:
    covering = msgspec.structs.replace(row("GHSA-1"), related=("CVE-1", "CVE-2"))
    assert len(combine([row("CVE-1", "GHSA-1"), covering])) == 2
    assert len(combine([row("CVE-1", "GHSA-1"), row("GHSA-1", "CVE-1", "CVE-2")])) == 2
