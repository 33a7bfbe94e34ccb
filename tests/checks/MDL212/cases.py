from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import snapshot
from tests.generators.safetensors import safetensors, tensor
from tests.generators.splits import sharded_model


def good() -> list[Evidence]:
    return [
        snapshot({"model.safetensors": safetensors()}),
        snapshot(sharded_model(2)),
        snapshot(sharded_model(2, folder="transformer/")),
    ]


def bad() -> list[Evidence]:
    whole = sharded_model(2)
    shards = [name for name in whole if name.endswith(".safetensors")]
    other = safetensors([tensor("other", 0, 40)])
    more = safetensors([tensor("t0", 0, 32), tensor("more", 32, 40)])
    return [
        snapshot({**whole, shards[0]: whole[shards[1]], shards[1]: whole[shards[0]]}),
        snapshot({**whole, shards[0]: other}),
        snapshot({**whole, shards[0]: more}),
    ]
