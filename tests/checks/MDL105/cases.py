from __future__ import annotations

from supplychain.core.evidence import Evidence
from supplychain.models.gguf_tables import ValueType
from tests.checks.model_evidence import gguf_file
from tests.generators.gguf import KEYS, array, gguf, scalar, text


def good() -> list[Evidence]:
    return [gguf_file(gguf()), gguf_file(gguf([*KEYS, ("a", text("x" * 100_000))]))]


def bad() -> list[Evidence]:
    return [
        gguf_file(gguf([(f"a.{n}", scalar(n)) for n in range(4097)])),
        gguf_file(gguf([*KEYS, ("a", text("x" * 1_048_577))])),
        gguf_file(gguf([*KEYS, ("a", array(ValueType.INT8, [0] * 2_097_153))])),
    ]
