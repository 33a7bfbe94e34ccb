from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.lock_evidence import SHA256, entry, npm_lock, uv_lock, with_rules

HOST = "https://registry.npmjs.org"
PACKAGE = f"""\
name = "leaf"
version = "1.0"
source = {{{{ registry = "https://pypi.org/simple" }}}}
wheels = [{{{{ url = "https://files.pythonhosted.org/{{0}}", hash = "{SHA256}" }}}}]
"""


def good() -> list[tuple[Evidence, ...]]:
    return with_rules(
        npm_lock({"left-pad": entry()}),
        npm_lock({"@types/node": entry("@types/node", "22.0.0")}),
        npm_lock({"pad": entry(name="left-pad") | {"name": "left-pad"}}),
        uv_lock(PACKAGE.format("leaf-1.0-py3-none-any.whl")),
        uv_lock(PACKAGE.format("leaf-1.0.tar.gz")),
    )


def bad() -> list[tuple[Evidence, ...]]:
    return with_rules(
        npm_lock({"is-odd": entry()}),
        npm_lock({"left-pad": entry() | {"version": "1.2.0"}}),
        npm_lock({"left-pad": entry(resolved=f"{HOST}/@evil/left-pad/-/left-pad-1.3.0.tgz")}),
        npm_lock({"left-pad": entry(resolved=f"{HOST}/left-pad/../evil/-/left-pad-1.3.0.tgz")}),
        uv_lock(PACKAGE.format("other-1.0-py3-none-any.whl")),
        uv_lock(PACKAGE.format("leaf-1.1-py3-none-any.whl")),
    )
