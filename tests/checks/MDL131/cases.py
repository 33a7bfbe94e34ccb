from __future__ import annotations

from supplychain.core.evidence import Evidence
from supplychain.models.gguf_tables import ValueType
from tests.checks.model_evidence import snapshot
from tests.generators.gguf import Tensor, gguf
from tests.generators.splits import part, split_model


def good() -> list[Evidence]:
    return [
        snapshot({"model.gguf": gguf()}),
        snapshot(split_model("model", 3)),
        snapshot({"model-00001-of-00001.gguf": gguf()}),
        snapshot({"model-00002-of-00003.gguf": part(1, 3)}),
    ]


def bad() -> list[Evidence]:
    whole = split_model("model", 2)
    first, second = whole
    same = [Tensor("t0")]
    return [
        snapshot({**whole, second: part(0, 2)}),
        snapshot({**whole, second: part(1, 3)}),
        snapshot({**whole, second: gguf()}),
        snapshot({**whole, second: part(1, 2, tensors=same)}),
        snapshot({**whole, second: part(1, 2, total=7)}),
        snapshot({**whole, first: part(0, 2, number_type=ValueType.UINT32)}),
    ]
