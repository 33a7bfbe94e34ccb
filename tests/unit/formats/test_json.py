from __future__ import annotations

import json as standard

import pytest

from supplychain.formats import json
from supplychain.formats.json import MAX_DEPTH
from supplychain.formats.text import MalformedError

LIMIT = 1_000_000


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"{}", {}),
        (b' {"a": [1, 2.5, "b", true, null]} ', {"a": [1, 2.5, "b", True, None]}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ('"größe"'.encode(), "größe"),
        (rb'"\u00e9\ud83e\udd80"', "é🦀"),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'"' + b"[" * 500 + b'"', "[" * 500),
        (b'"' + b'\\"[' * 500 + b'"', '"[' * 500),
        (b"[" + b"[]," * 500 + b"[]]", [[] for _ in range(501)]),
    ],
    ids=range(9),
)
def test_reads_a_document(data: bytes, value: object) -> None:
    assert json.read(data, limit=LIMIT) == value


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is not JSON: Expecting value"),
        (b"{", "is not JSON"),
        (b'{"a": 1}}', "is not JSON: Extra data"),
        (b"{'a': 1}", "is not JSON"),
        (b"NaN", "NaN is not a JSON number"),
        (b"[-Infinity]", "-Infinity is not a JSON number"),
        (b'"\n"', "is not JSON: Invalid control character"),
        (b'"\xff"', r"is not UTF-8 text \(byte 0xff\)"),
        (b'"\xed\xa0\x80"', "is not UTF-8 text"),
        ('{"a": 1}'.encode("utf-16"), "is not UTF-8 text"),
        ('{"a": 1}'.encode("utf-16-le"), "is not JSON"),
        ('{"a": 1}'.encode("utf-32"), "is not UTF-8 text"),
        (b"1" * 5000, "is not JSON: Exceeds the limit"),
    ],
)
def test_refuses_what_is_none(data: bytes, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        json.read(data, limit=LIMIT)


def test_tells_where_an_error_is() -> None:
    with pytest.raises(MalformedError) as caught:
        json.read(b'{\n  "a": ?\n}', limit=LIMIT)
    assert (caught.value.line, caught.value.column) == (2, 8)


def test_keeps_to_the_limit() -> None:
    assert json.read(b"[1]", limit=3) == [1]
    with pytest.raises(MalformedError, match="has more than 2 bytes"):
        json.read(b"[1]", limit=2)


@pytest.mark.parametrize("pair", ["[]", "{}"])
def test_keeps_to_the_depth(pair: str) -> None:
    opening, closing = ("[", "]") if pair == "[]" else ('{"a":', "}")
    value = "1"

    def nested(depth: int) -> bytes:
        return (opening * depth + value + closing * depth).encode()

    assert standard.dumps(json.read(nested(MAX_DEPTH), limit=LIMIT)).count(opening[0]) == MAX_DEPTH
    for depth in (MAX_DEPTH + 1, 100_000):
        with pytest.raises(MalformedError, match="is nested deeper than 100 levels"):
            json.read(nested(depth), limit=LIMIT)


@pytest.mark.parametrize(
    "data",
    [
        b"[" + b"[]," * 200 + b'"' + b'\\"' * 400_000,
        b"[" + b"[]," * 200 + b'"' + b"\\" * 800_001,
        b"[" + b"[]," * 200 + b'"' * 800_001,
        b"[" * 100 + b'"' + b'\\"[' * 300_000,
    ],
    ids=["escaped quotes", "backslashes", "quotes", "brackets in a string"],
)
def test_looks_at_a_string_that_nobody_closes_once(data: bytes) -> None:
    with pytest.raises(MalformedError, match="is not JSON"):
        json.read(data, limit=LIMIT)


def test_tells_of_keys_that_stand_twice() -> None:
    twice: list[str] = []
    data = b'{"a": {"b": 1, "b": 2, "b": 3}, "c": 1, "a": 2}'
    assert json.read(data, limit=LIMIT, on_duplicate=twice.append) == {"a": 2, "c": 1}
    assert twice == ["b", "b", "a"]
