"""The index of a sharded model."""

from __future__ import annotations

import json

import pytest

from supplychain.formats.text import MalformedError
from supplychain.models.shard_index import MAX_INDEX, read


def test_an_index_names_its_files_once_and_sorted() -> None:
    index = read(b'{"metadata": {"total_size": 12}, "weight_map": {"a": "2", "b": "1", "c": "2"}}')
    assert index.files == ("1", "2")
    assert index.total_size == 12
    assert index.weight_map == (("a", "2"), ("b", "1"), ("c", "2"))


@pytest.mark.parametrize("metadata", [None, [], {}, {"total_size": "12"}, {"total_size": True}])
def test_a_total_that_is_no_number_is_none(metadata: object) -> None:
    data = json.dumps({"metadata": metadata, "weight_map": {}}).encode()
    assert read(data).total_size is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"weight_map": []}',
        b'{"weight_map": {"a": 1}}',
        b'{"weight_map": {"a": null}}',
        b"[" * 10_000,
        b" " * (MAX_INDEX + 1),
    ],
)
def test_anything_else_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedError):
        read(data)
