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

PATH = "/left-pad/-/left-pad-1.3.0.tgz"
PACKAGE = """\
name = "leaf"
version = "1.0"
source = {{ registry = "https://{0}/simple" }}
"""


def good() -> list[tuple[Evidence, ...]]:
    return with_rules(
        npm_lock({"left-pad": entry()}),
        npm_lock({"left-pad": entry(resolved=None)}),
        uv_lock(PACKAGE.format("pypi.org")),
        requirements_lock(f"-i https://pypi.org/simple\nleaf==1.0 --hash={SHA256}"),
    )


def bad() -> list[tuple[Evidence, ...]]:
    return with_rules(
        npm_lock({"left-pad": entry(resolved=f"https://registry.npmjs.org.example.net{PATH}")}),
        npm_lock({"left-pad": entry(resolved=f"http://registry.npmjs.org{PATH}")}),
        npm_lock({"left-pad": entry(resolved=f"https://someone@registry.npmjs.org{PATH}")}),
        npm_lock({"left-pad": entry(resolved=f"https://registry.npmjs.org:8443{PATH}")}),
        npm_lock({"left-pad": entry(resolved="https://registry.npmjs.org\\@evil.example/x.tgz")}),
        uv_lock(PACKAGE.format("pypi.example.net")),
        requirements_lock(f"--trusted-host pypi.org\nleaf==1.0 --hash={SHA256}"),
        requirements_lock(f"--extra-index-url https://x.example\nleaf==1.0 --hash={SHA256}"),
        requirements_lock(f"--extra-index-url https://pypi.org/other\nleaf==1.0 --hash={SHA256}"),
    )
