from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import model_file
from tests.generators.gguf import gguf
from tests.generators.safetensors import safetensors

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0000\nsize 10\n"
PAGE = b"<!DOCTYPE html>\n<html><body>Sign in</body></html>"


def good() -> list[Evidence]:
    return [
        model_file(gguf(), "model.GGUF"),
        model_file(gguf(), "sha256-0a1b"),  # a blob of Ollama has no suffix
        model_file(safetensors(), "model.safetensors"),
        model_file(PAGE, "README.md"),
    ]


def bad() -> list[Evidence]:
    return [
        model_file(POINTER, "model.gguf"),
        model_file(POINTER, "config.json"),
        model_file(PAGE, "model.safetensors"),
        model_file(gguf(), "model.safetensors"),
        model_file(safetensors(), "model.gguf"),
        model_file(gguf(), "pytorch_model.bin"),
        model_file(b"\x89PNG\r\n\x1a\n" + bytes(20), "model.gguf"),
    ]
