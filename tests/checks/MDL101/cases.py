from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import gguf_file
from tests.generators.gguf import KEYS, gguf, scalar


def good() -> list[Evidence]:
    return [gguf_file(gguf())]


def bad() -> list[Evidence]:
    return [
        gguf_file(gguf([*KEYS, (key, scalar(64))]))
        for key in (
            "",
            "general.alignment\0x",
            "general.\x1b[2Jname",
            b"general.\xffname",
            "general.n\u0430me",
            "general.na\u200bme",
        )
    ]
