"""Each way to a silent zero is a doubt about the report, and nothing else is."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from supplychain.core.scan_rules import ScanRules
from supplychain.scans import read_report
from supplychain.scans.end_of_life import release_of
from supplychain.scans.model import OperatingSystem, Packages
from supplychain.scans.trust import Context, doubts_of, is_end_of_life
from tests.generators.scanner_reports import (
    configured,
    grype,
    grype_match,
    stamp,
    trivy,
    trivy_row,
)

COUNTED = Packages(system=2, language=1)


def codes(document: object, *, counted: Packages | None = None, **rules: Any) -> list[str]:  # noqa: ANN401 -- any rule
    report = read_report(json.dumps(document).encode())
    context = Context(rules=ScanRules(**rules), now=datetime.now(UTC), counted=counted)
    return [doubt.code for doubt in doubts_of(report, context)]


def about(family: str, name: str | None, **more: object) -> dict[str, object]:
    metadata: dict[str, object] = dict(trivy()["Metadata"])
    return metadata | {"OS": {"Family": family, "Name": name, **more}}


def listing(*classes: tuple[str, int]) -> list[dict[str, object]]:
    return [
        {"Target": kind, "Class": kind, "Packages": [{"Name": f"p{n}"} for n in range(count)]}
        for kind, count in classes
    ]


def test_a_fresh_bound_report_with_packages_raises_no_doubt() -> None:
    assert codes(trivy()) == []
    assert codes(trivy([trivy_row()])) == []
    assert codes(grype([grype_match()])) == []
    assert codes(grype(), counted=COUNTED) == []


def test_languages_alone_are_enough_where_trivy_sees_no_system() -> None:
    only = {"ImageID": trivy()["Metadata"]["ImageID"]}
    assert codes(trivy(Metadata=only, Results=listing(("lang-pkgs", 1)))) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Results": None}, ["nothing-scanned"]),
        ({"Results": []}, ["nothing-scanned"]),
        ({"Results": listing(("os-pkgs", 0))}, ["nothing-scanned"]),
        ({"Results": listing(("os-pkgs", 0), ("lang-pkgs", 3))}, ["os-packages-missing"]),
        ({"Results": [{"Target": "a", "Vulnerabilities": [{}]}]}, ["packages-not-listed"]),
        ({"Metadata": about("none", None)}, ["os-unknown"]),
        ({"Metadata": about("alpine", "3.99.0")}, ["release-unknown"]),
        ({"Metadata": about("debian", "77")}, ["release-unknown"]),
        ({"Metadata": about("arch", None)}, ["release-unknown"]),
        ({"Metadata": about("alpine", "3.19.1")}, ["os-end-of-life"]),
        ({"Metadata": about("alpine", "3.19.1", EOSL=True)}, ["os-end-of-life"]),
        ({"Metadata": {"OS": {"Family": "alpine", "Name": "3.22.1"}}}, ["not-bound"]),
        ({"ArtifactType": "filesystem"}, ["not-bound"]),
        ({"ArtifactType": "cyclonedx"}, ["not-bound"]),
        ({"CreatedAt": None}, ["no-date"]),
        ({"CreatedAt": "yesterday"}, ["no-date"]),
        ({"CreatedAt": "2021-08-25T12:20:30"}, ["no-date"]),
        ({"CreatedAt": stamp(days_ago=8)}, ["too-old"]),
        ({"CreatedAt": stamp(days_ago=-1)}, ["from-the-future"]),
        ({"SchemaVersion": 3}, ["schema-unknown"]),
        ({"Trivy": {"Version": "0.69.4"}}, ["scanner-compromised"]),
    ],
)
def test_each_silent_zero_of_trivy_is_a_doubt(changes: dict[str, Any], expected: list[str]) -> None:
    assert codes(trivy(**changes)) == expected


def test_packages_of_a_system_without_a_system_are_a_doubt() -> None:
    only = {"ImageID": trivy()["Metadata"]["ImageID"]}
    assert codes(trivy(Metadata=only)) == ["os-unknown"]


def test_findings_taken_out_by_an_ignore_file_or_vex_are_a_doubt() -> None:
    modified = [{"Type": "vulnerability", "Status": "not_affected", "Finding": trivy_row()}]
    results = [*listing(("os-pkgs", 2)), {"ExperimentalModifiedFindings": modified}]
    assert codes(trivy(Results=results)) == ["suppressed"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"matches": []}, ["nothing-scanned"]),
        ({"distro": {"name": "", "version": ""}}, ["os-unknown"]),
        ({"distro": {"name": "alpine", "version": "3.18.2"}}, ["os-end-of-life"]),
        ({"distro": {"name": "archlinux", "version": ""}}, ["release-unknown"]),
        ({"source": {"type": "directory", "target": "/app"}}, ["not-bound"]),
        ({"source": {"type": "unknown", "target": "unknown"}}, ["not-bound"]),
        ({"source": None}, ["not-bound"]),
        ({"descriptor": {"name": "grype", "timestamp": stamp()}}, ["database-unknown"]),
    ],
)
def test_each_silent_zero_of_grype_is_a_doubt(changes: dict[str, Any], expected: list[str]) -> None:
    assert codes(grype(**({"matches": [grype_match()]} | changes))) == expected


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"only-fixed": True}, "only-fixed"),
        ({"only-notfixed": True}, "only-notfixed"),
        ({"ignore-wontfix": "wont-fix"}, "ignore-wontfix"),
        ({"exclude": ["./app/**"]}, "exclude"),
        ({"vex-documents": ["x.json"]}, "vex-documents"),
        ({"distro": "debian:12"}, "distro"),
        ({"ignore": [{"vulnerability": "CVE-1"}]}, "ignore"),
        ({"ignore": [{"package": {"name": "lodash"}}]}, "ignore"),
        ({"search": {"scope": "none-such"}}, "search.scope=none-such"),
        ({"db": {"validate-age": False}}, "db.validate-age=false"),
        ({"match": {"stock": {"using-cpes": False}}}, "match.stock.using-cpes=false"),
    ],
)
def test_an_option_that_keeps_matches_out_is_named(options: dict[str, object], named: str) -> None:
    document = grype([grype_match()], descriptor=configured(**options))
    report = read_report(json.dumps(document).encode())
    assert report.filters == (named,)
    assert codes(document) == ["filtered"]


def test_options_that_keep_nothing_out_are_none_of_our_business() -> None:
    headers = {"package": {"name": "kernel-headers", "type": "rpm", "upstream-name": "kernel"}}
    options: dict[str, object] = {
        "ignore": [headers | {"vulnerability": "", "match-type": "exact-indirect-match"}],
        "fail-on-severity": "high",
        "search": {"scope": "all-layers"},
        "by-cve": True,
        "exclude": [],
    }
    assert codes(grype([grype_match()], descriptor=configured(**options))) == []


def test_the_age_of_a_database_is_counted_until_the_scan() -> None:
    made: dict[str, Any] = grype()["descriptor"]
    old = made | {"db": {"status": {"built": stamp(days_ago=6), "valid": True}}}
    assert codes(grype([grype_match()], descriptor=old)) == ["database-too-old"]
    assert codes(grype([grype_match()], descriptor=old), max_database_age=7) == []
    then = old | {"timestamp": stamp(days_ago=3)}
    assert codes(grype([grype_match()], descriptor=then)) == []


def test_a_policy_sets_the_age_of_reports_and_knows_further_releases() -> None:
    assert codes(trivy(CreatedAt=stamp(days_ago=8)), max_report_age=9) == []
    later = trivy(Metadata=about("alpine", "3.99.0"))
    assert codes(later, releases={"alpine 3.99": date(2090, 1, 1)}) == []
    assert codes(later, releases={"alpine 3.99": date(2020, 1, 1)}) == ["os-end-of-life"]


@pytest.mark.parametrize(
    ("family", "version", "name", "known"),
    [
        ("alpine", "3.22.1", "alpine 3.22", True),
        ("debian", "12.5", "debian 12", True),
        ("debian", "trixie/sid", "debian trixie/sid", False),
        ("ubuntu", "24.04", "ubuntu 24.04", True),
        ("redhat", "9.4", "redhat 9", True),
        ("rockylinux", "9.4", "rocky 9", True),
        ("amazon", "2 (Karoo)", "amazon 2", True),
        ("wolfi", "20230201", "wolfi", True),
        ("alpine", "3.2.1", "alpine 3.2", True),
        ("alpine", "3.23_alpha", "alpine 3.23_alpha", False),
        ("alpine", None, "alpine", False),
        ("alpine", "²", "alpine ²", False),
    ],
)
def test_releases_are_told_by_family_and_the_parts_that_count(
    family: str,
    version: str | None,
    name: str,
    known: bool,  # noqa: FBT001 -- a parameter
) -> None:
    release = release_of(family, version, {})
    assert (release.name, release.known) == (name, known)


def test_a_release_ends_after_its_last_day_and_the_days_of_grace() -> None:
    system = OperatingSystem(family="alpine", name="3.21.0")
    on = datetime(2026, 12, 5, 12, tzinfo=UTC)
    after = datetime(2026, 12, 6, 0, tzinfo=UTC)
    assert not is_end_of_life(system, ScanRules(), on)
    assert is_end_of_life(system, ScanRules(), after)
    assert not is_end_of_life(system, ScanRules(grace_days=1), after)


def test_the_scanners_word_counts_where_no_day_is_known() -> None:
    ended = OperatingSystem(family="fedora", name="30", end_of_life=True)
    assert is_end_of_life(ended, ScanRules(), datetime.now(UTC))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"Results":', '"Results": [], "Results":'),
        ('"Results":', '"results": [], "Results":'),
        ('"Results":', '"\\u0052esults": [], "Results":'),
        ('"Results":', '"Re\u017fults": [], "Results":'),
        ('"Vulnerabilities":', '"vulnerabilities":'),
        ('"Vulnerabilities":', '"Vulnerabilities": null, "Vulnerabilities":'),
        ('"ImageID":', '"ImageID": "", "ImageID":'),
    ],
)
def test_a_key_twice_or_misspelt_is_a_doubt(old: str, new: str) -> None:
    text = json.dumps(trivy([trivy_row()])).replace(old, new, 1)
    context = Context(rules=ScanRules(), now=datetime.now(UTC))
    found = [doubt.code for doubt in doubts_of(read_report(text.encode()), context)]
    assert "ambiguous" in found


@pytest.mark.parametrize("entry", [{}, {"Finding": None}, {"Finding": {}}, {"Type": "secret"}])
def test_whatever_was_taken_out_is_a_doubt(entry: dict[str, object]) -> None:
    results = listing(("os-pkgs", 2))
    results[0]["ExperimentalModifiedFindings"] = [entry]
    assert codes(trivy(Results=results)) == ["suppressed"]


def test_packages_without_a_name_are_none() -> None:
    results = [{"Target": "a", "Class": "os-pkgs", "Packages": [{}, {"Name": ""}]}]
    assert "nothing-scanned" in codes(trivy(Results=results))
