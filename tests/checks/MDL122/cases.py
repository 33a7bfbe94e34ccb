from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import gguf_file
from tests.generators.gguf import Q4_K, Tensor, gguf


def good() -> list[Evidence]:
    return [gguf_file(gguf()), gguf_file(gguf(tensors=[Tensor("a", (256, 1, 1, 2), Q4_K)]))]


def bad() -> list[Evidence]:
    return [
        *(
            gguf_file(gguf(tensors=[Tensor("a", dimensions)], data_size=64))
            for dimensions in (
                (),
                (0,),
                (1024, 1024, 2**42 + 1),
                (2**62 - 1,),
                (2**32, 2**32, 2**32, 2**32),
                (2**40, 2**40, 0),
            )
        ),
        gguf_file(gguf(tensors=[Tensor("a", (255, 2), Q4_K)])),
        gguf_file(gguf(tensors=[Tensor("a", (), Q4_K)])),
    ]
