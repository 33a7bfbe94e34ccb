"""The index of a sharded safetensors model, ``model.safetensors.index.json``.

Written by huggingface_hub 1.x, serialization/_base.py, and read by transformers, utils/hub.py
``get_checkpoint_shard_files``, which joins every name to the folder without looking at it.
"""

from __future__ import annotations

from dataclasses import dataclass

from supplychain.core.limits import MIB
from supplychain.formats import json
from supplychain.formats.text import MalformedError

MAX_INDEX = 32 * MIB  # bytes; that of Kimi K2, 138,000 tensors, has 14 MB
INDEX_SUFFIX = ".safetensors.index.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardIndex:
    """Which file holds which tensor; ``total_size``, in bytes, is what the index claims."""

    weight_map: tuple[tuple[str, str], ...]
    total_size: int | None

    @property
    def files(self) -> tuple[str, ...]:
        """The files it names, sorted, each once."""
        return tuple(sorted({file for _, file in self.weight_map}))


def read(data: bytes) -> ShardIndex:
    """Read an index.

    Raises:
        MalformedError: it is not JSON, or ``weight_map`` does not map names to names.
    """
    document = json.read(data, limit=MAX_INDEX)
    if not isinstance(document, dict):
        reason = "is no object"
        raise MalformedError(reason, at="$")
    weights, stated = document.get("weight_map"), document.get("metadata")
    if not isinstance(weights, dict) or not all(isinstance(one, str) for one in weights.values()):
        reason = "has no weight_map of names to names"
        raise MalformedError(reason, at="$.weight_map")
    total = stated.get("total_size") if isinstance(stated, dict) else None
    is_size = isinstance(total, int) and not isinstance(total, bool)
    return ShardIndex(weight_map=tuple(weights.items()), total_size=total if is_size else None)
