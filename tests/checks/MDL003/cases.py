from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import model_file


def good() -> list[Evidence]:
    return [
        model_file(b'{"model_type": "llama"}', "config.json"),
        model_file(b"import this\n", "README.md"),
    ]


def bad() -> list[Evidence]:
    return [
        model_file(b"import os\n", "modeling_custom.py"),
        model_file(b"", "sub/__init__.py"),
        model_file(b"#!/bin/sh\nid\n", "LICENSE"),
        model_file(b"echo\n", "run.bat"),
        model_file(b"\x7fELF\x02\x01\x01" + bytes(60), "tokenizer.model"),
        model_file(b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0", "weights.gguf"),
        model_file(b"\xcf\xfa\xed\xfe" + bytes(60), "libmodel"),
        model_file(b"text", "libcuda.so.12.1"),
        model_file(b"\xa7\x0d\r\n" + bytes(12), "cached"),
    ]
