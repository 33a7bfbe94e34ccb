"""Evidence of the images stage."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from supplychain.core.digest import Digest
from supplychain.core.evidence import Evidence, MalformedFile
from supplychain.core.finding import Location
from supplychain.core.lock import LockedImage
from supplychain.core.reference import ImageReference, Platform


class UseKind(StrEnum):
    """What names an image: a Dockerfile's instruction, or a compose service."""

    FROM = "from"
    COPY = "copy"
    MOUNT = "mount"
    SYNTAX = "syntax"
    SERVICE = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageUse(Evidence):
    """One image that a file refers to. Its link is the reference written out."""

    reference: ImageReference
    kind: UseKind
    raw: str
    location: Location
    platform: Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidReference(Evidence):
    """A word that stands where an image is named and is no reference."""

    raw: str
    reason: str
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class LockLookup(Evidence):
    """What the lock says of a reference. ``entry`` is ``None`` where it says nothing."""

    lock_path: str
    lock_exists: bool
    entry: LockedImage | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution(Evidence):
    """What a reference means: by the lock, else by its registry.

    ``image`` is the digest of its manifest, ``None`` where the registry knows no such image;
    ``absence`` is then what the registry said.
    """

    image: Digest | None
    source: str
    absence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedAnswer(Evidence):
    """A registry answered what only a broken or hostile one answers."""

    replaces_answer: ClassVar[bool] = True

    reference: ImageReference
    reason: str
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedRegistries(Evidence):
    """The registries, or names below one, that the policy lets images come from."""

    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MalformedDockerfile(MalformedFile):
    """A Dockerfile that BuildKit would refuse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedTag(Evidence):
    """An entry of the lock beside what its registry says today.

    ``used`` says whether any file of the project still refers to it; ``current`` is ``None`` where
    that was not asked, or where the registry no longer has the tag; ``pinned_at`` is the first
    place where a file names it with a digest of its own, which the lock follows.
    """

    entry: LockedImage
    used: bool
    current: Digest | None
    location: Location
    pinned_at: Location | None = None
