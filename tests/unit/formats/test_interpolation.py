"""Variables in values; whole files are compared with Compose in ``compose_cases``."""

from __future__ import annotations

import pytest

from supplychain.formats.interpolation import (
    MAX_BRACES,
    MAX_EXPANDED,
    MAX_NESTING,
    Interpolated,
    Interpolator,
    InvalidTemplateError,
)


def expand(text: str, **environment: str) -> Interpolated:
    return Interpolator(environment).expand(text)


def test_text_without_variables_stays() -> None:
    assert expand("a } { $1 $- $") == Interpolated(text="a } { $1 $- $")


@pytest.mark.parametrize(
    ("text", "expected", "missing"),
    [
        ("$A", "", ("A",)),
        ("${A}-$B-$A", "--", ("A", "B")),
        ("${A:-$B}", "", ("B",)),
        ("${A:-x}", "x", ()),
        ("${A:+$B}", "", ()),
        ("${SET:+$B}", "", ("B",)),
        ("${SET:-$B}", "1", ()),
        ("$EMPTY", "", ()),
        ("$$A", "$A", ()),
    ],
)
def test_missing_names_what_was_met_without_a_value(
    text: str, expected: str, missing: tuple[str, ...]
) -> None:
    assert expand(text, SET="1", EMPTY="") == Interpolated(text=expected, missing=missing)


@pytest.mark.parametrize(
    ("text", "error", "missing"),
    [
        ("${A:?}", "variable 'A' must be set", ("A",)),
        ("x${A?put it in .env}y", "variable 'A' must be set: put it in .env", ("A",)),
        ("${EMPTY:?no}", "variable 'EMPTY' must be set: no", ("EMPTY",)),
        ("${B}${A:?no $C}", "variable 'A' must be set: no ", ("B", "C", "A")),
        ("${B:-${A:?no}}", "variable 'A' must be set: no", ("A",)),
        ("${A:?a\x07b}", "variable 'A' must be set: a\\x07b", ("A",)),
    ],
)
def test_a_required_variable_without_a_value_leaves_no_text(
    text: str, error: str, missing: tuple[str, ...]
) -> None:
    assert expand(text, EMPTY="") == Interpolated(text=None, missing=missing, error=error)


@pytest.mark.parametrize(
    "text",
    [
        "${",
        "${}",
        "${1}",
        "${A",
        "${A:}",
        "${A:=x}",
        "${A!}",
        "${A:-x",
        "${A:-x\n}",
        "${A:-${}}",
        "x$${${",
    ],
)
def test_a_brace_that_opens_no_variable_is_refused(text: str) -> None:
    with pytest.raises(InvalidTemplateError, match="opens no variable"):
        expand(text)


def test_an_error_in_a_word_that_is_not_used_is_not_seen() -> None:
    assert expand("${A:-${}}", A="x").text == "x"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${A:-x}${A:-y}", "xy"),
        ("${A:-{x}}", "{x}"),
        ("${A:-{}}", "{}"),
        ("${A:-x}}", "x}"),
        ("${A:-{}\n}", "{\n}"),
        ("${A:-a}\n${A:-b}", "a\nb"),
        ("${A:-${A:-${A:-x}y}z}", "xyz"),
    ],
)
def test_words_end_at_the_closing_brace_of_their_line(text: str, expected: str) -> None:
    assert expand(text).text == expected


def test_nesting_is_bounded() -> None:
    deepest = "${A:-" * MAX_NESTING + "x" + "}" * MAX_NESTING
    assert expand(deepest).text == "x"
    with pytest.raises(InvalidTemplateError, match=f"deeper than {MAX_NESTING} levels"):
        expand(f"${{A:-{deepest}}}")


def test_expansion_is_bounded_over_all_texts_of_a_file() -> None:
    interpolator = Interpolator({"A": "x" * (MAX_EXPANDED // 2)})
    assert len(interpolator.expand("$A").text or "") == MAX_EXPANDED // 2
    assert len(interpolator.expand("${A}").text or "") == MAX_EXPANDED // 2
    with pytest.raises(InvalidTemplateError, match=f"more than {MAX_EXPANDED} characters"):
        interpolator.expand("${A:-}")


def test_braces_looked_at_are_bounded() -> None:
    with pytest.raises(InvalidTemplateError, match=f"more than {MAX_BRACES} braces"):
        expand("${A:-" * 200_000 + "}" * 200_000)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("$" * 300_001, 150_001),
        ("${A:-}" * 50_000, 0),
        ("$A" * 150_000, 0),
        ("{}" * 150_000, 300_000),
    ],
)
def test_long_texts_are_read(text: str, length: int) -> None:
    assert len(expand(text).text or "") == length
