from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import gguf_file
from tests.generators.gguf import Tensor, gguf


def good() -> list[Evidence]:
    return [gguf_file(gguf()), gguf_file(gguf(tensors=[Tensor("a", (9,))], data_size=36))]


def bad() -> list[Evidence]:
    return [
        gguf_file(gguf(data_size=0)),
        gguf_file(gguf(tensors=[Tensor("a", (2**28,))], data_size=4096)),
        gguf_file(gguf(tensors=[Tensor("a"), Tensor("b", offset=2**64 - 32)], data_size=128)),
        gguf_file(gguf(tensors=[Tensor("a", (2**62 - 1,))], data_size=128)),
        gguf_file(gguf()[:-32]),
    ]
