from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from supplychain.core.digest import Digest
from supplychain.mirror.reference import ModelReference
from supplychain.mirror.store import DamagedStoreError, Store
from tests.unit.mirror.test_snapshot import SNAPSHOT

DATA = b"content"
DIGEST = Digest.of(DATA)
GIT = "a" * 40


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "quarantine" / "x").mkdir(parents=True)
    return Store(tmp_path)


@pytest.fixture
def part(store: Store) -> Path:
    path = store.quarantine / "x" / "y.part"
    path.write_bytes(DATA)
    return path


def test_an_adopted_blob_lies_under_its_digest_and_cannot_be_written(
    store: Store, part: Path
) -> None:
    store.adopt(part, DIGEST, GIT)
    path = store.root / "blobs" / "sha256" / DIGEST.hex[:2] / DIGEST.hex
    assert store.blob_path(DIGEST) == path
    assert path.read_bytes() == DATA
    assert path.stat().st_mode & 0o777 == 0o444
    assert not part.exists()
    assert store.sha256_of(GIT) == DIGEST


def test_a_blob_is_here_only_as_a_regular_file_of_its_size(store: Store, part: Path) -> None:
    assert not store.has(DIGEST, len(DATA))
    store.adopt(part, DIGEST, None)
    assert store.has(DIGEST, len(DATA))
    assert not store.has(DIGEST, len(DATA) + 1)
    store.blob_path(DIGEST).unlink()
    store.blob_path(DIGEST).symlink_to("/etc/hostname")
    assert not store.has(DIGEST, Path("/etc/hostname").stat().st_size)


def test_an_index_entry_that_is_no_digest_does_not_count(store: Store, part: Path) -> None:
    store.adopt(part, DIGEST, GIT)
    (store.root / "index" / "git-sha1" / GIT[:2] / GIT).write_text("../../etc/passwd")
    assert store.sha256_of(GIT) is None
    assert store.sha256_of("b" * 40) is None


def test_a_part_that_is_a_link_is_not_adopted(store: Store, part: Path) -> None:
    part.unlink()
    part.symlink_to("/etc/hostname")
    with pytest.raises(OSError, match="symbolic link"):
        store.adopt(part, DIGEST, None)
    assert not store.blob_path(DIGEST).exists()


def test_a_published_snapshot_is_found_and_listed(store: Store) -> None:
    other = replace(SNAPSHOT, reference=ModelReference.parse("hf.co/a/a"))
    for one in (SNAPSHOT, other):
        store.publish(one, store.quarantine / "x")
    assert store.find(SNAPSHOT.reference, SNAPSHOT.revision) == SNAPSHOT
    assert store.find(SNAPSHOT.reference, "d" * 40) is None
    assert list(store.snapshots()) == [other, SNAPSHOT]
    assert list((store.quarantine / "x").iterdir()) == []


def test_a_long_reference_gets_a_name_that_the_disk_takes(store: Store) -> None:
    patterns = tuple(f"{'ü' * 60}{number}.gguf" for number in range(40))
    long = replace(SNAPSHOT, reference=replace(SNAPSHOT.reference, patterns=patterns))
    store.publish(long, store.quarantine / "x")
    assert store.find(long.reference, long.revision) == long


def test_a_document_under_another_name_is_damage(store: Store) -> None:
    store.publish(SNAPSHOT, store.quarantine / "x")
    (path,) = store.documents()
    path.rename(path.with_name("hf.co%2Fevil%2Fb@" + "c" * 40 + ".json"))
    (found,) = store.snapshots()
    assert isinstance(found, DamagedStoreError)
    assert found.reason == "lies under the name of another snapshot"
