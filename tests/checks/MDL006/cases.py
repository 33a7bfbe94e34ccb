from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import model_file
from tests.generators.archives import zipped
from tests.generators.gguf import Tensor, gguf
from tests.generators.safetensors import safetensors, tensor

ARCHIVE = zipped({"data.pkl": b"."})


def good() -> list[Evidence]:
    return [
        model_file(gguf(), "model.gguf"),
        model_file(gguf(tail=b"PK\x05\x06" + bytes(30)), "model2.gguf"),
        model_file(zipped({"a": b""}), "model.zip"),  # said by MDL005
    ]


def bad() -> list[Evidence]:
    row = len(ARCHIVE)
    return [
        model_file(gguf(tail=ARCHIVE), "model.gguf"),
        model_file(gguf(tensors=[Tensor("a", (row,), 24)], data_size=0) + ARCHIVE, "b.gguf"),
        model_file(safetensors([tensor("a", 0, row)], data_size=0) + ARCHIVE, "c.safetensors"),
        model_file(b"A text.\n" + zipped({"a": b"b"}, comment=b"c" * 65_535), "README.md"),
    ]
