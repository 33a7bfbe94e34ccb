"""The names of split models."""

from __future__ import annotations

import pytest

from supplychain.models.split_names import SplitName, lacking_of, missing_of, sets_of


def test_a_name_is_read_and_leads_to_its_siblings() -> None:
    split = SplitName.parse("q4/model-00002-of-00003.gguf")
    assert split == SplitName("q4/model", 2, 3, "gguf")
    assert split.sibling(3) == "q4/model-00003-of-00003.gguf"


@pytest.mark.parametrize(
    "name", ["model.gguf", "model-1-of-3.gguf", "-00001-of-00003.gguf", "m-00001-of-00003.gguf.tmp"]
)
def test_other_names_are_none(name: str) -> None:
    assert SplitName.parse(name) is None


def test_sets_are_told_apart_by_folder_prefix_count_and_suffix() -> None:
    names = [
        "a-00001-of-00002.gguf",
        "a-00002-of-00002.gguf",
        "a-00001-of-00003.gguf",
        "b/a-00002-of-00002.gguf",
        "a-00001-of-00002.safetensors",
        "config.json",
    ]
    found = {
        (first.prefix, first.count): set(found) for first, found in sets_of(names, "gguf").items()
    }
    assert found == {("a", 2): {1, 2}, ("a", 3): {1}, ("b/a", 2): {2}}


def test_what_is_missing_is_named_up_to_a_number() -> None:
    first = SplitName("m", 1, 99_999, "gguf")
    assert missing_of(first, frozenset({1, 3}), 2) == [
        "m-00002-of-99999.gguf",
        "m-00004-of-99999.gguf",
    ]
    assert lacking_of(first, frozenset({1, 3})) == 99_997


def test_numbers_outside_the_set_do_not_fill_it() -> None:
    first = SplitName("m", 1, 2, "gguf")
    assert lacking_of(first, frozenset({0, 1, 7})) == 1
    assert missing_of(first, frozenset({0, 1, 7}), 5) == ["m-00002-of-00002.gguf"]
