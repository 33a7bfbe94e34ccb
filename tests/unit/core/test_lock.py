from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from supplychain.core.digest import Digest
from supplychain.core.lock import MAX_SEEN, LockedImage, SeenDigest, lock_of, with_history
from supplychain.core.reference import ImageReference

START = datetime(2026, 1, 1, tzinfo=UTC)


def digest(number: int) -> Digest:
    return Digest.of(str(number).encode())


def entry(number: int) -> LockedImage:
    return LockedImage(
        reference="docker.io/library/node:22",
        digest=digest(number),
        media_type="application/vnd.oci.image.index.v1+json",
        platforms=(),
        seen=(),
    )


def test_the_first_entry_was_seen_now() -> None:
    locked = with_history(entry(1), None, START)
    assert locked.seen == (SeenDigest(digest=digest(1), first_seen=START),)
    assert locked.first_seen == START


def test_what_was_seen_before_stays_with_its_day() -> None:
    later = START + timedelta(days=30)
    locked = with_history(entry(2), with_history(entry(1), None, START), later)
    assert [(one.digest, one.first_seen) for one in locked.seen] == [
        (digest(1), START),
        (digest(2), later),
    ]
    assert locked.first_seen == later


def test_a_digest_that_comes_back_keeps_its_first_day() -> None:
    one = with_history(entry(1), None, START)
    two = with_history(entry(2), one, START + timedelta(days=1))
    back = with_history(entry(1), two, START + timedelta(days=2))
    assert back.first_seen == START
    assert len(back.seen) == 2


def test_the_same_digest_again_changes_nothing() -> None:
    locked = with_history(entry(1), None, START)
    assert with_history(entry(1), locked, START + timedelta(days=9)) == locked


def test_the_oldest_are_forgotten_the_locked_one_never() -> None:
    locked = with_history(entry(0), None, START)
    for number in range(1, MAX_SEEN + 20):
        locked = with_history(entry(number), locked, START + timedelta(days=number))
        assert len(locked.seen) <= MAX_SEEN
    kept = {one.digest for one in locked.seen}
    assert kept == {digest(number) for number in range(20, MAX_SEEN + 20)}
    oldest = with_history(entry(20), locked, START + timedelta(days=999))
    newer = with_history(replace(oldest, digest=digest(20)), oldest, START + timedelta(days=1000))
    assert digest(20) in {one.digest for one in newer.seen}
    assert newer.first_seen == START + timedelta(days=20)


def test_an_entry_whose_digest_has_no_history_has_no_first_day() -> None:
    assert entry(1).first_seen is None


def test_a_lock_is_asked_by_reference_whatever_its_digest() -> None:
    lock = lock_of([entry(1)])
    for text in ("node:22", "docker.io/library/node:22", f"node:22@{digest(2)}"):
        assert lock.find(ImageReference.parse(text)) == entry(1)
    for text in ("node", "node:23", f"node@{digest(1)}", "ghcr.io/library/node:22"):
        assert lock.find(ImageReference.parse(text)) is None
