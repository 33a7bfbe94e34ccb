"""A writer of safetensors bytes, good and broken."""

from __future__ import annotations

import json
from collections.abc import Sequence
from struct import pack
from typing import Any

Entry = tuple[str, dict[str, Any]]


def tensor(
    name: str, begin: int, end: int, *, shape: Sequence[int] | None = None, dtype: str = "I8"
) -> Entry:
    """Return the entry of a tensor; its shape defaults to one row of bytes."""
    extents = [end - begin] if shape is None else list(shape)
    return name, {"dtype": dtype, "shape": extents, "data_offsets": [begin, end]}


TENSORS = (
    tensor("lm_head.weight", 0, 32, shape=[4, 2], dtype="F32"),
    tensor("model.norm.weight", 32, 40),
)


def safetensors(
    entries: Sequence[Entry] = TENSORS,
    *,
    metadata: Sequence[tuple[str, str]] = (("format", "pt"),),
    data_size: int = 40,
) -> bytes:
    """Return the bytes of a file; entries and metadata may hold a name twice."""
    values: list[tuple[str, str]] = []
    if metadata:
        listed = [f"{json.dumps(key)}:{json.dumps(value)}" for key, value in metadata]
        values.append(("__metadata__", "{" + ",".join(listed) + "}"))
    values += [(name, json.dumps(value)) for name, value in entries]
    text = ",".join(f"{json.dumps(name)}: {value}" for name, value in values)
    return header("{" + text + "}") + b"\0" * data_size


def header(text: str | bytes, *, length: int | None = None) -> bytes:
    """Return a header of the given JSON text; ``length`` is claimed in place of its own."""
    data = text.encode() if isinstance(text, str) else text
    return pack("<Q", len(data) if length is None else length) + data
