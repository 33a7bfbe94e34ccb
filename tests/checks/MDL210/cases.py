from __future__ import annotations

import json

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import index_file


def _index(name: str) -> Evidence:
    return index_file(json.dumps({"weight_map": {"a": name}}).encode())


def good() -> list[Evidence]:
    return [_index("model-00001-of-00002.safetensors"), index_file(b'{"weight_map": {}}')]


def bad() -> list[Evidence]:
    return [
        _index(name)
        for name in (
            "../model.safetensors",
            "/etc/model.safetensors",
            "sub/model.safetensors",
            "C:model.safetensors",
            "..\\model.safetensors",
            "pytorch_model.bin",
            "a\0.safetensors",
            "",
            "..",
        )
    ]
