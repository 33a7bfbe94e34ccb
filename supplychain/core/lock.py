"""The fleet's lock: what each image reference meant when it was resolved, and since when.

Read and written by ``fleet.lock_file``. Chain ids are those of the OCI image specification,
config.md "Layer ChainID": the digest of a whole stack of uncompressed layers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from supplychain.core.digest import Digest
from supplychain.core.reference import ImageReference, Platform

MAX_SEEN = 64  # digests remembered for one reference; a monthly rebuild fills five years


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedPlatform:
    """One platform of a locked image: its manifest, its number of layers and their chain id.

    An image without layers has no chain id.
    """

    platform: Platform
    digest: Digest
    layers: int
    chain_id: Digest | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenDigest:
    """A digest that a reference has had, and when we first saw it."""

    digest: Digest
    first_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedImage:
    """What one reference resolves to. ``reference`` is the reference's ``lock_key``.

    ``absent`` are platforms that the fleet asks for and the image does not have.
    """

    reference: str
    digest: Digest
    media_type: str
    platforms: tuple[LockedPlatform, ...]
    absent: tuple[Platform, ...] = ()
    seen: tuple[SeenDigest, ...]

    @property
    def first_seen(self) -> datetime | None:
        """When the locked digest was first seen."""
        for seen in self.seen:
            if seen.digest == self.digest:
                return seen.first_seen
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedModel:
    """What one reference to a model of a hub stands for.

    ``revision`` is a commit; ``digest`` is over the sorted list of its files (path, size, sha256),
    which lies in the store.
    """

    reference: str
    revision: str
    digest: Digest
    first_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """All locked images and models by their reference."""

    images: Mapping[str, LockedImage] = field(default_factory=dict)
    models: Mapping[str, LockedModel] = field(default_factory=dict)

    def find(self, reference: ImageReference) -> LockedImage | None:
        """Return the entry for a reference, whatever digest the reference itself carries."""
        return self.images.get(reference.lock_key)


def with_history(new: LockedImage, old: LockedImage | None, now: datetime) -> LockedImage:
    """Return ``new`` with the digests that ``old`` has seen, and its own if it was not among them.

    The oldest are forgotten beyond ``MAX_SEEN``, the locked digest never.
    """
    history = {seen.digest: seen for seen in (old.seen if old else ())}
    history.setdefault(new.digest, SeenDigest(digest=new.digest, first_seen=now))
    locked = history.pop(new.digest)
    others = sorted(history.values(), key=_age)[-(MAX_SEEN - 1) :]
    return replace(new, seen=tuple(sorted([*others, locked], key=_age)))


def lock_of(images: Iterable[LockedImage]) -> Lock:
    """Build a lock; of two entries for one reference the later wins."""
    return Lock(images={image.reference: image for image in images})


def _age(seen: SeenDigest) -> tuple[datetime, str]:
    return seen.first_seen, str(seen.digest)
