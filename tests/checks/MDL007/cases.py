from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.model_evidence import model_file


def good() -> list[Evidence]:
    return [
        model_file(b'{"model_type": "llama", "auto_map": {}}', "config.json"),
        model_file(b"# auto_map\n", "README.md"),
        model_file(b'{"auto_map": {"AutoModel": "a.B"}, "cut', "config.json"),
    ]


def bad() -> list[Evidence]:
    return [
        model_file(b'{"auto_map": {"AutoModel": "owner/other--modeling.Custom"}}', "config.json"),
        model_file(b'{"auto_map": "tokens.Custom"}', "sub/tokenizer_config.json"),
        model_file(b'{"a": [{"auto\\u005fmap": ["x"], "b": NaN}]}', "processor_config.json"),
        model_file(b'{"custom_pipelines": {"x": {"impl": "y.Z"}}}', "config.json"),
    ]
