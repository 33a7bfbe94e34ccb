from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import safetensors_file
from tests.generators.safetensors import safetensors, tensor


def good() -> list[Evidence]:
    return [safetensors_file(safetensors())]


def bad() -> list[Evidence]:
    return [
        safetensors_file(safetensors([tensor(name, 0, 40)]))
        for name in ("", "a\0b", "a\x1bb", "\ud800", "w\u0435ight")
    ]
