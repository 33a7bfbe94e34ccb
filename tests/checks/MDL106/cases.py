from __future__ import annotations

from supplychain.core.evidence import Evidence
from supplychain.models.gguf_tables import ValueType
from tests.checks.model_evidence import gguf_file
from tests.generators.gguf import KEYS, gguf, scalar, text


def good() -> list[Evidence]:
    return [
        gguf_file(gguf()),
        gguf_file(gguf([("general.type", text("imatrix"))])),
        gguf_file(gguf([(f"split.{k}", scalar(2, ValueType.UINT16)) for k in ("no", "count")])),
    ]


def bad() -> list[Evidence]:
    return [
        gguf_file(gguf(KEYS[1:])),
        gguf_file(gguf([("general.architecture", scalar(1))])),
        gguf_file(gguf([("general.architecture", text("llama\x1b[0m"))])),
        gguf_file(gguf([("general.architecture", text(""))])),
        gguf_file(gguf([("general.architecture", text("a" * 70_000))])),
        gguf_file(gguf([("split.count", scalar(2, ValueType.UINT16))])),
    ]
