"""``inspect --kind report``: the item of the contract, whatever the report is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supplychain.cli import run
from tests.generators.scanner_reports import (
    IMAGE_ID,
    configured,
    grype,
    grype_match,
    trivy,
    trivy_row,
)
from tests.unit.report.schemas import errors_in

Inspect = Callable[..., tuple[int, list[dict[str, Any]]]]
KEYS = [
    "kind",
    "path",
    "tool",
    "envelope",
    "tool_version",
    "artifact",
    "os",
    "packages",
    "rows",
    "distinct",
    "by_severity",
    "with_fix",
    "known_exploited",
    "suppressed",
    "secrets",
    "misconfigurations",
    "trust",
]


@pytest.fixture
def inspect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Inspect:
    monkeypatch.chdir(tmp_path)

    def inspected(*given: object) -> tuple[int, list[dict[str, Any]]]:
        names = []
        for number, one in enumerate(given):
            data = one if isinstance(one, bytes) else json.dumps(one).encode()
            Path(f"{number}.json").write_bytes(data)
            names.append(f"{number}.json")
        code = run(["inspect", "--kind", "report", "--output", "json", *names])
        document = json.loads(capsys.readouterr().out)
        assert errors_in("inspect", document) == []
        items: list[dict[str, Any]] = document["items"]
        return code, items

    return inspected


def test_an_item_has_what_the_contract_says_and_counts_distinct_vulnerabilities(
    inspect: Inspect,
) -> None:
    rows = [
        trivy_row(),
        trivy_row(PkgPath="elsewhere", Severity="LOW"),
        trivy_row(VulnerabilityID="CVE-2", FixedVersion=None, Severity=None),
    ]
    code, (item,) = inspect(trivy(rows))
    assert code == 0
    assert list(item) == KEYS
    assert (item["kind"], item["path"], item["tool"], item["envelope"]) == (
        "report",
        "0.json",
        "trivy",
        "v2",
    )
    assert item["artifact"] == {"type": "container_image", "name": "app:1", "digest": IMAGE_ID}
    assert item["os"] == {"family": "alpine", "name": "3.22.1", "end_of_life": False}
    assert (item["packages"], item["rows"], item["distinct"], item["with_fix"]) == (3, 3, 2, 1)
    assert item["by_severity"] == {
        "critical": 1,
        "high": 0,
        "medium": 0,
        "low": 0,
        "negligible": 0,
        "unknown": 1,
    }
    assert (item["secrets"], item["misconfigurations"], item["suppressed"]) == (0, 0, 0)
    assert item["trust"] == []


def test_a_grype_item_lists_no_packages_and_why_it_may_not_count(inspect: Inspect) -> None:
    match = grype_match(severity="Negligible", knownExploited=[{"cve": "CVE-1"}])
    document = grype([match], descriptor=configured(**{"only-fixed": True}))
    code, (item,) = inspect(document)
    assert (code, item["tool"], item["envelope"], item["packages"]) == (0, "grype", "grype", None)
    assert (item["known_exploited"], item["by_severity"]["negligible"]) == (1, 1)
    assert item["trust"] == [
        {"code": "filtered", "message": "was filtered by the scanner: only-fixed"}
    ]


@pytest.mark.parametrize(
    ("document", "envelope", "code"),
    [
        (None, "null", "nothing-scanned"),
        ([], "legacy-array", "nothing-scanned"),
        ({"results": []}, "osv", "not-bound"),
    ],
)
def test_other_envelopes_have_items_too(
    inspect: Inspect, document: object, envelope: str, code: str
) -> None:
    ended, (item,) = inspect(document)
    assert (ended, item["envelope"], item["packages"], item["os"]) == (0, envelope, None, None)
    assert code in [doubt["code"] for doubt in item["trust"]]


def test_malformed_and_foreign_items_say_so_and_the_worst_code_wins(inspect: Inspect) -> None:
    code, (cut,) = inspect(json.dumps(trivy()).encode()[:-9])
    assert (code, cut["malformed"]["reason"]) == (
        1,
        "is no complete JSON report: Input data was truncated",
    )
    code, items = inspect(trivy(), b"{", {"ClusterName": "prod", "Resources": []})
    assert code == 2
    assert [set(item) & {"tool", "malformed", "error"} for item in items] == [
        {"tool"},
        {"malformed"},
        {"error"},
    ]
    assert "k8s" in items[2]["error"]


def test_hostile_text_is_made_visible(inspect: Inspect) -> None:
    _, (item,) = inspect(trivy(ArtifactName="a\x1b[31m\u202eb"))
    assert item["artifact"]["name"] == "a\\x1b[31m\\u202eb"


@pytest.mark.parametrize("document", [trivy(), grype([grype_match()])])
def test_a_report_is_told_by_its_beginning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], document: object
) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(document, indent=2))
    assert run(["inspect", "--output", "json", str(path)]) == 0
    assert json.loads(capsys.readouterr().out)["items"][0]["kind"] == "report"
