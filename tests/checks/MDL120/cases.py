from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import gguf_file
from tests.generators.gguf import Tensor, gguf


def good() -> list[Evidence]:
    return [gguf_file(gguf()), gguf_file(gguf(tensors=[Tensor("a" * 63)]))]


def bad() -> list[Evidence]:
    return [
        gguf_file(gguf(tensors=[Tensor(name)]))
        for name in ("", "a" * 64, "a\0b", "a\x1bb", b"a\xff", "w\u0435ight")
    ]
