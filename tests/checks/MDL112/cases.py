from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import gguf_file
from tests.generators.gguf import Tensor, gguf


def good() -> list[Evidence]:
    return [
        gguf_file(gguf()),
        gguf_file(gguf(tensors=[Tensor("a", (0,)), Tensor("b"), Tensor("c")])),
    ]


def bad() -> list[Evidence]:
    return [
        gguf_file(gguf(tensors=tensors))
        for tensors in (
            [Tensor("a"), Tensor("b", offset=0)],
            [Tensor("a"), Tensor("b", offset=32)],
            [Tensor("a", (64,), offset=0), Tensor("b", (8,), offset=96), Tensor("c", offset=192)],
        )
    ]
