from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.source_evidence import rules, source


def good() -> list[tuple[Evidence, ...]]:
    listed = rules(licences=("Apache-2.0", "mit"))
    several = source(licences=("mit", "apache-2.0"))
    return [(source(), listed), (several, listed), (source(licences=()), rules())]


def bad() -> list[tuple[Evidence, ...]]:
    listed = rules(licences=("apache-2.0",))
    named = ((), ("cc-by-nc-4.0",), ("apache-2.0", "other"))
    return [(source(licences=one), listed) for one in named]
