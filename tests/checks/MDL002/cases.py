from __future__ import annotations

import pickle

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import model_file
from tests.generators.archives import zipped

WEIGHTS = {"weight": [1.0, 2.0]}


def good() -> list[Evidence]:
    return [
        model_file(b"# A model\n\nIt is small.\n", "README.md"),
        model_file(b"certain words\nof a text\n", "notes.txt"),
        model_file(b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'shape': (3,), }\n", "mean.npy"),
    ]


def bad() -> list[Evidence]:
    return [
        *(model_file(pickle.dumps(WEIGHTS, n), f"weights{n}.txt") for n in (0, 2, 4, 5)),
        model_file(b"cos\nsystem\n(S'id'\ntR.", "tokenizer.model"),
        model_file(zipped({"archive/data.pkl": pickle.dumps(WEIGHTS)}), "model.txt"),
        model_file(b"\x00\x01\x02\x03", "pytorch_model.bin"),
        model_file(b"GIF87a" + bytes(20), "model.pt"),
        model_file(b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'shape': (3,), }\n", "mean.npy"),
    ]
