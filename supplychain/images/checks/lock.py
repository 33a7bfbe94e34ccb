"""Checks on the lock itself, run by ``lock --check`` (IMG)."""

from __future__ import annotations

from collections.abc import Iterator

from supplychain.core.check import LockMoment, check
from supplychain.core.digest import Digest
from supplychain.core.finding import Hit, Severity
from supplychain.core.reference import ImageReference
from supplychain.images.evidence import ImageUse, LockedTag, LockLookup


@check("IMG009", "locked-tag-moved", on=LockedTag, severity=Severity.HIGH, lock=[LockMoment.CHECK])
def locked_tag_moved(tag: LockedTag) -> Iterator[Hit]:
    """A tag means something else today than when it was locked.

    ## What it does
    Asks the registry what each locked tag means now and compares digests. Only `lock --check` asks;
    the gate believes the lock.

    ## Why it matters
    A moved tag is a new build: most often a fix that the fleet lacks, sometimes a takeover. Either
    way somebody should look before it is pulled.

    ## Example
    The lock says `docker.io/library/redis:7.4-alpine` is `sha256:aaaa…`, Docker Hub `sha256:bbbb…`.

    ## How to fix
    Read what changed, then run `supplychain lock --upgrade` and gate the result. A digest that a
    file names wins over the tag, so there write the new digest into the file and run
    `supplychain lock`.
    """
    if tag.used and tag.current is not None and tag.current != tag.entry.digest:
        yield Hit(
            message=f"'{tag.entry.reference}' moved from {tag.entry.digest.short} "
            f"to {tag.current.short}",
            location=tag.location,
            hint=f"read what changed, then {_follow(tag, tag.current)}",
            key=tag.entry.reference,
            properties={"locked": str(tag.entry.digest), "current": str(tag.current)},
        )


@check("IMG010", "lock-entry-unused", on=LockedTag, severity=Severity.LOW, lock=[LockMoment.CHECK])
def lock_entry_unused(tag: LockedTag) -> Iterator[Hit]:
    """An entry of supplychain.lock belongs to no reference of the project.

    ## What it does
    Reports locked references that no Dockerfile or compose file names any more.

    ## Why it matters
    It does no harm, but it hides which images the project really rests on.

    ## Example
    The last service on `redis:6` was removed, its entry stayed.

    ## How to fix
    Run `supplychain lock`; it drops what nothing uses.
    """
    if not tag.used:
        yield Hit(
            message=f"'{tag.entry.reference}' is locked, but nothing uses it",
            location=tag.location,
            hint="run `supplychain lock`",
            key=tag.entry.reference,
        )


@check(
    "IMG011",
    "image-platform-not-locked",
    on=ImageUse,
    needs=(LockLookup,),
    severity=Severity.MEDIUM,
    lock=[LockMoment.CHECK],
)
def image_platform_not_locked(use: ImageUse, lookup: LockLookup) -> Iterator[Hit]:
    """An image is used on a platform that its lock entry does not list.

    ## What it does
    Compares the platforms that a file builds or runs an image on with those of the lock, and tells
    those that the image does not have at all.

    ## Why it matters
    Whether a built image really stands on its base is proved by the layers that the lock holds for
    that platform. For a platform that is not locked nothing can be proved.

    ## Example
    `FROM --platform=linux/arm64 node:22` while the lock holds linux/amd64 only.

    ## How to fix
    Run `supplychain lock`. Where the image lacks the platform, choose one that has it, or take the
    platform out of the fleet file.
    """
    entry = lookup.entry
    if entry is not None and use.platform not in {one.platform for one in entry.platforms}:
        is_absent = use.platform in entry.absent
        who = "the image does not have" if is_absent else f"{lookup.lock_path} does not list"
        yield Hit(
            message=f"'{use.reference.lock_key}' is used on {use.platform}, which {who}",
            location=use.location,
            hint="choose an image for that platform" if is_absent else "run `supplychain lock`",
            key=f"{use.raw}\0{use.platform}",
            properties={"platform": str(use.platform)},
        )


def _follow(tag: LockedTag, current: Digest) -> str:
    """Return how to follow a tag: `--upgrade` moves no entry that a file pins."""
    if tag.pinned_at is None:
        return "run `supplychain lock --upgrade`"
    pinned = ImageReference.parse(tag.entry.reference).pinned(current)
    return f"write {pinned} in {tag.pinned_at}, then run `supplychain lock`"
