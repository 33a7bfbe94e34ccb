from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import model_file
from tests.generators.archives import zipped

PIECES = bytes.fromhex("0a0e0a053c756e6b3e15000000001802 0a0c0a033c733e15000000001803")


def good() -> list[Evidence]:
    return [
        model_file(b"[PAD]\n[UNK]\n", "vocab.txt"),
        model_file(PIECES + b"rest", "tokenizer.model"),
        model_file(b"\x89PNG\r\n\x1a\n" + bytes(20), "logo.png"),
        model_file(b"", ".gitkeep"),
        model_file(bytes(30), "model.gguf"),  # said by MDL001
    ]


def bad() -> list[Evidence]:
    return [
        model_file(b"\x89HDF\r\n\x1a\n" + bytes(20), "tf_model.h5"),
        model_file(b"\x08\x07\x12\x07pytorch" + bytes(20), "graph"),
        model_file(b"\x1c\0\0\0TFL3" + bytes(20), "model.tflite"),
        model_file(b"tjgg\x03\0\0\0", "ggml-model"),
        model_file(b"\x1f\x8b\x08" + bytes(20), "weights.json"),
        model_file(zipped({"config.json": b"{}"}), "model.keras"),
        model_file(bytes(range(256)), "data"),
    ]
