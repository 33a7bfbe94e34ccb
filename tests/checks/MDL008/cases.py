from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import snapshot
from tests.generators.gguf import gguf
from tests.generators.safetensors import safetensors


def good() -> list[Evidence]:
    return [
        snapshot({"model.gguf": gguf()}),
        snapshot({"model.safetensors": safetensors(), "README.md": b"# A\n"}),
        snapshot({"tokenizer.json": b'{"version": "1.0"}'}),
        snapshot({"vocab.txt": b"a\nb\n"}),
        snapshot({"pytorch_model.bin": b"\x80\x02."}),  # said by MDL002
    ]


def bad() -> list[Evidence]:
    return [
        snapshot({}),
        snapshot({"README.md": b"# A\n", "config.json": b"{}"}),
        snapshot({"weights": b"", "tokenizer.json": b""}),
    ]
