"""Items of ``inspect --output json`` for model files: what we saw, judged nowhere. Pure.

Text from a file is made printable (control characters and lone surrogates escaped) before it gets
into an item, so that an item can go to a terminal as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import isfinite
from typing import Any

from supplychain.formats.text import MalformedError, printable
from supplychain.models.evidence import ModelFile, ModelSnapshot
from supplychain.models.gguf_header import ArraySummary, GgufHeader, KeyValue, StringSummary
from supplychain.models.gguf_tables import file_type_name
from supplychain.models.safetensors import SafetensorsHeader

MAX_SHOWN_VALUE = 65_536  # characters of a metadata value; longer ones are shown by their length
MAX_SHOWN_KEY = 200  # characters

Item = dict[str, Any]


def gguf_item(header: GgufHeader, path: str) -> Item:
    """Return the item of a GGUF file. Where a key stands twice the first is shown."""
    metadata: Item = {}
    for entry in header.metadata:
        metadata.setdefault(printable(entry.key, MAX_SHOWN_KEY), _value_item(entry))
    number = header.file_type
    return {
        "kind": "gguf",
        "path": path,
        "version": header.version,
        "model_kind": header.model_kind.value,
        "architecture": _shown(header.architecture),
        "name": _shown(header.name),
        "file_type": None if number is None else file_type_name(number) or str(number),
        "parameters": header.parameters,
        "tensors": len(header.tensors),
        "tensor_types": _counts(tensor.type_name for tensor in header.tensors),
        "metadata": metadata,
        "alignment": header.alignment,
        "data_offset": header.data_offset,
        "size": header.size,
    }


def safetensors_item(header: SafetensorsHeader, path: str) -> Item:
    """Return the item of a safetensors file."""
    return {
        "kind": "safetensors",
        "path": path,
        "parameters": header.parameters,
        "tensors": len(header.tensors),
        "tensor_types": _counts(printable(tensor.dtype, 40) for tensor in header.tensors),
        "metadata": {
            printable(key, MAX_SHOWN_KEY): printable(value, MAX_SHOWN_VALUE)
            for key, value in header.metadata
        },
        "data_offset": header.data_offset,
        "size": header.size,
    }


def file_item(file: ModelFile) -> Item:
    """Return the item of a file that has no reader of its own."""
    item: Item = {"kind": file.kind.value, "path": file.path, "size": file.size}
    if file.digest:
        item["sha256"] = file.digest.hex
    return item


def snapshot_item(snapshot: ModelSnapshot, path: str) -> Item:
    """Return the item of a folder: its files, their kinds and what they hold together."""
    return {
        "kind": "model",
        "path": path,
        "files": [file_item(file) for file in snapshot.files],
        "size": sum(file.size for file in snapshot.files),
        "kinds": _counts(file.kind.value for file in snapshot.files),
        "parameters": sum(one.header.parameters for one in snapshot.ggufs)
        + sum(one.header.parameters for one in snapshot.safetensors),
    }


def malformed_item(kind: str, path: str, error: MalformedError) -> Item:
    """Return the item of a file that is not what its format allows."""
    place = error.location(None)
    malformed = {"reason": error.reason, "at": str(place) or None}
    return {"kind": kind, "path": path, "malformed": malformed}


def _value_item(entry: KeyValue) -> Item:
    item: Item = {"type": entry.type.label}
    value = entry.value
    if isinstance(value, ArraySummary):
        item |= {"element_type": value.element_type.label, "length": value.count}
    elif isinstance(value, StringSummary):
        item["length"] = value.length
    elif isinstance(value, str):
        item["value"] = printable(value, MAX_SHOWN_VALUE)
    elif isinstance(value, float) and not isfinite(value):
        item["value"] = str(value)
    else:
        item["value"] = value
    return item


def _counts(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def _shown(text: str | None) -> str | None:
    return None if text is None else printable(text, MAX_SHOWN_VALUE)
