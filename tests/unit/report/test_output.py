from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.errors import UsageError
from supplychain.report.output import OutputFormat, OutputTarget, parse_target, parse_targets


@pytest.mark.parametrize("chosen", OutputFormat)
def test_format_alone_goes_to_standard_output(chosen: OutputFormat) -> None:
    assert parse_target(chosen.value) == OutputTarget(format=chosen, path=None)


def test_dash_is_standard_output() -> None:
    assert parse_target("json=-").path is None


def test_path_may_hold_equal_signs() -> None:
    target = parse_target("sarif=out/a=b.sarif")
    assert target == OutputTarget(format=OutputFormat.SARIF, path=Path("out/a=b.sarif"))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("jsn", 'did you mean "json"?'),
        ("SARIF=x", 'did you mean "sarif"?'),
        ("githbu", 'did you mean "github"?'),
        ("", "use one of text, json, jsonl, sarif, github, markdown"),
        ("pdf", "use one of text, json, jsonl, sarif, github, markdown"),
    ],
)
def test_unknown_format_is_an_error_that_names_a_known_one(text: str, hint: str) -> None:
    with pytest.raises(UsageError, match="unknown output format") as caught:
        parse_target(text)
    assert caught.value.hint == hint


@pytest.mark.parametrize("text", ["json=", "json=a\0b"])
def test_target_without_a_file_name_is_an_error(text: str) -> None:
    with pytest.raises(UsageError, match="names no file"):
        parse_target(text)


@pytest.mark.parametrize(
    ("texts", "where"),
    [
        (["text", "json"], "standard output"),
        (["text", "json=-"], "standard output"),
        (["json=a.json", "sarif=./a.json"], '"a.json"'),
        (["json=a/../b", "sarif=b"], '"b"'),
    ],
)
def test_two_targets_in_one_place_are_an_error(texts: list[str], where: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_targets(texts)
    assert caught.value.message.endswith(f"both go to {where}")


def test_targets_keep_their_order() -> None:
    formats = [target.format for target in parse_targets(["sarif=a", "text", "json=b", "json=c"])]
    assert formats == ["sarif", "text", "json", "json"]


@given(st.text())
def test_any_text_is_a_target_or_a_usage_error(text: str) -> None:
    try:
        said = parse_target(text).format.value
    except UsageError as error:
        said = error.message
    assert said.isprintable()
