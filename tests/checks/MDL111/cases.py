from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import gguf_file
from tests.generators.gguf import Tensor, gguf, scalar


def good() -> list[Evidence]:
    return [gguf_file(gguf())]


def bad() -> list[Evidence]:
    return [
        gguf_file(gguf(tensors=[Tensor("a", offset=16), Tensor("b", offset=96)])),
        gguf_file(gguf([("general.alignment", scalar(64))], [Tensor("a"), Tensor("b", offset=96)])),
    ]
