"""Evidence of the images stage, made for fixtures: only what a test cares about is spelt out."""

from __future__ import annotations

from datetime import UTC, datetime

from supplychain.core.digest import Digest
from supplychain.core.evidence import Producer
from supplychain.core.finding import Location
from supplychain.core.lock import LockedImage, LockedPlatform, SeenDigest
from supplychain.core.reference import DEFAULT_PLATFORM, ImageReference, Platform
from supplychain.core.subject import Subject, SubjectKind
from supplychain.images.evidence import (
    AllowedRegistries,
    ImageUse,
    LockedTag,
    LockLookup,
    Resolution,
    UseKind,
)

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
MAKER = Producer(name="fixture", version="1")
FILE = Subject(kind=SubjectKind.DOCKERFILE, ref="web/Dockerfile", path="web/Dockerfile")
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"


def digest(seed: str) -> Digest:
    """Return a digest that depends on ``seed`` alone."""
    return Digest.of(seed.encode())


def use(text: str, *, line: int = 1, platform: Platform = DEFAULT_PLATFORM) -> ImageUse:
    """Return the use of the image that ``text`` names, by a FROM."""
    reference = ImageReference.parse(text)
    return ImageUse(
        subject=FILE,
        producer=MAKER,
        observed_at=NOW,
        link=str(reference),
        reference=reference,
        kind=UseKind.FROM,
        raw=text,
        location=Location(path=FILE.path, line=line),
        platform=platform,
    )


def entry(text: str, seed: str = "locked") -> LockedImage:
    """Return a lock entry for the reference that ``text`` names."""
    platform = LockedPlatform(
        platform=DEFAULT_PLATFORM, digest=digest(f"{seed} child"), layers=1, chain_id=digest("c")
    )
    return LockedImage(
        reference=ImageReference.parse(text).lock_key,
        digest=digest(seed),
        media_type=INDEX_TYPE,
        platforms=(platform,),
        seen=(SeenDigest(digest=digest(seed), first_seen=NOW),),
    )


def lookup(of: ImageUse, *, locked: bool, lock_exists: bool = True) -> LockLookup:
    """Return what a lock says of a use: an entry with the digest of "locked", or nothing."""
    return LockLookup(
        subject=FILE,
        producer=MAKER,
        observed_at=NOW,
        link=of.link,
        lock_path="supplychain.lock",
        lock_exists=lock_exists,
        entry=entry(str(of.reference)) if locked else None,
    )


def resolution(of: ImageUse, *, exists: bool = True) -> Resolution:
    """Return what a registry says of a use."""
    return Resolution(
        subject=FILE,
        producer=MAKER,
        observed_at=NOW,
        link=of.link,
        image=digest("current") if exists else None,
        source=of.reference.registry,
        absence=None if exists else "has no such manifest",
    )


def allowed(of: ImageUse, *prefixes: str) -> AllowedRegistries:
    """Return an allow list joined to a use."""
    return AllowedRegistries(
        subject=FILE, producer=MAKER, observed_at=NOW, link=of.link, prefixes=prefixes
    )


def locked_tag(text: str, *, used: bool = True, current: str | None = "locked") -> LockedTag:
    """Return a lock entry beside what its registry says: the digest of the seed ``current``."""
    return LockedTag(
        subject=FILE,
        producer=MAKER,
        observed_at=NOW,
        link=text,
        entry=entry(text),
        used=used,
        current=digest(current) if current else None,
        location=Location(path="supplychain.lock", line=5),
    )
