from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.source_evidence import rules, source


def good() -> list[tuple[Evidence, ...]]:
    only = rules(formats=("safetensors",))
    return [(source(), only), (source((("model.gguf", 1),)), rules())]


def bad() -> list[tuple[Evidence, ...]]:
    only = rules(formats=("gguf",))
    return [(source(), only), (source((("A.SAFETENSORS", 1), ("b.gguf", 1))), only)]
