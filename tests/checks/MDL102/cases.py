from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import gguf_file
from tests.generators.gguf import KEYS, gguf, scalar


def good() -> list[Evidence]:
    return [
        gguf_file(gguf()),
        gguf_file(gguf([*KEYS, ("nomic-bert.a_b.0", scalar(1)), ("", scalar(1))])),
    ]


def bad() -> list[Evidence]:
    return [
        gguf_file(gguf([*KEYS, (key, scalar(1))]))
        for key in ("General.Alignment", "general alignment", "a/b", "x" * 70 + "Y")
    ]
