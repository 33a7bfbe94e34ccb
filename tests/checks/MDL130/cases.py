from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import snapshot
from tests.generators.gguf import gguf
from tests.generators.splits import part, split_model


def good() -> list[Evidence]:
    return [
        snapshot({"model.gguf": gguf()}),
        snapshot(split_model("model", 3)),
        snapshot({**split_model("a", 2), **split_model("sub/a", 1)}),
    ]


def bad() -> list[Evidence]:
    whole = split_model("model", 3)
    return [
        *(snapshot({name: data for name, data in whole.items() if name != gone}) for gone in whole),
        snapshot({"model-00002-of-00003.gguf": part(1, 3)}),
        snapshot({"model.gguf": part(0, 2)}),
        snapshot({"model-00001-of-99999.gguf": gguf()}),
    ]
