from __future__ import annotations

import json as stdlib_json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from supplychain.core.document import timestamp
from supplychain.core.finding import Location
from supplychain.core.run import Run
from supplychain.report import json
from tests.unit.report import samples
from tests.unit.report.schemas import errors_in

RUNS = pytest.mark.parametrize("run", samples.SAMPLES.values(), ids=samples.SAMPLES)


def report_of(run: Run) -> dict[str, Any]:
    document: dict[str, Any] = stdlib_json.loads(json.render(run))
    return document


@RUNS
def test_report_keeps_to_its_schema(run: Run) -> None:
    assert errors_in("report", report_of(run)) == []


@RUNS
def test_lines_are_the_report_in_pieces(run: Run) -> None:
    head, *subjects = map(stdlib_json.loads, json.render_lines(run).splitlines())
    assert {**head, "subjects": subjects} == report_of(run)


def test_empty_text_is_null() -> None:
    finding = replace(samples.hostile_finding("x"), hint="", properties={"package": ""})
    run = samples.run(samples.verdict(samples.COMPOSE, [finding]))
    (found,) = report_of(run)["subjects"][0]["findings"]
    assert (found["hint"], found["properties"]) == (None, {"package": None})


def test_location_that_says_nothing_is_null() -> None:
    finding = replace(samples.hostile_finding("x"), location=Location())
    run = samples.run(samples.verdict(samples.COMPOSE, [finding]))
    assert report_of(run)["subjects"][0]["findings"][0]["location"] is None


def test_number_that_is_not_finite_is_null() -> None:
    finding = replace(samples.hostile_finding("x"), properties={"score": float("nan"), "rank": 1.5})
    run = samples.run(samples.verdict(samples.COMPOSE, [finding]))
    (found,) = report_of(run)["subjects"][0]["findings"]
    assert found["properties"] == {"rank": 1.5, "score": None}


def test_times_are_utc_in_whole_seconds() -> None:
    local = datetime(2026, 11, 25, 12, 0, 59, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert timestamp(local) == "2026-11-25T10:00:59Z"


def test_waived_findings_are_kept_with_their_waiver_and_do_not_count() -> None:
    report = report_of(samples.WAIVED)
    (finding,) = report["subjects"][0]["findings"]
    assert finding["blocking"] is False
    assert finding["waiver"] == {
        "reason": "the base is rebuilt nightly in this repository",
        "owner": "platform@acme.example",
        "expires": "2027-01-31",
    }
    assert report["summary"] == {
        "subjects": 2,
        "findings": {"critical": 0, "high": 0, "medium": 1, "low": 0, "info": 0, "unknown": 0},
        "waived": 2,
        "gaps": 0,
    }


def test_what_reads_the_same_is_counted_once() -> None:
    findings = samples.unpinned(samples.WEB, *[(1, 6, "node:22")] * 2, (2, 6, "node:22"))
    report = report_of(samples.run(samples.verdict(samples.WEB, findings)))
    assert report["summary"]["findings"]["high"] == 2


def test_waived_gaps_are_kept_with_their_waiver() -> None:
    (gap,) = report_of(samples.WAIVED)["subjects"][1]["gaps"]
    assert gap["waiver"]["reason"] == "the registry moves this week"


def test_only_findings_that_reject_are_blocking() -> None:
    compose = report_of(samples.FAILING)["subjects"][2]
    blocking = {finding["id"]: finding["blocking"] for finding in compose["findings"]}
    assert blocking == {"IMG001": True, "IMG004": False}


def test_reports_of_two_runs_differ_only_in_their_times() -> None:
    later = datetime(2027, 1, 1, tzinfo=UTC)
    again = replace(samples.FAILING, started_at=later, finished_at=later)
    first, second = report_of(samples.FAILING), report_of(again)
    for report in (first, second):
        del report["started_at"], report["finished_at"]
    assert first == second


def test_text_of_a_subject_has_no_control_characters_and_no_surrogates() -> None:
    report = json.render(samples.HOSTILE)
    assert report.replace("\n", "").isprintable()
    values = stdlib_json.loads(report)["subjects"][0]["findings"][0]
    assert "\\x1b[31m\\n::stop-commands::x\\r##[add-mask]a" in values["message"]
    assert values["message"].endswith("\\udc80")


def test_checks_keep_to_their_schema() -> None:
    document = stdlib_json.loads(json.render_checks(samples.CHECKS))
    assert errors_in("checks", document) == []
    assert [check["id"] for check in document["checks"]] == ["IMG001", "IMG004"]


def test_unknown_subject_is_null() -> None:
    verdict = replace(samples.verdict(samples.API, []), subject=None)
    report = report_of(samples.run(verdict))
    assert (report["subjects"][0]["kind"], errors_in("report", report)) == (None, [])
