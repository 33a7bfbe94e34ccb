"""Configurations that name code for a client to import.

transformers, dynamic_module_utils.py ``get_class_from_dynamic_module``: a value of ``auto_map`` is
``module.Class`` of the same model or, after ``owner/model--``, of any other; diffusers,
``custom_pipelines``, the same.
"""

from __future__ import annotations

import json
from typing import Any

from supplychain.core.limits import MIB

MAX_CONFIGURATION = 16 * MIB  # bytes; the largest tokenizer_config.json seen has 1.2 MB
CONFIGURATION_SUFFIX = "config.json"  # also tokenizer_, processor_, generation_, adapter_config
_KEYS = frozenset({"auto_map", "custom_pipelines"})


def named_in(data: bytes) -> tuple[str, ...]:
    """Return the keys of a configuration, at any depth, that name code; none if it is no JSON.

    It is read as clients read it, by Python's json: what that refuses no client loads.
    """
    found: list[str] = []

    def kept(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found.extend(key for key, value in pairs if key in _KEYS and value)
        return dict(pairs)

    try:
        json.loads(data, object_pairs_hook=kept)
    except (ValueError, RecursionError):
        return ()
    return tuple(dict.fromkeys(found))
