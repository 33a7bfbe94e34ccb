from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.lock_evidence import entry, npm_pair, uv_lock, with_rules

ASKS = {"dependencies": {"stem": "*"}}
STEM = 'name = "stem"\nversion = "1.0"\nsource = { virtual = "." }\n'


def good() -> list[tuple[Evidence, ...]]:
    return with_rules(
        npm_pair(
            {"stem": entry("stem", dependencies={"left-pad": "^1.0.0"}), "left-pad": entry()}, ASKS
        ),
        uv_lock(f"{STEM}dependencies = []"),
    )


def bad() -> list[tuple[Evidence, ...]]:
    return with_rules(
        npm_pair({"stem": entry("stem", dependencies={"left-pad": "^1.0.0"})}, ASKS),
        npm_pair(
            {"stem": entry("stem", dependencies={"left-pad": "^2.0.0"}), "left-pad": entry()}, ASKS
        ),
        uv_lock(f'{STEM}dependencies = [{{ name = "leaf" }}]'),
        uv_lock('name = "leaf"\nversion = "1.0"'),
    )
