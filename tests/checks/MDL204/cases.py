from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import safetensors_file
from tests.generators.safetensors import header, safetensors, tensor

A = '{"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}'


def good() -> list[Evidence]:
    return [safetensors_file(safetensors())]


def bad() -> list[Evidence]:
    return [
        safetensors_file(safetensors([tensor("a", 0, 8), tensor("a", 8, 40)])),
        safetensors_file(header('{"a": ' + A + ', "\\u0061": ' + A + "}") + bytes(4)),
        safetensors_file(safetensors(metadata=[("format", "pt"), ("format", "tf")])),
    ]
