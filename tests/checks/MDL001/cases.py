from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import malformed


def good() -> list[Evidence]:
    return []  # the evidence itself says that the file is malformed


def bad() -> list[Evidence]:
    return [
        malformed("claims 2305843009213693952 elements where 40 bytes are left", "kv[3].value"),
        malformed("has GGUF version 1, which llama.cpp no longer reads", "header.version"),
    ]
