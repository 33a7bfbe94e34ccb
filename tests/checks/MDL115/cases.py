from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import gguf_file
from tests.generators.archives import zipped
from tests.generators.gguf import Tensor, gguf


def good() -> list[Evidence]:
    return [
        gguf_file(gguf()),
        gguf_file(gguf(tensors=[Tensor("a", (9,))])),
        gguf_file(gguf(tensors=[Tensor("a", (9,))], data_size=36)),
        gguf_file(gguf(tensors=[])),
    ]


def bad() -> list[Evidence]:
    return [
        *(
            gguf_file(gguf(tail=tail))
            for tail in (
                bytes(32),
                b"leftover",
                b"\x7fELF" + bytes(40),
                bytes(64) + zipped({"a": b""}),
                b"cos\nsystem\n(S'id'\ntR.",
                gguf(),
            )
        ),
        gguf_file(gguf(tensors=[Tensor("a", (9,))], data_size=36) + b"x"),
        gguf_file(gguf(tensors=[]) + bytes(32)),
    ]
