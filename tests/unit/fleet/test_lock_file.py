from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from supplychain.core.digest import Digest
from supplychain.core.lock import (
    MAX_SEEN,
    Lock,
    LockedImage,
    LockedModel,
    LockedPlatform,
    SeenDigest,
    lock_of,
)
from supplychain.core.reference import Platform
from supplychain.errors import ConfigError
from supplychain.fleet.lock_file import HEADER, lock_text, read_lock, write_lock

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def digest(seed: str) -> Digest:
    return Digest.of(seed.encode())


def platform(text: str, *, layers: int = 2) -> LockedPlatform:
    return LockedPlatform(
        platform=Platform.parse(text),
        digest=digest(text),
        layers=layers,
        chain_id=digest("chain") if layers else None,
    )


def image(reference: str, *platforms: LockedPlatform) -> LockedImage:
    return LockedImage(
        reference=reference,
        digest=digest(reference),
        media_type="application/vnd.oci.image.index.v1+json",
        platforms=platforms or (platform("linux/amd64"),),
        seen=(SeenDigest(digest=digest(reference), first_seen=START),),
    )


NODE, REDIS = "docker.io/library/node:22", "docker.io/library/redis:8"


def test_is_written_for_people_to_review() -> None:
    text = lock_text(
        lock_of([image(NODE, platform("linux/arm64", layers=0), platform("linux/amd64"))])
    )
    assert text == (
        f"{HEADER}\n"
        "[[image]]\n"
        f'reference = "{NODE}"\n'
        f'digest = "{digest(NODE)}"\n'
        'media_type = "application/vnd.oci.image.index.v1+json"\n'
        "platforms = [\n"
        f'    {{ platform = "linux/amd64", digest = "{digest("linux/amd64")}", layers = 2, '
        f'chain_id = "{digest("chain")}" }},\n'
        f'    {{ platform = "linux/arm64", digest = "{digest("linux/arm64")}", layers = 0 }},\n'
        "]\n"
        "seen = [\n"
        f'    {{ digest = "{digest(NODE)}", first_seen = 2026-01-02T03:04:05Z }},\n'
        "]\n"
    )


def test_of_nothing_is_its_header() -> None:
    assert lock_text(Lock()) == HEADER
    assert tomllib.loads(HEADER) == {"version": 1}


def test_has_one_text_whatever_the_order() -> None:
    one, two = image(NODE), image(REDIS)
    assert lock_text(lock_of([one, two])) == lock_text(lock_of([two, one]))


def test_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "supplychain.lock"
    model = LockedModel(
        reference="hf.co/acme/tiny", revision="a" * 40, digest=digest("m"), first_seen=START
    )
    lock = Lock(images={NODE: image(NODE), REDIS: image(REDIS)}, models={model.reference: model})
    assert write_lock(path, lock)
    assert read_lock(path) == lock
    assert not write_lock(path, lock)


def test_times_are_written_in_utc(tmp_path: Path) -> None:
    path = tmp_path / "supplychain.lock"
    east = START.astimezone(timezone(timedelta(hours=2)))
    seen = (SeenDigest(digest=digest(NODE), first_seen=east),)
    write_lock(path, lock_of([replace(image(NODE), seen=seen)]))
    read = read_lock(path)
    assert read is not None
    assert read.images[NODE].first_seen == START
    assert "2026-01-02T03:04:05Z" in path.read_text(encoding="utf-8")


def test_spellings_of_a_platform_are_made_equal(tmp_path: Path) -> None:
    path = tmp_path / "supplychain.lock"
    text = lock_text(lock_of([image(NODE)])).replace("linux/amd64", "linux/x86_64")
    path.write_text(text, encoding="utf-8")
    read = read_lock(path)
    assert read is not None
    assert [str(one.platform) for one in read.images[NODE].platforms] == ["linux/amd64"]


def test_none_is_told_from_one_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "supplychain.lock"
    assert read_lock(path) is None
    path.symlink_to("nowhere")
    with pytest.raises(ConfigError, match="no such file"):
        read_lock(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (NODE, "node:22", "is not written out"),
        (NODE, f"{NODE}@{digest('a')}", "is not written out"),
        (NODE, "Node", "upper-case letters"),
        ("layers = 2", "layers = -1", "greater than or equal to 0"),
        ("layers = 2", "layers = 1001", "less than or equal to 1000"),
        ("linux/amd64", "linux", "is not OS/ARCHITECTURE"),
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05", "should have timezone info"),
        ("application/vnd.oci", 'x" y/', "is no TOML"),
        ("vnd.oci.image.index.v1+json", "a b", "should match pattern"),
        (str(digest(NODE)), "sha256:0", "64 lower-case"),
        ("seen = [", "seem = [", "unknown key 'image.0.seem'"),
    ],
)
def test_one_that_says_what_it_may_not_is_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = tmp_path / "supplychain.lock"
    path.write_text(lock_text(lock_of([image(NODE)])).replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        read_lock(path)


def test_two_entries_for_one_reference_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "supplychain.lock"
    text = lock_text(lock_of([image(NODE)]))
    block = text.removeprefix(HEADER)
    path.write_text(f"{text}{block}", encoding="utf-8")
    with pytest.raises(ConfigError, match=f":16: a second entry for '{NODE}'"):
        read_lock(path)


def test_more_than_was_ever_seen_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "supplychain.lock"
    seen = tuple(SeenDigest(digest=digest(str(n)), first_seen=START) for n in range(MAX_SEEN + 1))
    text = lock_text(lock_of([replace(image(NODE), seen=seen)]))
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="at most 64 items"):
        read_lock(path)
