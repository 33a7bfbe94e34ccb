"""Items of ``inspect`` for model files."""

from __future__ import annotations

import io
import json

import pytest

from supplychain.formats.text import MalformedError
from supplychain.models import gguf as gguf_reader
from supplychain.models import inspect
from supplychain.models import safetensors as safetensors_reader
from supplychain.models.gguf_tables import ValueType
from tests.checks.model_evidence import snapshot
from tests.generators.gguf import KEYS, Keys, Tensor, Typed, array, gguf, scalar, text
from tests.generators.safetensors import safetensors


def item(keys: Keys = KEYS, *tensors: Tensor) -> inspect.Item:
    data = gguf(keys, tensors) if tensors else gguf(keys)
    return inspect.gguf_item(gguf_reader.read(io.BytesIO(data)), "a/model.gguf")


def test_a_gguf_file_is_summed_up() -> None:
    found = item()
    metadata = found.pop("metadata")
    assert found == {
        "kind": "gguf",
        "path": "a/model.gguf",
        "version": 3,
        "model_kind": "model",
        "architecture": "llama",
        "name": "Tiny",
        "file_type": "F32",
        "parameters": 552,
        "tensors": 2,
        "tensor_types": {"F32": 1, "Q4_K": 1},
        "alignment": 32,
        "data_offset": len(gguf()) - 448,
        "size": len(gguf()),
    }
    assert metadata["llama.block_count"] == {"type": "uint32", "value": 1}
    assert metadata["llama.rope.freq_base"] == {"type": "float32", "value": 10_000.0}
    assert metadata["tokenizer.ggml.add_bos_token"] == {"type": "bool", "value": True}
    assert metadata["tokenizer.ggml.tokens"] == {
        "type": "array",
        "element_type": "string",
        "length": 5,
    }


def test_hostile_text_is_escaped_everywhere() -> None:
    found = item([("k\x1b[2J", text("v\x1b[2J\u202e\0")), ("general.name", text(b"\xff\x07"))])
    assert found["name"] == r"\udcff\x07"
    assert found["metadata"][r"k\x1b[2J"]["value"] == r"v\x1b[2J\u202e\x00"
    assert "\x1b" not in json.dumps(found, ensure_ascii=False)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (text("x" * 70_000), {"type": "string", "length": 70_000}),
        (scalar(float("nan"), ValueType.FLOAT32), {"type": "float32", "value": "nan"}),
        (scalar(float("-inf"), ValueType.FLOAT64), {"type": "float64", "value": "-inf"}),
        (array(ValueType.UINT8), {"type": "array", "element_type": "uint8", "length": 0}),
        (scalar(7, ValueType.BOOL), {"type": "bool", "value": 7}),
    ],
)
def test_values_that_json_has_no_room_for_are_shown_otherwise(
    value: Typed, shown: inspect.Item
) -> None:
    found = item([("x", value)])
    assert found["metadata"]["x"] == shown
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_of_two_equal_keys_the_first_is_shown() -> None:
    found = item([("x", scalar(1)), ("x", scalar(2))])
    assert found["metadata"]["x"]["value"] == 1


@pytest.mark.parametrize(("number", "name"), [(15, "Q4_K_M"), (1024 + 15, "Q4_K_M"), (999, "999")])
def test_file_types_have_names(number: int, name: str) -> None:
    assert item([("general.file_type", scalar(number))])["file_type"] == name


def test_what_is_not_stated_is_null() -> None:
    found = item([("x", scalar(1))])
    assert (found["architecture"], found["name"], found["file_type"]) == (None, None, None)


def test_a_safetensors_file_is_summed_up() -> None:
    header = safetensors_reader.read(io.BytesIO(safetensors(metadata=[("a\x07", "b\n")])))
    assert inspect.safetensors_item(header, "m.safetensors") == {
        "kind": "safetensors",
        "path": "m.safetensors",
        "parameters": 16,
        "tensors": 2,
        "tensor_types": {"F32": 1, "I8": 1},
        "metadata": {r"a\x07": r"b\n"},
        "data_offset": header.data_offset,
        "size": header.size,
    }


def test_a_folder_lists_its_files_by_kind() -> None:
    files = {"README.md": b"# A\n", "model.safetensors": safetensors(), "model.gguf": gguf()}
    found = inspect.snapshot_item(snapshot(files), "m")
    assert (found["kind"], found["path"]) == ("model", "m")
    assert found["kinds"] == {"gguf": 1, "safetensors": 1, "text": 1}
    assert found["parameters"] == 16 + 552
    assert found["size"] == sum(map(len, files.values()))
    assert [one["path"] for one in found["files"]] == [f"models/tiny/{name}" for name in files]
    assert all(len(one["sha256"]) == 64 for one in found["files"])


def test_a_malformed_file_says_why_and_where() -> None:
    with pytest.raises(MalformedError) as caught:
        gguf_reader.read(io.BytesIO(b"GGUF\1\0\0\0"))
    assert inspect.malformed_item("gguf", "m.gguf", caught.value) == {
        "kind": "gguf",
        "path": "m.gguf",
        "malformed": {
            "reason": "has GGUF version 1, which llama.cpp no longer reads",
            "at": "header.version",
        },
    }
