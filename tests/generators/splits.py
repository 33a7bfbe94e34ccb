"""Models over several files: split GGUF and sharded safetensors."""

from __future__ import annotations

import json
from collections.abc import Sequence

from supplychain.models.gguf_tables import ValueType
from tests.generators.gguf import KEYS, Tensor, gguf, scalar
from tests.generators.safetensors import safetensors, tensor


def part(
    number: int,
    count: int,
    *,
    tensors: Sequence[Tensor] | None = None,
    total: int | None = None,
    number_type: ValueType = ValueType.UINT16,
) -> bytes:
    """Return file ``number`` (from 0) of a split GGUF model; each has one tensor."""
    keys = [
        ("split.no", scalar(number, number_type)),
        ("split.count", scalar(count, ValueType.UINT16)),
        ("split.tensors.count", scalar(total or count, ValueType.INT32)),
    ]
    own = [Tensor(f"t{number}")] if tensors is None else tensors
    return gguf([*KEYS, *keys] if number == 0 else keys, own)


def split_model(prefix: str, count: int) -> dict[str, bytes]:
    """Return all files of a split GGUF model by name."""
    return {f"{prefix}-{n + 1:05d}-of-{count:05d}.gguf": part(n, count) for n in range(count)}


def sharded_model(count: int, *, folder: str = "") -> dict[str, bytes]:
    """Return all files of a sharded safetensors model by name, its index among them."""
    names = [f"model-{n + 1:05d}-of-{count:05d}.safetensors" for n in range(count)]
    index = {
        "metadata": {"total_size": 40 * count},
        "weight_map": {f"t{n}": name for n, name in enumerate(names)},
    }
    shards = {
        f"{folder}{name}": safetensors([tensor(f"t{n}", 0, 40)]) for n, name in enumerate(names)
    }
    return {**shards, f"{folder}model.safetensors.index.json": json.dumps(index).encode()}
