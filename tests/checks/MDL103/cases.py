from __future__ import annotations

from supplychain.core.evidence import Evidence
from supplychain.models.gguf_tables import ValueType
from tests.checks.model_evidence import gguf_file
from tests.generators.gguf import KEYS, array, gguf, scalar, text


def good() -> list[Evidence]:
    return [
        gguf_file(gguf([*KEYS, ("x.y", value)]))
        for value in (
            scalar(0, ValueType.BOOL),
            array(ValueType.BOOL, [0, 1]),
            text("\u20ac" * 50_000),
            text(""),
        )
    ]


def bad() -> list[Evidence]:
    return [
        gguf_file(gguf([*KEYS, ("x.y", value)]))
        for value in (
            scalar(2, ValueType.BOOL),
            array(ValueType.BOOL, [0, 1, 255]),
            text("a\0b"),
            text(b"\xff"),
            text(b"\xc3"),
            text("a" * 70_000 + "\0"),
            text(b"a" * 70_000 + b"\xe2\x82"),
        )
    ]
