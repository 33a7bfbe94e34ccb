from __future__ import annotations

from supplychain.core.evidence import Evidence
from tests.checks.lock_evidence import SHA256, entry, npm_lock, requirements_lock, with_rules


def good() -> list[tuple[Evidence, ...]]:
    return with_rules(
        npm_lock({"left-pad": entry()}),
        npm_lock({"left-pad": entry(integrity=None)}),
        requirements_lock(f"leaf==1.0 --hash={SHA256}"),
    )


def bad() -> list[tuple[Evidence, ...]]:
    return with_rules(
        npm_lock({"left-pad": entry(integrity="md4-AAAA")}),
        npm_lock({"left-pad": entry(integrity="sha512-AAAA")}),
        npm_lock({"left-pad": entry(integrity="sha1-y6p3B5NEFVqC0Oz3dJR1Bwjtl1g=")}),
        requirements_lock("leaf==1.0 --hash=md5:" + "0" * 32),
        requirements_lock(f"leaf==1.0 --hash={SHA256} --hash=sha256:abc"),
    )
