from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import gguf_file
from tests.generators.gguf import Tensor, gguf


def good() -> list[Evidence]:
    return [
        *(gguf_file(gguf(tensors=[Tensor("a", (256,), n)])) for n in (0, 9, 30, 39, 40, 41, 42))
    ]


def bad() -> list[Evidence]:
    return [
        gguf_file(gguf(tensors=[Tensor("a", type=number)]))
        for number in (4, 5, 31, 38, 43, 2**31, 2**32 - 1)
    ]
