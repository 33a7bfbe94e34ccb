from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import safetensors_file
from tests.generators.safetensors import safetensors, tensor


def good() -> list[Evidence]:
    return [
        safetensors_file(safetensors()),
        safetensors_file(safetensors([tensor("b", 8, 40), tensor("c", 8, 8), tensor("a", 0, 8)])),
    ]


def bad() -> list[Evidence]:
    return [
        safetensors_file(safetensors(tensors))
        for tensors in (
            [tensor("a", 0, 16), tensor("b", 8, 40)],
            [tensor("a", 0, 40), tensor("b", 0, 40)],
            [tensor("a", 0, 16), tensor("b", 24, 40)],
            [tensor("a", 8, 40)],
            [tensor("a", 0, 40), tensor("b", 40, 32, shape=[1])],
        )
    ]
