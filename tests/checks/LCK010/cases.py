from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.lock_evidence import (
    SHA256,
    entry,
    npm_lock,
    requirements_lock,
    uv_lock,
    with_rules,
)

PACKAGE = """\
name = "leaf"
version = "1.0"
source = {{ registry = "https://pypi.org/simple" }}
wheels = [{{ url = "https://files.pythonhosted.org/packages/{0}"{1} }}]
"""
HASH = f', hash = "{SHA256}"'
WHEEL = "leaf-1.0-py3-none-any.whl"


def good() -> list[tuple[Evidence, ...]]:
    return with_rules(
        npm_lock({"left-pad": entry()}),
        npm_lock({"own": {"resolved": "packages/own", "link": True}}),
        uv_lock(PACKAGE.format(WHEEL, HASH)),
        requirements_lock(f"leaf==1.0 --hash={SHA256}"),
    )


def bad() -> list[tuple[Evidence, ...]]:
    return with_rules(
        npm_lock({"left-pad": entry(integrity=None)}),
        npm_lock({"next": {"version": "15.5.6"}}),
        uv_lock(PACKAGE.format(WHEEL, "")),
        requirements_lock("leaf==1.0"),
        requirements_lock(f"--no-require-hashes\nleaf==1.0 --hash={SHA256}"),
    )
