"""Versions and ranges as npm compares them; node-semver stands behind this module alone."""

from __future__ import annotations

import re
from functools import lru_cache

import nodesemver  # type: ignore[import-untyped]

MAX_VERSION = 256  # characters; node-semver 7 MAX_LENGTH
MAX_RANGE = 1024  # characters; the longest seen in a registry has about 300

_SPACES = re.compile(r"\s+")


@lru_cache(maxsize=65_536)
def satisfies(version: str, wanted: str) -> bool | None:
    """Say whether a version lies in a range, loosely as npm does; ``None`` beyond our limits."""
    if len(version) > MAX_VERSION or len(wanted) > MAX_RANGE:
        return None
    wanted = _SPACES.sub(" ", wanted).strip()
    if wanted in ("", "*"):
        return True
    try:
        return bool(nodesemver.satisfies(version, wanted, loose=True))
    except (ValueError, TypeError, KeyError, IndexError):
        return False


@lru_cache(maxsize=4_096)
def is_range(text: str) -> bool:
    """Say whether a word is a version or a range of versions, and not a tag."""
    text = _SPACES.sub(" ", text).strip()
    if len(text) > MAX_RANGE:
        return True
    try:
        return nodesemver.valid_range(text, loose=True) is not None
    except (ValueError, TypeError, KeyError, IndexError):
        return False


def is_version(text: str) -> bool:
    """Say whether a word is one exact version."""
    if not text or len(text) > MAX_VERSION:
        return False
    try:
        return nodesemver.valid(text.strip().removeprefix("="), loose=True) is not None
    except (ValueError, TypeError, KeyError, IndexError):
        return False
