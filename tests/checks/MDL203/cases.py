from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import safetensors_file
from tests.generators.safetensors import safetensors, tensor


def good() -> list[Evidence]:
    return [
        *(
            safetensors_file(safetensors([tensor("a", 0, 40, shape=shape, dtype=dtype)]))
            for shape, dtype in (
                ([2, 5], "F32"),
                ([80], "F4"),
                ([40, 1, 1], "F8_E4M3"),
                ([5], "C64"),
            )
        )
    ]


def bad() -> list[Evidence]:
    return [
        safetensors_file(safetensors([tensor("a", 0, 40, shape=shape, dtype=dtype)]))
        for shape, dtype in (
            ([10], "F64"),
            ([11], "F32"),
            ([], "F32"),
            ([10], "F128"),
            ([10], "f32"),
            ([2**32, 2**32], "I8"),
            ([2**63, 2], "F32"),
            ([79], "F4"),
        )
    ]
