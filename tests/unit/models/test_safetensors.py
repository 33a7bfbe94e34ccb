"""The safetensors reader: the one grammar a header may have, and nothing else."""

from __future__ import annotations

import io
import json
import tracemalloc

import pytest

from supplychain.formats.text import MalformedError
from supplychain.models import safetensors as reader
from supplychain.models.window import HeaderIncompleteError
from tests.generators.safetensors import header, safetensors, tensor

PLAIN = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}


def read(data: bytes, size: int | None = None) -> reader.SafetensorsHeader:
    return reader.read(io.BytesIO(data), size=size)


def read_text(text: str | bytes) -> reader.SafetensorsHeader:
    return read(header(text))


def test_header_says_what_was_written() -> None:
    found = read(safetensors())
    first, second = found.tensors
    assert (first.name, first.dtype, first.shape) == ("lm_head.weight", "F32", (4, 2))
    assert (first.begin, first.end, first.size) == (0, 32, 32)
    assert (second.name, second.elements) == ("model.norm.weight", 8)
    assert found.metadata == (("format", "pt"),)
    assert (found.parameters, found.data_size, found.size) == (16, 40, len(safetensors()))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"a": PLAIN}),
        json.dumps({"a": PLAIN}, separators=(",", ":")),
        json.dumps({"a": PLAIN}, indent=2),
        json.dumps({"a": PLAIN}) + "     ",
        json.dumps({"a": dict(reversed(PLAIN.items()))}),
        '{"\\u0061":' + json.dumps(PLAIN) + "}",
        '{"a":{"d\\u0074ype":"F32","shape":[2,2],"data_offsets":[0,16]}}',
    ],
)
def test_spelling_order_and_spaces_do_not_matter(text: str) -> None:
    (found,) = read_text(text).tensors
    assert found == reader.SafetensorsTensor(name="a", dtype="F32", shape=(2, 2), begin=0, end=16)


def test_metadata_may_hold_any_text_and_stand_anywhere() -> None:
    text = json.dumps({"a": PLAIN, "__metadata__": {"x": 'é "\\\n', "y": "{}"}})
    assert read_text(text).metadata == (("x", 'é "\\\n'), ("y", "{}"))


def test_empty_headers_are_headers() -> None:
    assert read_text("{}").tensors == read_text('{ "__metadata__": { } }').tensors == ()


def test_names_that_stand_twice_stay_twice() -> None:
    names = [one.name for one in read(safetensors([tensor("a", 0, 8), tensor("a", 8, 40)])).tensors]
    assert names == ["a", "a"]


@pytest.mark.parametrize(
    ("dtype", "shape", "size"),
    [("F32", [3], 12), ("F4", [3], None), ("F4", [4], 2), ("BF16", [], 2), ("X", [3], None)],
)
def test_the_size_follows_type_and_shape(dtype: str, shape: list[int], size: int | None) -> None:
    (found,) = read(safetensors([tensor("a", 0, 40, shape=shape, dtype=dtype)])).tensors
    assert found.size == size


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        " {}",
        "{}x",
        '{"a":1}',
        '{"a":[]}',
        '{"a":{}}',
        '{"a":null}',
        '{"a":{"dtype":"F32","shape":[2]}}',
        '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}',
        '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,1,2]}}',
        '{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}',
        '{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}',
        '{"a":{"dtype":"F32","shape":[1e3],"data_offsets":[0,4]}}',
        '{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}',
        '{"a":{"dtype":"F32","shape":[true],"data_offsets":[0,4]}}',
        '{"a":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}}',
        '{"a":{"dtype":5,"shape":[1],"data_offsets":[0,4]}}',
        '{"a":{"dtype":"F32","shape":"1","data_offsets":[0,4]}}',
        '{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        '{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}',
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"extra":[1]}}',
        '{"a":{"dtype":"F32","shape":[' + "1," * 32 + '1],"data_offsets":[0,4]}}',
        '{"a":{"dtype":"F32","shape":[' + "9" * 21 + '],"data_offsets":[0,4]}}',
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},}',
        '{"a\n":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        '{"a\\x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        b'{"a\xff":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        '{"__metadata__":null}',
        '{"__metadata__":{"a":1}}',
        '{"__metadata__":{"a":["b"]}}',
        '{"__metadata__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"' + "a" * 2_000_000 + '":{}}',
    ],
)
def test_any_other_text_is_malformed(text: str | bytes) -> None:
    with pytest.raises(MalformedError):
        read_text(text)


@pytest.mark.parametrize(
    ("data", "at"),
    [
        (b"", "header.length"),
        (b"\2\0\0\0", "header.length"),
        (header("{}", length=2**63), "header.length"),
        (header("{}", length=100_000_001), "header.length"),
        (header("{}", length=3), "header"),
        (header('{"a":{}}'), "header[7]"),
    ],
)
def test_trouble_is_named_at_its_place(data: bytes, at: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read(data)
    assert caught.value.at == at


def test_too_many_tensors_are_malformed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_TENSORS", 3)
    few, many = ([tensor(f"t{n}", n, n + 1) for n in range(count)] for count in (3, 4))
    assert len(read(safetensors(few)).tensors) == 3
    with pytest.raises(MalformedError):
        read(safetensors(many))


def test_a_list_of_a_million_numbers_is_refused_before_it_is_made() -> None:
    text = '{"a":{"dtype":"F32","shape":[' + "1," * 1_000_000 + "1]}}"
    data = header(text)
    tracemalloc.start()
    try:
        with pytest.raises(MalformedError):
            read(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * len(data)


def test_a_claim_of_any_length_allocates_nothing() -> None:
    tracemalloc.start()
    try:
        with pytest.raises(MalformedError):
            read(header("{}", length=99_999_999))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_the_first_bytes_are_enough_or_incomplete() -> None:
    data = safetensors()
    end = read(data).data_offset
    assert read(data[:end], size=len(data)) == read(data)
    for cut in range(end):
        with pytest.raises(HeaderIncompleteError) as caught:
            read(data[:cut], size=len(data))
        assert cut < caught.value.needed_at_least <= end
