"""Words of Dockerfiles; the table is what BuildKit v0.34.2's shell lexer makes of them."""

from __future__ import annotations

import pytest

from supplychain.formats.words import (
    MAX_EXPANDED,
    MAX_NESTING,
    MissingValueError,
    SubstitutionError,
    expand,
)

ENVIRONMENT = {
    "A": "1",
    "EMPTY": "",
    "PATH_": "a/b/c",
    "TAG": "1.2.3-alpine",
    "größe": "g",
    "_x": "under",
    "0": "zero",
    "12": "twelve",
}


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("$A", "1"),
        ("${A}", "1"),
        ("x$A-y", "x1-y"),
        ("$A$A", "11"),
        ("$AB", ""),
        ("$", "$"),
        ("a$", "a$"),
        ("$-", ""),
        ("$.x", "$.x"),
        ("$größe", "g"),
        ("$_x", "under"),
        ("$0", "zero"),
        ("$12x", "twelvex"),
        ("${12}", "twelve"),
        ("${A:-d}", "1"),
        ("${B:-d}", "d"),
        ("${B-d}", "d"),
        ("${EMPTY:-d}", "d"),
        ("${EMPTY-d}", ""),
        ("${B:-${A}}", "1"),
        ("${B:-${C:-e}}", "e"),
        ("${B:-'a b'}", "a b"),
        ("${B:-}", ""),
        ("${A:+s}", "s"),
        ("${B:+s}", ""),
        ("${EMPTY:+s}", ""),
        ("${EMPTY+s}", "s"),
        ("${B+s}", ""),
        ("${A:?no}", "1"),
        ("${A?no}", "1"),
        ("${EMPTY?no}", ""),
        ("${PATH_#*/}", "b/c"),
        ("${PATH_##*/}", "c"),
        ("${PATH_%/*}", "a/b"),
        ("${PATH_%%/*}", "a"),
        ("${TAG%-*}", "1.2.3"),
        ("${TAG#1.}", "2.3-alpine"),
        ("${TAG#x}", "1.2.3-alpine"),
        ("${TAG/./_}", "1_2.3-alpine"),
        ("${TAG//./_}", "1_2_3-alpine"),
        ("${TAG//./}", "123-alpine"),
        ("${TAG/[0-9]/x}", "1.2.3-alpine"),
        (r"${TAG#1\*}", "1.2.3-alpine"),
        (r'${PATH_#"a\/"}', "a/b/c"),
        (r'${PATH_#"?/"}', "b/c"),
        ("'$A'", "$A"),
        ("'a b'", "a b"),
        ("'a'\"b\"c", "abc"),
        ('"$A"', "1"),
        (r'"\$A"', "$A"),
        (r'"\a\"\\"', 'a"\\'.replace("a", r"\a", 1)),
        (r"\$A", "$A"),
        (r"\a", "a"),
        ("a\\", "a"),
        (r"\\", "\\"),
    ],
)
def test_is_expanded(word: str, text: str) -> None:
    assert expand(word, ENVIRONMENT).text == text


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("'a", "missing closing single quote"),
        ('"a', "missing closing double quote"),
        ('"a\\', "missing closing double quote"),
        ("${", "bad substitution|missing|unsupported"),
        ("${}", "bad substitution"),
        ("${:-a}", "bad substitution"),
        ("${{A}}", "bad substitution"),
        ("${A", "missing '}'"),
        ("${A:-b", "missing '}'"),
        ("${A:", "missing '}'"),
        ("${A:=b}", "unsupported modifier '='"),
        ("${A@U}", "unsupported modifier '@'"),
        ("${A!}", "unsupported modifier '!'"),
        ("${A/b", "missing '/'"),
        ("${A/b/c", "missing '}'"),
        ("${A/b}", "missing '/'"),
        (r"${A#\a}", r"invalid escape"),
        (r"${A//\a/b}", r"invalid escape"),
        ("${A#" + "a" * 2000 + "}", "more than 1024 characters"),
        ("${B:-" * (MAX_NESTING + 1), "nested deeper than 50 levels"),
    ],
)
def test_is_refused(word: str, reason: str) -> None:
    with pytest.raises(SubstitutionError, match=reason):
        expand(word, ENVIRONMENT)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("${B:?no value}", "B: no value"),
        ("${B?}", "B: is not allowed to be unset"),
        ("${EMPTY:?x$A}", "EMPTY: x1"),
    ],
)
def test_a_value_may_be_demanded(word: str, message: str) -> None:
    with pytest.raises(MissingValueError) as caught:
        expand(word, ENVIRONMENT)
    assert str(caught.value) == message
    assert caught.value.name == message.partition(":")[0]


@pytest.mark.parametrize(
    ("word", "used", "missing"),
    [
        ("$A$B$A$B", ("A",), ("B",)),
        ("${A:-$B}", ("A",), ()),
        ("${B:-$A}", ("A",), ()),
        ("${B:-$C}", (), ("C",)),
        ("${B:+$C}", (), ()),
        ("${A:+$C}", ("A",), ("C",)),
        ("${B%x}", (), ("B",)),
        ("'$B'", (), ()),
        ("${A%$B}", ("A",), ("B",)),
    ],
)
def test_tells_the_names_that_it_used_and_missed(
    word: str, used: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    expansion = expand(word, ENVIRONMENT)
    assert (expansion.used, expansion.missing) == (used, missing)


def test_the_escape_may_be_a_backtick() -> None:
    assert expand("`$A\\$A", ENVIRONMENT, escape="`").text == "$A\\1"


def test_expands_no_further_than_it_may() -> None:
    half = {"X": "x" * (MAX_EXPANDED // 2)}
    assert len(expand("$X$X", half).text) == MAX_EXPANDED
    with pytest.raises(SubstitutionError, match="expands to more than 65536 characters"):
        expand("$X$X.", half)
    with pytest.raises(SubstitutionError, match="expands to more than 65536 characters"):
        expand('"$X$X$X"', half)
