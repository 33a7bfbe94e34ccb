"""What is read of reports, and what is refused as none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from supplychain.errors import UsageError
from supplychain.formats.text import MalformedError
from supplychain.scans import encoding, read_report
from supplychain.scans.model import Envelope, Packages, ScanReport, Tier, Tool
from tests.generators.scanner_reports import (
    IMAGE_ID,
    MANIFEST,
    grype,
    grype_match,
    trivy,
    trivy_row,
)


def read(document: object) -> ScanReport:
    return read_report(json.dumps(document).encode())


def test_a_trivy_report_is_read() -> None:
    report = read(trivy([trivy_row()]))
    assert (report.tool, report.envelope, report.tool_version) == (
        Tool.TRIVY,
        Envelope.V2,
        "0.74.0",
    )
    assert str(report.artifact.digest) == IMAGE_ID
    assert report.artifact.is_image
    assert report.os is not None
    assert (report.os.family, report.os.name, report.os.end_of_life) == ("alpine", "3.22.1", False)
    assert report.packages == Packages(system=2, language=1)
    assert report.created_at is not None
    (one,) = report.vulnerabilities
    assert (one.id, one.package, one.version) == ("CVE-2019-10744", "lodash", "4.17.4")
    assert (one.tier, one.severity_source) == (Tier.CRITICAL, "trivy/ghsa")
    assert (one.fixed, one.status, one.layer) == ("4.17.12", "fixed", IMAGE_ID)
    assert one.paths == ("app/node_modules/lodash/package.json",)


def test_a_grype_report_is_read_with_what_only_grype_knows() -> None:
    known = {"knownExploited": [{"cve": "CVE-2019-10744"}], "epss": [{"epss": 0.5}, {"epss": 0.9}]}
    report = read(grype([grype_match(**known)]))
    assert (report.tool, report.envelope, report.packages) == (Tool.GRYPE, Envelope.GRYPE, None)
    assert {str(one) for one in report.artifact.digests} == {IMAGE_ID, MANIFEST}
    (one,) = report.vulnerabilities
    assert one.names == ("GHSA-jf85-cpcp-j695", "CVE-2019-10744")
    assert (one.known_exploited, one.epss, one.fixed) == (True, 0.9, "4.17.12")
    assert report.database is not None
    assert report.database.built_at is not None


def test_the_array_of_old_trivy_is_read_and_null_is_an_empty_one() -> None:
    legacy = [{"Target": "app", "Type": "npm", "Vulnerabilities": [trivy_row(PkgPath=None)]}]
    report = read(legacy)
    assert (report.envelope, report.rows, report.artifact.digest) == (
        Envelope.LEGACY_ARRAY,
        1,
        None,
    )
    assert report.vulnerabilities[0].paths == ("app",)
    assert read([]).envelope is Envelope.LEGACY_ARRAY
    empty = read(None)
    assert (empty.envelope, empty.rows, empty.packages) == (Envelope.NULL, 0, None)


def test_an_osv_report_is_read_with_the_worse_of_its_ratings() -> None:
    advisory = {"id": "GHSA-1", "aliases": ["CVE-1"], "database_specific": {"severity": "MODERATE"}}
    package = {
        "package": {"name": "lodash", "version": "4.17.4", "ecosystem": "npm"},
        "vulnerabilities": [advisory, {"id": "GHSA-2"}],
        "groups": [{"ids": ["GHSA-1"], "max_severity": "9.8"}],
    }
    source = {"path": "/app/package-lock.json", "type": "lockfile"}
    report = read({"results": [{"source": source, "packages": [package]}]})
    assert (report.tool, report.envelope, report.rows) == (Tool.OSV, Envelope.OSV, 2)
    assert [one.tier for one in report.vulnerabilities] == [Tier.CRITICAL, Tier.UNKNOWN]


def test_rows_of_one_id_package_and_version_are_one_with_all_paths_and_the_worst_rating() -> None:
    rows = [
        trivy_row(PkgPath="a", Severity="LOW", SeveritySource="nvd", FixedVersion=None),
        trivy_row(PkgPath="b"),
        trivy_row(PkgPath="b"),
        trivy_row(PkgPath="c", InstalledVersion="4.17.5"),
    ]
    report = read(trivy(rows))
    assert report.rows == 4
    first, second = report.vulnerabilities
    assert (first.paths, first.tier, first.severity_source) == (
        ("a", "b"),
        Tier.CRITICAL,
        "trivy/ghsa",
    )
    assert first.fixed == "4.17.12"
    assert second.version == "4.17.5"


@pytest.mark.parametrize("rating", [None, "UNKNOWN", "Catastrophic"])
def test_a_rating_that_is_missing_or_not_known_is_a_tier_of_its_own(rating: str | None) -> None:
    report = read(trivy([trivy_row(Severity=rating)]))
    assert report.by_tier[Tier.UNKNOWN] == 1
    assert sum(report.by_tier.values()) == 1


def test_a_row_may_lack_every_field() -> None:
    report = read(trivy([{}]))
    assert report.vulnerabilities[0].key == ("", "", "")
    assert report.vulnerabilities[0].tier is Tier.UNKNOWN


def test_empty_lists_may_be_null() -> None:
    report = read(trivy(Results=[{"Target": "a", "Packages": None, "Vulnerabilities": None}]))
    assert (report.rows, report.packages) == (0, None)
    assert read(grype(ignoredMatches=None, alertsByPackage=None)).suppressed_rows == 0


def test_what_a_scanner_was_told_to_ignore_is_kept_apart() -> None:
    modified = [
        {"Type": "vulnerability", "Status": "ignored", "Finding": trivy_row()},
        {"Type": "secret", "Status": "ignored", "Finding": {"RuleID": "x", "StartLine": 3}},
    ]
    result = {"Target": "a", "Class": "lang-pkgs", "ExperimentalModifiedFindings": modified}
    report = read(trivy(Results=[result]))
    assert (report.rows, report.suppressed_rows) == (0, 2)
    assert [(one.id, one.suppressed) for one in report.suppressed] == [("CVE-2019-10744", True)]


def test_the_rules_that_grype_always_adds_suppress_nothing_of_the_users() -> None:
    headers = {"package": {"name": "linux-libc-dev", "upstream-name": "linux", "type": "deb"}}
    chosen = {"vulnerability": "CVE-2019-10744", "namespace": ""}
    ignored = [grype_match() | {"appliedIgnoreRules": [rule]} for rule in (headers, chosen)]
    report = read(grype(ignoredMatches=ignored))
    assert (report.suppressed_rows, len(report.suppressed)) == (2, 1)


def test_secrets_and_failed_misconfigurations_are_read_without_the_secret() -> None:
    secrets = [{"RuleID": "github-pat", "Severity": "CRITICAL", "StartLine": 3, "Match": "ghp_x"}]
    misconfigurations = [
        {"ID": "DS-0002", "Status": "FAIL", "Severity": "HIGH"},
        {"ID": "DS-0026", "Status": "PASS", "Severity": "LOW"},
    ]
    result = {"Target": "a", "Secrets": secrets, "Misconfigurations": misconfigurations}
    report = read(trivy(Results=[result]))
    assert [(one.rule, one.tier, one.line) for one in report.secrets] == [
        ("github-pat", Tier.CRITICAL, 3)
    ]
    assert [one.id for one in report.misconfigurations] == ["DS-0002"]
    assert "ghp_x" not in repr(report)


@pytest.mark.parametrize("encoded", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_of_unicode_are_decoded(encoded: str) -> None:
    text = json.dumps(trivy([trivy_row(Title="Prototyp-Verschmutzung: gefährlich")]))
    report = read_report(text.encode(encoded))
    assert report.vulnerabilities[0].title == "Prototyp-Verschmutzung: gefährlich"


def test_of_equal_keys_the_last_counts_as_in_go() -> None:
    first, last = json.dumps([trivy_row()]), json.dumps([trivy_row(Severity="LOW")])
    rows = f'{{"Target": "a", "Vulnerabilities": {first}, "Vulnerabilities": {last}}}'
    report = read_report(f'{{"SchemaVersion": 2, "Results": [{rows}]}}'.encode())
    assert [one.tier for one in report.vulnerabilities] == [Tier.LOW]


FOREIGN: dict[str, Any] = {
    "SARIF": {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": []},
    "CycloneDX": {"bomFormat": "CycloneDX", "specVersion": "1.6", "vulnerabilities": []},
    "SPDX": {"spdxVersion": "SPDX-2.3", "packages": []},
    "Syft": {"artifacts": [], "artifactRelationships": [], "source": {"id": "x", "type": "image"}},
    "k8s": {"ClusterName": "prod", "Resources": [{"Kind": "Pod", "Results": []}]},
    "k8s ": {"ClusterName": "prod", "Vulnerabilities": [], "Misconfigurations": []},
    "k8s  ": {"Resources": []},
    "trivy-operator": {"apiVersion": "aquasecurity.github.io/v1alpha1", "kind": "List"},
    "trivy-operator's": {"items": [{"apiVersion": "aquasecurity.github.io/v1alpha1"}]},
    "Harbor": {"application/vnd.security.vulnerability.report; version=1.1": {}},
    "Harbor ": {"generated_at": "x", "artifact": {}, "scanner": {}, "vulnerabilities": []},
    "in-toto": {"_type": "https://in-toto.io/Statement/v1", "predicateType": "x"},
    "OpenVEX": {"@context": "https://openvex.dev/ns/v0.2.0", "statements": []},
    "GitLab": {"version": "15", "scan": {}, "vulnerabilities": []},
    "trivy version": {"Version": "0.74.0", "VulnerabilityDB": {"Version": 2}},
    "pip-audit": {"dependencies": [], "fixes": []},
    "'metrics'": {"errors": [], "metrics": {}, "results": []},
    "'tables'": {"tables": [], "rows": 3},
    "'Level'": [{"Level": "error"}],
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_foreign_kind_is_refused_by_name(kind: str) -> None:
    with pytest.raises(UsageError, match=kind.strip()):
        read(FOREIGN[kind])


def test_markup_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="XML or HTML"):
        read_report(b"<testsuites></testsuites>")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"{}", "is an empty object"),
        (b"{", "no complete JSON"),
        (json.dumps(trivy([trivy_row()])).encode()[:-40], "truncated"),
        (b'{"SchemaVersion": 2, "Results": [{"Vulnerabilities": NaN}]}', "no complete JSON"),
        (b'{"SchemaVersion": 2, "X": NaN}', "no complete JSON"),
        (b'{"SchemaVersion": "two"}', "Expected `int"),
        (b'{"SchemaVersion": 2, "Results": [{"Target": 3}]}', "Expected `str"),
        (b'{"SchemaVersion": 2, "X": ' + b"[" * 200_000, "nested too deep|no complete JSON"),
        (b"[" * 200_000, "nested too deep|no complete JSON"),
        (b"nullnull", "no complete JSON"),
        (b"Report Summary\n| Target |", "no complete JSON"),
        (b'{"SchemaVersion": 2, "ArtifactName": "\xff"}', "no complete JSON"),
        (b"\xff\xfe{", "begins as"),
        (json.dumps(trivy()).encode() + b"{}", "no complete JSON"),
    ],
)
def test_what_is_no_whole_report_is_malformed_never_empty(data: bytes, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        read_report(data)


def test_a_report_over_the_limit_is_malformed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "MAX_REPORT", 100)
    with pytest.raises(MalformedError, match="has more than"):
        read(trivy())


def test_the_databases_of_old_and_new_grype_are_read() -> None:
    checksum = "sha256:" + "c" * 64
    old = {"built": "2023-09-01T01:26:55Z", "checksum": checksum, "error": None}
    new = {"status": {"built": "2023-09-01T01:26:55Z", "from": f"https://x/y?checksum={checksum}"}}
    for database in (old, new):
        descriptor = {"name": "grype", "version": "0.66.0", "db": database}
        read_database = read(grype(descriptor=descriptor)).database
        assert read_database is not None
        assert str(read_database.digest) == checksum
        assert read_database.problem is None
    broken = read(grype(descriptor={"db": {"status": {"valid": False, "error": "no such file"}}}))
    assert broken.database is not None
    assert broken.database.problem == "the scanner reports a database error: no such file"


@pytest.mark.parametrize("word", ["critical", "CRITICAL ", "\tCritical", "cRiTiCaL"])
def test_a_severity_is_read_whatever_its_letter_case_and_white_space(word: str) -> None:
    (one,) = read(trivy([trivy_row(Severity=word)])).vulnerabilities
    assert one.tier is Tier.CRITICAL


@pytest.mark.parametrize("word", [None, "", "grave"])
def test_a_severity_that_nobody_knows_is_unknown(word: str | None) -> None:
    (one,) = read(trivy([trivy_row(Severity=word)])).vulnerabilities
    assert one.tier is Tier.UNKNOWN
