"""Content digests, as the OCI image specification writes them (descriptor.md, "Digests")."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Self

_HEX_LENGTHS = {"sha256": 64, "sha512": 128}
_HEX = re.compile(r"[0-9a-f]+")


class InvalidDigestError(ValueError):
    """The text is not a digest of an accepted algorithm."""


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """A digest by an algorithm we accept: sha256 or sha512, lower-case hexadecimal."""

    algorithm: str
    hex: str

    def __post_init__(self) -> None:
        length = _HEX_LENGTHS.get(self.algorithm)
        if length is None:
            message = f"digest algorithm {self.algorithm[:32]!r} is not sha256 or sha512"
            raise InvalidDigestError(message)
        if len(self.hex) != length or not _HEX.fullmatch(self.hex):
            message = f"a {self.algorithm} digest has {length} lower-case hexadecimal digits"
            raise InvalidDigestError(message)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``algorithm:hex``.

        Raises:
            InvalidDigestError: the text is anything else.
        """
        algorithm, _, digits = text.partition(":")
        return cls(algorithm, digits)

    @classmethod
    def of(cls, data: bytes, algorithm: str = "sha256") -> Self:
        """Return the digest of ``data``."""
        return cls(algorithm, hashlib.new(algorithm, data, usedforsecurity=True).hexdigest())

    def matches(self, data: bytes) -> bool:
        """Say whether ``data`` has this digest."""
        return hmac.compare_digest(type(self).of(data, self.algorithm).hex, self.hex)

    @property
    def short(self) -> str:
        """The first twelve digits, for people."""
        return f"{self.algorithm}:{self.hex[:12]}"

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.hex}"
