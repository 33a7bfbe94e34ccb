from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import safetensors_file
from tests.generators.safetensors import safetensors, tensor


def good() -> list[Evidence]:
    return [safetensors_file(safetensors()), safetensors_file(safetensors([], data_size=0))]


def bad() -> list[Evidence]:
    return [
        safetensors_file(safetensors(data_size=39)),
        safetensors_file(safetensors(data_size=41)),
        safetensors_file(safetensors([], data_size=1)),
        safetensors_file(safetensors([tensor("a", 0, 2**63)])),
    ]
