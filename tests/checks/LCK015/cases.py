from __future__ import annotations

from supplychain.core.evidence import Evidence
from supplychain.lockfiles import npm
from tests.checks.lock_evidence import (
    SHA256,
    entry,
    npm_lock,
    npm_text,
    read_lock,
    requirements_lock,
    with_rules,
)

COPY = {"version": "1.3.0", "resolved": entry()["resolved"], "integrity": entry()["integrity"]}
OTHER = COPY | {"version": "1.2.0"}
TWICE = npm_text({"left-pad": entry()}).replace(
    '"node_modules/left-pad"',
    '"node_modules/left-pad": {"version": "9.9.9"}, "node_modules/left-pad"',
)


def good() -> list[tuple[Evidence, ...]]:
    return with_rules(
        npm_lock({"left-pad": entry()}),
        npm_lock({"left-pad": entry()}, lockfileVersion=2, dependencies={"left-pad": COPY}),
        requirements_lock("leaf==1 ; python_version < '3.12'\nleaf==2 ; python_version >= '3.12'"),
    )


def bad() -> list[tuple[Evidence, ...]]:
    return with_rules(
        read_lock(npm.read(TWICE).lock),
        npm_lock({"left-pad": entry()}, lockfileVersion=2, dependencies={"left-pad": OTHER}),
        npm_lock({}, lockfileVersion=2, dependencies={"left-pad": COPY}),
        requirements_lock(f"leaf==1 --hash={SHA256}\nLeaf==2 --hash={SHA256}"),
    )
