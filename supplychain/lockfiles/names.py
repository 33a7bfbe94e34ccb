"""Which files are locks, which are manifests, and which belong together. Names only."""

from __future__ import annotations

import re
from collections.abc import Mapping

from supplychain.lockfiles.model import Format

LOCKS: Mapping[str, Format] = {
    "package-lock.json": Format.NPM,
    "npm-shrinkwrap.json": Format.NPM,
    "yarn.lock": Format.YARN,
    "pnpm-lock.yaml": Format.PNPM,
    "bun.lock": Format.BUN,
    "bun.lockb": Format.BUN,
    "uv.lock": Format.UV,
    "poetry.lock": Format.POETRY,
    "pdm.lock": Format.PDM,
    "Pipfile.lock": Format.PIPENV,
    "pylock.toml": Format.PYLOCK,
    "conda-lock.yml": Format.CONDA,
    "pixi.lock": Format.PIXI,
    "go.sum": Format.GO,
    "Cargo.lock": Format.CARGO,
    "Gemfile.lock": Format.BUNDLER,
    "composer.lock": Format.COMPOSER,
    "gradle.lockfile": Format.GRADLE,
    "packages.lock.json": Format.NUGET,
}
READ = frozenset({Format.NPM, Format.UV, Format.REQUIREMENTS})

NODE = frozenset({Format.NPM, Format.YARN, Format.PNPM, Format.BUN})
PYTHON = frozenset({Format.UV, Format.POETRY, Format.PDM, Format.PIPENV, Format.PYLOCK})
NODE_LOCKS = tuple(name for name, written in LOCKS.items() if written in NODE)
PYTHON_LOCKS = tuple(name for name, written in LOCKS.items() if written in PYTHON)

_REQUIREMENTS = re.compile(
    r"(?:.*/)?(?:(?:[^/]*[-_.])?requirements(?:[-_.][^/]*)?\.(?:txt|in)|requirements/[^/]+\.(?:txt|in))"
)
_PYLOCK = re.compile(r"pylock\.[^./]+\.toml")


def base_of(name: str) -> str:
    """Return the last part of a path."""
    return name.rpartition("/")[2]


def folder_of(name: str) -> str:
    """Return the folder of a path, empty for the top."""
    return name.rpartition("/")[0]


def beside(name: str, other: str) -> str:
    """Return the path of a file in the folder of another."""
    folder = folder_of(name)
    return f"{folder}/{other}" if folder else other


def lock_format(name: str) -> Format | None:
    """Return the format of a lock file by its path; requirements files count as locks."""
    base = base_of(name)
    if _PYLOCK.fullmatch(base):
        return Format.PYLOCK
    found = LOCKS.get(base)
    if found is None and is_requirements(name) and base.endswith(".txt"):
        return Format.REQUIREMENTS
    return found


def is_requirements(name: str) -> bool:
    """Say whether a path is named like a requirements file, compiled or not."""
    return _REQUIREMENTS.fullmatch(name) is not None


def is_manifest(name: str) -> bool:
    """Say whether a path is named like a manifest whose lock we look for."""
    base = base_of(name)
    return base in {"package.json", "pyproject.toml"} or (
        is_requirements(name) and base.endswith(".in")
    )


def is_lock_or_manifest(name: str) -> bool:
    """Say whether a path is a lock, or a manifest that needs one."""
    return lock_format(name) is not None or is_manifest(name)


def rivals(written: Format) -> frozenset[Format]:
    """Return the formats of which one folder should have a single one."""
    for family in (NODE, PYTHON):
        if written in family:
            return family
    return frozenset()
