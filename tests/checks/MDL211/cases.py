from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import snapshot
from tests.generators.safetensors import safetensors
from tests.generators.splits import sharded_model


def good() -> list[Evidence]:
    return [
        snapshot({"model.safetensors": safetensors()}),
        snapshot(sharded_model(2)),
        snapshot(sharded_model(2, folder="transformer/")),
        snapshot({"a-00001-of-00001.safetensors": safetensors()}),
    ]


def bad() -> list[Evidence]:
    whole = sharded_model(3)
    shards = [name for name in whole if name.endswith(".safetensors")]
    return [
        *(snapshot({n: data for n, data in whole.items() if n != gone}) for gone in shards),
        snapshot({shards[1]: whole[shards[1]]}),
        snapshot({n: data for n, data in whole.items() if n not in shards}),
    ]
