"""Evidence of the lock file stage, made for fixtures from real text where that is short."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from supplychain.core.evidence import Evidence
from supplychain.core.finding import Location
from supplychain.core.subject import Subject, SubjectKind
from supplychain.lockfiles import npm, npm_sync, requirements, uv
from supplychain.lockfiles.commands import classify
from supplychain.lockfiles.evidence import InstallStep, LockRules, ReadLock
from supplychain.lockfiles.model import Comparison, LockFile, Sync
from tests.checks.image_evidence import MAKER, NOW

LOCK = Subject(kind=SubjectKind.LOCKFILE, ref="web/package-lock.json", path="web/package-lock.json")
DOCKERFILE = Subject(kind=SubjectKind.DOCKERFILE, ref="web/Dockerfile", path="web/Dockerfile")
SHA512 = "sha512-" + "A" * 86 + "=="
SHA256 = "sha256:" + "a" * 64


def entry(name: str = "left-pad", version: str = "1.3.0", **changes: object) -> dict[str, Any]:
    """Return an entry of ``packages`` as npm writes it; ``None`` removes a key."""
    base = name.rpartition("/")[2]
    made = {
        "version": version,
        "resolved": f"https://registry.npmjs.org/{name}/-/{base}-{version}.tgz",
        "integrity": SHA512,
    }
    return {key: value for key, value in (made | changes).items() if value is not None}


def npm_text(packages: Mapping[str, Any], **more: object) -> str:
    """Return the text of a package-lock.json with the given entries below node_modules."""
    listed = {f"node_modules/{name}": value for name, value in packages.items()}
    root = {"": {"name": "app", "dependencies": dict.fromkeys(packages, "*")}}
    return json.dumps({"lockfileVersion": 3, "packages": root | listed} | more, indent=2)


def npm_lock(packages: Mapping[str, Any], **more: object) -> ReadLock:
    """Return a read package-lock.json that its manifest agrees with."""
    return read_lock(npm.read(npm_text(packages, **more)).lock)


def npm_pair(packages: Mapping[str, Any], manifest: Mapping[str, Any]) -> ReadLock:
    """Return a read package-lock.json, compared with a package.json."""
    lock = npm.read(npm_text(packages))
    return read_lock(lock.lock, npm_sync.compare(lock, manifest, {}))


def requirements_lock(text: str) -> ReadLock:
    """Return a read requirements.txt."""
    return read_lock(requirements.read(text).lock)


def uv_lock(*packages: str) -> ReadLock:
    """Return a read uv.lock of the given tables."""
    tables = "\n".join(f"[[package]]\n{text}" for text in packages)
    return read_lock(uv.read(f"version = 1\n{tables}").lock)


def read_lock(
    lock: LockFile, comparison: Comparison | None = None, others: tuple[str, ...] = ()
) -> ReadLock:
    """Return a lock as the collector hands it over."""
    return ReadLock(
        subject=LOCK,
        producer=MAKER,
        observed_at=NOW,
        path=LOCK.path or "",
        lock=lock,
        manifest=None,
        comparison=comparison or Comparison(sync=Sync.IN_SYNC),
        others=others,
    )


def accepted() -> LockRules:
    """Return what the shipped policy accepts."""
    return LockRules(
        subject=LOCK,
        producer=MAKER,
        observed_at=NOW,
        allowed_hosts={
            "npm": ("registry.npmjs.org",),
            "pypi": ("pypi.org", "files.pythonhosted.org"),
        },
        algorithms=("sha256", "sha384", "sha512"),
    )


def with_rules(*locks: ReadLock) -> list[tuple[Evidence, ...]]:
    """Return each lock with what the policy accepts."""
    return [(lock, accepted()) for lock in locks]


def steps(*instructions: str) -> list[Evidence]:
    """Return the commands of instructions as evidence, each on a line of its own."""
    return [
        InstallStep(
            subject=DOCKERFILE,
            producer=MAKER,
            observed_at=NOW,
            command=command,
            location=Location(path=DOCKERFILE.path, line=number),
        )
        for number, text in enumerate(instructions, 1)
        for command in classify(text)
    ]
