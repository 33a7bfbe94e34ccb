from __future__ import annotations

from supplychain.core.evidence import Evidence
from supplychain.models.gguf_tables import ValueType
from tests.checks.model_evidence import gguf_file
from tests.generators.gguf import KEYS, gguf, scalar, text


def good() -> list[Evidence]:
    return [
        gguf_file(gguf()),
        *(
            gguf_file(gguf([*KEYS, ("general.alignment", scalar(n))], alignment=n))
            for n in (32, 64, 4096, 65_536)
        ),
    ]


def bad() -> list[Evidence]:
    return [
        gguf_file(gguf([*KEYS, ("general.alignment", value)]))
        for value in (
            scalar(0),
            scalar(24),
            scalar(4),
            scalar(16),
            scalar(131_072),
            scalar(2**31),
            scalar(64, ValueType.UINT64),
            scalar(64, ValueType.FLOAT32),
            text("32"),
        )
    ]
