"""Whatever a subject says, it cannot leave its place in a report."""

from __future__ import annotations

import json as stdlib_json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supplychain.core.text import visible
from supplychain.report import github, json, sarif, summary, text
from supplychain.report.escape import document, line_start, one_line
from tests.unit.report import samples
from tests.unit.report.markdown import Page
from tests.unit.report.runner import commands_in
from tests.unit.report.schemas import errors_in

NASTY = st.sampled_from(
    [
        "::error::",
        "::stop-commands::",
        "##[",
        "##[add-mask]",
        "##vso[",
        "##",
        ":",
        "%0A",
        "%",
        "\n",
        "\r",
        "\r\n",
        "\x1b[31m",
        "\x1b]0;title\x07",
        "\x9b2J",
        "\x85",
        "\u2028",
        "\u202e",
        "\u2066",
        "\udc80",
        "\ud800",
        "\0",
        "|",
        "\\",
        "\\|",
        "`",
        "```",
        "<b>",
        "</details>",
        "<!--",
        "&#124;",
        "![x](https://evil.example/x.png)",
        "[x](javascript:alert)",
        "https://evil.example",
        "www.evil.example",
        "**",
        "~~",
        "{0}",
        "${{ x }}",
        "\U000e0001",
        "é",
        " ",
    ]
)
HOSTILE = st.lists(NASTY | st.text(max_size=4), min_size=1, max_size=8).map("".join).filter(bool)
ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-9;]*m")
QUIET = settings(max_examples=150, deadline=None)


@given(HOSTILE)
@QUIET
def test_text_report_has_the_lines_it_always_has(hostile: str) -> None:
    report = text.render(samples.hostile_run(hostile), all_lines=True)
    usual = text.render(samples.hostile_run("x"), all_lines=True)
    assert report.count("\n") == usual.count("\n")
    assert report.replace("\n", "").isprintable()
    assert commands_in(report) == []


@given(HOSTILE)
@QUIET
def test_coloured_report_has_no_escape_codes_but_ours(hostile: str) -> None:
    run = samples.hostile_run(hostile)
    assert ESCAPE_SEQUENCE.sub("", text.render(run, colour=True)) == text.render(run)
    ours = ESCAPE_SEQUENCE.findall(text.render(samples.hostile_run("x"), colour=True))
    assert ESCAPE_SEQUENCE.findall(text.render(run, colour=True)) == ours


@given(HOSTILE)
@QUIET
def test_github_report_has_the_commands_it_always_has(hostile: str) -> None:
    report = github.render(samples.hostile_run(hostile))
    usual = commands_in(github.render(samples.hostile_run("x")))
    found = commands_in(report)
    assert report.count("\n") == len(found) == len(usual)
    assert [(one.name, one.properties.keys() - {"file"}) for one in found] == [
        (one.name, one.properties.keys() - {"file"}) for one in usual
    ]
    assert [one.properties["title"] for one in found] == [one.properties["title"] for one in usual]
    assert report.replace("\n", "").isprintable()


@given(HOSTILE)
@QUIET
def test_summary_has_the_elements_it_always_has(hostile: str) -> None:
    report = summary.render(samples.hostile_run(hostile))
    usual = summary.render(samples.hostile_run("x"))
    assert Page(report).elements == Page(usual).elements
    assert report.count("\n") == usual.count("\n")
    assert not re.search(r"https?://|www\.", report)


@given(HOSTILE)
@QUIET
def test_json_report_is_valid_utf_8_and_keeps_to_its_schema(hostile: str) -> None:
    run = samples.hostile_run(hostile)
    report = json.render(run)
    assert errors_in("report", stdlib_json.loads(report.encode())) == []
    assert report.replace("\n", "").isprintable()
    assert commands_in(report) == []
    assert json.render_lines(run).count("\n") == 1 + len(run.verdicts)
    assert commands_in(json.render_lines(run)) == []


@given(HOSTILE)
@QUIET
def test_sarif_report_is_valid_utf_8_with_uris_of_ascii(hostile: str) -> None:
    report = sarif.render(samples.hostile_run(hostile), samples.CHECKS)
    log = stdlib_json.loads(report.encode())
    assert report.replace("\n", "").isprintable()
    assert commands_in(report) == []
    for result in log["runs"][0]["results"]:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"(file:///)?[A-Za-z0-9%._~/-]+", uri)
        assert "](" not in result["message"]["text"].replace("\\](", "")


@given(st.text())
def test_visible_text_is_printable_and_printable_text_stays(plain: str) -> None:
    shown = visible(plain)
    assert shown.isprintable()
    assert visible(shown) == shown


@given(HOSTILE, st.integers(min_value=2, max_value=40))
def test_one_line_is_printable_and_short(hostile: str, limit: int) -> None:
    shown = one_line(hostile, limit)
    assert shown.isprintable()
    assert len(shown.replace("#\\x23", "##")) <= limit
    assert "##[" not in shown


@pytest.mark.parametrize("plain", ["web/Dockerfile", "a::error::b", ":", "#[x]", "# ##", "café"])
def test_harmless_text_is_left_alone(plain: str) -> None:
    assert line_start(one_line(plain)) == plain


def test_leading_command_is_broken() -> None:
    assert line_start("  ::error::x") == "\\x3a:error::x"


def test_document_keeps_line_breaks_of_documentation() -> None:
    assert stdlib_json.loads(document({"help": "a\nb\x1b"})) == {"help": "a\nb\\x1b"}


def test_document_hides_log_commands_without_changing_the_value() -> None:
    report = document({"##[group]": "##[add-mask]x"})
    assert "##[" not in report
    assert stdlib_json.loads(report) == {"##[group]": "##[add-mask]x"}


def test_document_refuses_numbers_that_json_has_not() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        document({"score": float("inf")})
