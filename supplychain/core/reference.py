"""Image references and platforms.

The grammar is that of github.com/distribution/reference v0.6.0 (``regexp.go``, ``normalize.go``):
a first component with a dot, a colon, or an upper-case letter, or ``localhost``, is a registry;
anything else lies on Docker Hub, single names under ``library/``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Self

from supplychain.core.digest import Digest, InvalidDigestError

DEFAULT_REGISTRY = "docker.io"
DEFAULT_TAG = "latest"
MAX_REPOSITORY = 255  # characters; distribution/reference RepositoryNameTotalLengthMax
MAX_REFERENCE = 1024  # characters; longer than any name, tag and sha512 digest together

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_DOMAIN_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_REGISTRY = re.compile(
    rf"(?:{_DOMAIN_LABEL}(?:\.{_DOMAIN_LABEL})*|\[[a-fA-F0-9:]{{2,45}}\])(?::[0-9]{{1,5}})?"
)
_PORT = re.compile(r":[0-9]+\Z")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_IDENTIFIER = re.compile(r"[a-f0-9]{64}")
_PLATFORM = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+){1,2}")

# Spellings of one system, architecture and variant; github.com/containerd/platforms v1.0.0-rc.5,
# database.go normalizeOS and normalizeArch. An architecture with a variant of its own has no other.
_SYSTEMS = {"macos": "darwin"}
_ARCHITECTURES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64"}
_ARCHITECTURES_WITH_VARIANT = {"i386": ("386", ""), "armhf": ("arm", "v7"), "armel": ("arm", "v6")}
_VARIANTS = {
    "amd64": {"v1": ""},
    "arm64": {"8": "", "v8": "", "v8.0": "", "9": "v9", "9.0": "v9", "v9.0": "v9"},
    "arm": {"": "v7", "5": "v5", "6": "v6", "7": "v7", "8": "v8"},
}


class InvalidReferenceError(ValueError):
    """The text is not an image reference; the message says which part is wrong."""


@dataclass(frozen=True, slots=True, order=True)
class ImageReference:
    """An image reference with its registry and repository written out."""

    registry: str
    repository: str
    tag: str | None = None
    digest: Digest | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a reference as Docker does, without adding a tag.

        Raises:
            InvalidReferenceError: the text breaks the grammar, in whole or in one part.
        """
        if not text or len(text) > MAX_REFERENCE:
            message = "is empty" if not text else f"has more than {MAX_REFERENCE} characters"
            raise InvalidReferenceError(message)
        if _IDENTIFIER.fullmatch(text):
            message = "is 64 hexadecimal digits, which Docker takes for an image id"
            raise InvalidReferenceError(message)
        name, at, digest_text = text.partition("@")
        digest = _parse_digest(digest_text) if at else None
        head, slash, last = name.rpartition("/")
        last, colon, tag = last.partition(":")
        if colon and not _TAG.fullmatch(tag):
            message = f"has an invalid tag {tag[:64]!r}"
            raise InvalidReferenceError(message)
        registry, repository = _split_registry(f"{head}{slash}{last}")
        return cls(registry, repository, tag if colon else None, digest)

    @property
    def name(self) -> str:
        """Registry and repository, written out: ``docker.io/library/node``."""
        return f"{self.registry}/{self.repository}"

    @property
    def familiar_name(self) -> str:
        """The name as people write it: ``node`` for ``docker.io/library/node``."""
        if self.registry != DEFAULT_REGISTRY:
            return self.name
        return self.repository.removeprefix("library/")

    @property
    def lock_key(self) -> str:
        """What the lock knows this reference by: name and tag; name and digest where no tag is."""
        if self.tag is None and self.digest is not None:
            return f"{self.name}@{self.digest}"
        return f"{self.name}:{self.tag or DEFAULT_TAG}"

    def is_below(self, *prefixes: str) -> bool:
        """Say whether the reference lies in a registry, or below a name, that a prefix gives.

        A prefix without a port covers every port of its host.
        """
        host = self.registry.rpartition(":")[0] if _PORT.search(self.registry) else self.registry
        names = (self.name, f"{host}/{self.repository}")
        starts = tuple(f"{prefix.rstrip('/')}/" for prefix in prefixes)
        return any(f"{name}/".startswith(starts) for name in names)

    def pinned(self, digest: Digest) -> str:
        """Return the familiar spelling with ``digest``; a tag stays for people to read."""
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.familiar_name}{tag}@{digest}"

    def without_digest(self) -> Self:
        """Return the reference by its tag alone."""
        return replace(self, digest=None)

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.name}{tag}{digest}"


@dataclass(frozen=True, slots=True, order=True)
class Platform:
    """An operating system and processor, with a variant where it matters."""

    os: str
    architecture: str
    variant: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``os/architecture[/variant]``, spellings of one platform made equal.

        Raises:
            InvalidReferenceError: the text has another shape.
        """
        if not _PLATFORM.fullmatch(text):
            message = f"platform {text[:64]!r} is not OS/ARCHITECTURE[/VARIANT]"
            raise InvalidReferenceError(message)
        os, architecture, *rest = text.lower().split("/")
        return cls.normalized(os, architecture, rest[0] if rest else "")

    @classmethod
    def normalized(cls, os: str, architecture: str, variant: str = "") -> Self:
        """Build a platform; spellings of one platform and default variants become equal."""
        os = _SYSTEMS.get(os, os)
        if architecture in _ARCHITECTURES_WITH_VARIANT:
            return cls(os, *_ARCHITECTURES_WITH_VARIANT[architecture])
        architecture = _ARCHITECTURES.get(architecture, architecture)
        return cls(os, architecture, _VARIANTS.get(architecture, {}).get(variant, variant))

    def __str__(self) -> str:
        return f"{self.os}/{self.architecture}" + (f"/{self.variant}" if self.variant else "")


DEFAULT_PLATFORM = Platform("linux", "amd64")


def _parse_digest(text: str) -> Digest:
    try:
        return Digest.parse(text)
    except InvalidDigestError as error:
        message = f"has an invalid digest: {error}"
        raise InvalidReferenceError(message) from None


def _split_registry(name: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    is_registry = bool(slash) and (
        any(sign in first for sign in ".:[") or first == "localhost" or first.lower() != first
    )
    registry, repository = (first, rest) if is_registry else (DEFAULT_REGISTRY, name)
    if registry == "index.docker.io":
        registry = DEFAULT_REGISTRY
    if registry == DEFAULT_REGISTRY and "/" not in repository:
        repository = f"library/{repository}"
    if not _REGISTRY.fullmatch(registry):
        message = f"has an invalid registry {registry[:64]!r}"
        raise InvalidReferenceError(message)
    if not _REPOSITORY.fullmatch(repository):
        why = "upper-case letters" if repository.lower() != repository else "an invalid name"
        message = f"has {why} in {repository[:64]!r}"
        raise InvalidReferenceError(message)
    if len(repository) > MAX_REPOSITORY:
        message = f"has a name of more than {MAX_REPOSITORY} characters"
        raise InvalidReferenceError(message)
    return registry, repository
