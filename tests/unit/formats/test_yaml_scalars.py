from __future__ import annotations

import pytest

from supplychain.formats import yaml
from supplychain.formats.text import MalformedError
from supplychain.formats.yaml_scalars import MAX_NUMBER, Kind, as_bool, is_null, kind, text_of


def scalar(text: str) -> yaml.Scalar:
    node = yaml.read(f"- {text}\n")
    assert isinstance(node, yaml.Sequence)
    assert isinstance(node.items[0], yaml.Scalar)
    return node.items[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Kind.NULL),
        ("~", Kind.NULL),
        ("null", Kind.NULL),
        ("nULL", Kind.STRING),
        ("true", Kind.BOOLEAN),
        ("FALSE", Kind.BOOLEAN),
        ("tRue", Kind.STRING),
        ("yes", Kind.STRING),
        ("off", Kind.STRING),
        ("1", Kind.NUMBER),
        ("1.10", Kind.NUMBER),
        (".5", Kind.NUMBER),
        ("1_000", Kind.NUMBER),
        ("0x1F", Kind.NUMBER),
        ("08", Kind.NUMBER),
        ("0o8", Kind.STRING),
        (".inf", Kind.NUMBER),
        ("-.INF", Kind.NUMBER),
        (".NaN", Kind.NUMBER),
        ("1e400", Kind.STRING),
        ("22:22", Kind.STRING),
        ("1.2.3", Kind.STRING),
        ("1" * MAX_NUMBER, Kind.STRING),
        ("1" * (MAX_NUMBER + 1), Kind.STRING),
        ("0." + "1" * (MAX_NUMBER - 2), Kind.NUMBER),
        ("2024-01-02", Kind.TIMESTAMP),
        ("2024-1-2", Kind.TIMESTAMP),
        ("2024-01-02 03:04:05.5", Kind.TIMESTAMP),
        ("2024-01-02T03:04:05Z", Kind.TIMESTAMP),
        ("2024-01-02T03:04:05", Kind.STRING),
        ("2024-13-02", Kind.STRING),
        ("20240102", Kind.NUMBER),
        ("'1'", Kind.STRING),
        ('"true"', Kind.STRING),
        ("''", Kind.STRING),
        ("!!str 1", Kind.STRING),
        ("! 1", Kind.STRING),
        ("!mine 1", Kind.STRING),
    ],
)
def test_kind_is_what_compose_takes_it_for(text: str, expected: Kind) -> None:
    assert kind(scalar(text)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.10", "3.1"),
        ("1.0", "1"),
        ("010", "8"),
        ("0o17", "15"),
        ("0b11", "3"),
        ("0x1F", "31"),
        ("-0x1F", "-31"),
        ("+5", "5"),
        ("-0", "-0"),
        (".0", "0"),
        ("-.0", "-0"),
        ("1_000", "1000"),
        ("08", "8"),
        ("123456.0", "123456"),
        ("1234567.0", "1.234567e+06"),
        ("1e5", "100000"),
        ("1e6", "1e+06"),
        ("0.0001", "0.0001"),
        ("0.00001", "1e-05"),
        ("1.5e300", "1.5e+300"),
        ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", "1.8446744073709552e+19"),
        ("-9223372036854775809", "-9.223372036854776e+18"),
        ("True", "true"),
        ("FALSE", "false"),
        ("~", ""),
        ("yes", "yes"),
        ("'3.10'", "3.10"),
        ("2024-1-5", "2024-01-05 00:00:00 +0000 UTC"),
        ("0001-01-01", "0001-01-01 00:00:00 +0000 UTC"),
        ("2024-01-02  3:4:5", "2024-01-02 03:04:05 +0000 UTC"),
        ("2024-01-02T03:04:05.120Z", "2024-01-02 03:04:05.12 +0000 UTC"),
        ("2024-01-02t03:04:05-02:30", "2024-01-02 03:04:05 -0230 -0230"),
    ],
)
def test_text_is_what_compose_passes_on(text: str, expected: str) -> None:
    assert text_of(scalar(text)) == expected


@pytest.mark.parametrize("text", [".inf", "-.inf", ".nan"])
def test_a_number_that_is_not_finite_has_no_text(text: str) -> None:
    with pytest.raises(MalformedError, match="which Compose cannot pass on") as caught:
        text_of(scalar(text))
    assert (caught.value.line, caught.value.column) == (1, 3)


@pytest.mark.parametrize("tag", ["!!int", "!!float", "!!bool", "!!null", "!!timestamp", "!!binary"])
def test_other_core_tags_are_refused(tag: str) -> None:
    with pytest.raises(MalformedError, match=f"has the tag '{tag}'") as caught:
        kind(scalar(f"{tag} '5'"))
    assert caught.value.line == 1


def test_a_bare_merge_sign_as_a_value_is_refused() -> None:
    with pytest.raises(MalformedError, match="has '<<' where a value is expected"):
        kind(scalar("<<"))
    assert kind(scalar("'<<'")) is Kind.STRING


def test_null_and_truth_values() -> None:
    assert is_null(scalar("~"))
    assert not is_null(scalar("'~'"))
    assert not is_null(yaml.read("[]"))
    assert as_bool(scalar("true")) is True
    assert as_bool(scalar("False")) is False
    assert as_bool(scalar("yes")) is None
    assert as_bool(yaml.read("{}")) is None
