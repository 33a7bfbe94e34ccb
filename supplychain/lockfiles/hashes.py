"""Hashes in lock files: ``algorithm:value``, the value hexadecimal or base64."""

from __future__ import annotations

import base64
import binascii
import re
from enum import StrEnum

SIZES = {"md5": 16, "sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}  # bytes
_HEX = re.compile(r"[0-9a-fA-F]+")


class Standing(StrEnum):
    """What a hash is worth."""

    GOOD = "good"
    WEAK = "weak"
    BAD = "bad"


def standing(text: str, accepted: tuple[str, ...]) -> Standing:
    """Return what a hash is worth: of an accepted algorithm, sha1, or no hash at all."""
    algorithm, _, value = text.partition(":")
    size = SIZES.get(algorithm)
    if size is None or _length(value.partition("?")[0]) != size:
        return Standing.BAD
    if algorithm in accepted:
        return Standing.GOOD
    return Standing.WEAK if algorithm == "sha1" else Standing.BAD


def _length(value: str) -> int | None:
    """Return how many bytes a value stands for, ``None`` where it is in no known alphabet."""
    if _HEX.fullmatch(value) and len(value) // 2 in SIZES.values() and len(value) % 2 == 0:
        return len(value) // 2
    try:
        return len(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        return None
