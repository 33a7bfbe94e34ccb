from __future__ import annotations

from supplychain.report.summary import MAX_ROWS, render
from tests.unit.report import samples
from tests.unit.report.markdown import Page

STEP_LIMIT = 1024 * 1024  # bytes that GitHub takes for one step's summary


def test_headline_is_the_decision_with_its_counts() -> None:
    assert render(samples.FAILING).splitlines()[:3] == [
        "## ❌ supplychain: fail",
        "",
        "4 blocking, 1 warning, 2 gaps, 1 info in 4 subjects, under policy default",
    ]


def test_what_blocks_is_a_table_with_the_hint_told_once() -> None:
    page = Page(render(samples.FAILING))
    assert page.text.count("image-not-pinned (high)") == 1
    assert page.text.count(samples.PIN) == 1
    for place in ("web/Dockerfile:1:6", "web/Dockerfile:14:6", "compose.yaml:8:12"):
        assert place in page.text


def test_warnings_lie_in_the_details_and_blocking_findings_do_not() -> None:
    shown, _, folded = render(samples.FAILING).partition("<details>")
    assert "IMG001" in shown
    assert "image-digest" in shown
    assert "IMG004" not in shown
    assert "IMG004" in folded
    assert folded.endswith("</details>\n")


def test_waived_findings_are_listed_with_owner_and_end() -> None:
    report = render(samples.WAIVED)
    assert "2 waived in 2 subjects" in report
    assert "the base is rebuilt nightly" in report
    assert "platform&#64;acme.example until 2027-01-31" in report


def test_details_say_what_was_judged_and_left_out() -> None:
    text = Page(render(samples.CLEAN)).text
    assert "judged: 1 image, 1 Dockerfile, 1 compose file" in text
    assert "left out: 1,412 files (third-party code)" in text
    assert f"policy: default, {samples.POLICY.digest}" in text
    assert "tools: supplychain 0.1.0, trivy 0.74.0" in text


def test_hostile_text_adds_no_element() -> None:
    harmless, hostile = samples.hostile_run("x"), samples.HOSTILE
    assert Page(render(hostile)).elements == Page(render(harmless)).elements


def test_hostile_text_is_shown_as_it_is() -> None:
    text = Page(render(samples.HOSTILE)).text
    assert "::error::owned `code`|<b>bold</b>\\x1b[31m\\n" in text
    assert "[link](javascript:alert) https://evil.example @team" in text


def test_long_tables_are_cut_and_counted() -> None:
    report = render(samples.MANY)
    assert report.count("has no digest") == MAX_ROWS
    assert f"… and {60 - MAX_ROWS} more" in report


def test_summary_stays_below_what_github_takes() -> None:
    report = render(samples.crowded_run("<" * 400, each=MAX_ROWS * 2))
    assert STEP_LIMIT // 3 < len(report.encode()) < STEP_LIMIT
