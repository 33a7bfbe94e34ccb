from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import gguf_file
from tests.generators.gguf import Tensor, gguf


def good() -> list[Evidence]:
    return [gguf_file(gguf()), gguf_file(gguf(tensors=[Tensor("a", (9,)), Tensor("b")]))]


def bad() -> list[Evidence]:
    return [
        gguf_file(gguf(tensors=tensors))
        for tensors in (
            [Tensor("a"), Tensor("b", offset=4096)],
            [Tensor("a", offset=32)],
            [Tensor("a", offset=64), Tensor("b", offset=0)],
        )
    ]
