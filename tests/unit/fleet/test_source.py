"""TOML that people write: lines of places, and errors that name them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field

from supplychain.errors import ConfigError
from supplychain.fleet.source import Source, Strict, load, parse, validated

PATH = Path("f.toml")

TEXT = """\
# comment
version = 1
"quoted key" = 2
'a' . b = 3

[table]
key = '''
text
'''
list = [
    { inner = 1 },
]
[ table . sub ]
deep.er = 1

[[item]]
name = "first"
[item.part]
x = 1

[[item]]
name = "second" # key = 3
  indented = 4
[[item.list]]
y = 1
[[item.list]]
y = 2
"""


def source(text: str) -> Source:
    return parse(PATH, text.encode())


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("version",), 2),
        (("quoted key",), 3),
        (("a", "b"), 4),
        (("table",), 6),
        (("table", "key"), 7),
        (("table", "list"), 10),
        (("table", "list", 0, "inner"), 10),
        (("table", "sub"), 13),
        (("table", "sub", "deep", "er"), 14),
        (("table", "unknown"), 6),
        (("item", 0), 16),
        (("item", 0, "name"), 17),
        (("item", 0, "part", "x"), 19),
        (("item", 1), 21),
        (("item", 1, "name"), 22),
        (("item", 1, "indented"), 23),
        (("item", 1, "list", 0, "y"), 25),
        (("item", 1, "list", 1, "y"), 27),
        (("item", 1, "list", 1, "z"), 26),
        (("unknown",), None),
        ((), None),
    ],
)
def test_knows_the_line_of_a_place(place: tuple[str | int, ...], line: int | None) -> None:
    assert source(TEXT).line_of(place) == line


def test_counts_lines_as_toml_does() -> None:
    text = "version = 1 # \u2028\nkey = 'a\u0085b'\nlast = 3\n"
    assert source(text).line_of(("last",)) == 3


@pytest.mark.parametrize("line", ["[ . ]", "[]", "[[ ]]", "= 3", '"" = 3', "[a]x", "[[a]"])
def test_is_not_led_astray_by_text_in_several_lines(line: str) -> None:
    read = source(f"version = 1\ntext = '''\n{line}\n'''\n[table]\nkey = 1\n")
    assert read.line_of(("table", "key")) == 6


class Inner(Strict):
    value: int = 0


class Outer(Strict):
    version: int
    inner: Inner = Inner()
    many: list[Inner] = Field(default_factory=list)
    named: dict[str, Inner] = Field(default_factory=dict)
    plain: dict[str, str] = Field(default_factory=dict)
    spelt: int = Field(0, alias="by-alias")
    flag: bool = False
    day: date | None = None
    choice: Literal["a", "b"] | None = None


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("innr = 1", "f.toml:2: unknown key 'innr'", "did you mean 'inner'?"),
        ("[inner]\nvalu = 1", "f.toml:3: unknown key 'inner.valu'", "did you mean 'value'?"),
        ("[[many]]\n[[many]]\nvalu = 1", "f.toml:4: unknown key 'many.1.valu'", "did you mean"),
        ("many = [{valu = 1}]", "f.toml:2: unknown key 'many.0.valu'", "did you mean 'value'?"),
        ("[plain]\na = 1", "f.toml:3: 'plain.a' cannot be 1", "see docs/reference.md"),
        ("by-alia = 1", "f.toml:2: unknown key 'by-alia'", "did you mean 'by-alias'?"),
        ("zzz = 1", "f.toml:2: unknown key 'zzz'", "remove it"),
        ("[named.a]\nvalu = 1", "f.toml:3: unknown key 'named.a.valu'", "remove it"),
        ("inner = 1", "f.toml:2: 'inner' cannot be 1", "see docs/reference.md"),
        ("[inner]\nvalue = 'x'", "f.toml:3: 'inner.value' cannot be 'x'", "see docs"),
        (
            "[inner]\nvalue = 'x'\nvalu = 1\nval = 2",
            "f.toml:4: unknown key 'inner.valu' (and 2 more)",
            "did you mean",
        ),
        ("plain.a = 'x'\ninnr.deep = {}", "f.toml:3: unknown key 'innr'", "did you mean"),
        ("flag = 'no'", "f.toml:2: 'flag' cannot be 'no'", "see docs/reference.md"),
        ("flag = 1", "f.toml:2: 'flag' cannot be 1", "see docs/reference.md"),
        ("day = 4102444800", "f.toml:2: 'day' cannot be 4102444800", "see docs/reference.md"),
        ("day = '2030-01-01'", "f.toml:2: 'day' cannot be '2030-01-01'", "see docs"),
        ("inner.value = '1'", "f.toml:2: 'inner.value' cannot be '1'", "see docs/reference.md"),
        ("inner.value = true", "f.toml:2: 'inner.value' cannot be True", "see docs"),
        ("choice = 'x'", "f.toml:2: 'choice' cannot be 'x'", "see docs/reference.md"),
        ('"\\u001b[2J" = 1', r"unknown key '\x1b[2J'", "remove it"),
    ],
)
def test_a_problem_is_told_with_its_line(text: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        validated(source(f"version = 1\n{text}\n"), Outer)
    assert message in caught.value.message
    assert caught.value.hint is not None
    assert hint in caught.value.hint


def test_values_that_fit_are_given() -> None:
    text = "version = 1\nflag = true\nday = 2030-01-01\nchoice = 'a'\nmany = [{value = 1}]\n"
    read = validated(source(f"{text}[named.a]\nvalue = 7\n"), Outer)
    assert read.named["a"].value == 7
    assert (read.flag, read.day, read.choice) == (True, date(2030, 1, 1), "a")
    assert read.many == [Inner(value=1)]


@pytest.mark.parametrize(
    "key",
    [
        ".".join("a" * 34),
        " . ".join(['"a"', "'b'"] * 17),
        "x = {" + ".".join("a" * 34),
        "[" + ".".join("a" * 34),
        "x = ['''\n''', {" + ".".join("a" * 34),
        'x = """\\"""."""""\n' + ".".join("a" * 34),
    ],
)
def test_refuses_keys_of_more_parts_than_anybody_writes(key: str) -> None:
    with pytest.raises(ConfigError, match=r"f\.toml:[23]: has a key of more than 32 dots"):
        source(f"version = 1\n{key} = 1\n")


@pytest.mark.parametrize(
    "line",
    [
        ".".join("a" * 33) + " = 1",
        '"' + "." * 99 + '" = 1',
        "'" + "." * 99 + "' = 1",
        "x = '" + "." * 99 + "'",
        "x = '''\n'" + "." * 99 + "\n'''",
        'x = """' + "." * 99 + '\\"""" # ' + "." * 99,
        "x = [" + "1.5, " * 99 + "]",
    ],
)
def test_dots_elsewhere_are_no_keys(line: str) -> None:
    assert source(f"version = 1\n{line}\n").document["version"] == 1


def test_a_string_without_an_end_is_no_toml() -> None:
    with pytest.raises(ConfigError, match=r"f\.toml:2: is no TOML"):
        source('version = 1\nx = "' + '\\"' * 1000 + "\n" + ".".join("a" * 34) + " = 1\n")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.toml", "no such file"),
        ("folder", "is a folder"),
        ("large.toml", "more than 10 bytes"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "large.toml").write_bytes(b"version = 1\n")
    with pytest.raises(ConfigError, match=message):
        load(tmp_path / name, limit=10)


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"\xef\xbb\xbfversion = 1\n")
    read = load(path)
    assert (read.document, read.data) == ({"version": 1}, b"\xef\xbb\xbfversion = 1\n")
