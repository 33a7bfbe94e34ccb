from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import gguf_file
from tests.generators.gguf import KEYS, gguf, scalar, text


def good() -> list[Evidence]:
    return [gguf_file(gguf()), gguf_file(gguf([("a.b", scalar(1)), ("a.B", scalar(1))]))]


def bad() -> list[Evidence]:
    return [
        gguf_file(gguf([*KEYS, KEYS[0]])),
        gguf_file(gguf([("a", scalar(1)), ("b", scalar(2)), ("a", text("x")), ("a", scalar(1))])),
    ]
