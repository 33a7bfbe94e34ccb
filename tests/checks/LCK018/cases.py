from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.lock_evidence import SHA256, entry, npm_lock, uv_lock, with_rules

PACKAGE = f"""\
name = "leaf"
version = "1.0"
source = {{{{ registry = "https://pypi.org/simple" }}}}
{{0}} = {{1}}{{{{ url = "https://files.pythonhosted.org/{{2}}", hash = "{SHA256}" }}}}{{3}}
"""


def good() -> list[tuple[Evidence, ...]]:
    return with_rules(
        npm_lock({"left-pad": entry()}),
        uv_lock(PACKAGE.format("wheels", "[", "leaf-1.0-py3-none-any.whl", "]")),
    )


def bad() -> list[tuple[Evidence, ...]]:
    return with_rules(
        npm_lock({"sharp": entry("sharp", "0.34.0", hasInstallScript=True)}),
        npm_lock({"own": entry(resolved="file:own-1.0.0.tgz")}),
        uv_lock(PACKAGE.format("sdist", "", "leaf-1.0.tar.gz", "")),
        uv_lock(PACKAGE.format("wheels", "[", "leaf-1.0-cp312-cp312-win_amd64.whl", "]")),
    )
