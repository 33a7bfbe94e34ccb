from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.source_evidence import rules, source


def good() -> list[tuple[Evidence, ...]]:
    listed = rules(publishers=("example", "Qwen*"))
    named = ("Example", "qwen-team")
    return [(source(), rules()), *((source(publisher=name), listed) for name in named)]


def bad() -> list[tuple[Evidence, ...]]:
    listed = rules(publishers=("google",))
    return [(source(publisher=name), listed) for name in ("g00gle", "", "googles")]
