from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import gguf_file
from tests.generators.gguf import Tensor, gguf


def good() -> list[Evidence]:
    return [gguf_file(gguf()), gguf_file(gguf(tensors=[Tensor("a"), Tensor("A")]))]


def bad() -> list[Evidence]:
    return [
        gguf_file(gguf(tensors=[Tensor("a"), Tensor("b"), Tensor("a")])),
        gguf_file(gguf(tensors=[Tensor("a"), Tensor("a"), Tensor("a")])),
    ]
