from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.access.huggingface_answers import HubFile
from supplychain.core.digest import Digest
from supplychain.core.limits import MIB
from supplychain.mirror import part as module
from supplychain.mirror.part import Part

DATA = os.urandom(9 * MIB + 12345)


def large(data: bytes) -> HubFile:
    return HubFile(name="m", size=len(data), git_sha1="0" * 40, sha256=Digest.of(data))


def small(data: bytes) -> HubFile:
    blob = b"blob %d\0" % len(data) + data
    return HubFile(name="m", size=len(data), git_sha1=hashlib.sha1(blob).hexdigest())  # noqa: S324


def write(part: Part, data: bytes, step: int) -> None:
    with part.appending() as append:
        for start in range(0, len(data), step):
            append(data[start : start + step])


def broken(part: Part) -> None:
    with part.appending() as append:
        append(DATA[:1000])
        raise ConnectionError


@pytest.mark.parametrize("step", [65_483, MIB])
def test_what_is_appended_is_on_disk_and_hashed(tmp_path: Path, step: int) -> None:
    with Part(tmp_path / "x", large(DATA)) as part:
        write(part, DATA, step)
        assert part.is_as_promised
        assert part.sha256 == Digest.of(DATA)
    assert (tmp_path / "x").read_bytes() == DATA


def test_a_small_file_is_compared_by_its_git_id(tmp_path: Path) -> None:
    with Part(tmp_path / "x", small(b"abc")) as part:
        write(part, b"abc", 2)
        assert part.is_as_promised
    with Part(tmp_path / "y", small(b"abc")) as part:
        write(part, b"abd", 2)
        assert not part.is_as_promised


@pytest.mark.parametrize("data", [b"", b"ab", b"abd", b"abcd"])
def test_other_bytes_are_not_as_promised(tmp_path: Path, data: bytes) -> None:
    with Part(tmp_path / "x", large(b"abc")) as part:
        write(part, data, 1)
        assert not part.is_as_promised


def test_a_part_goes_on_where_an_earlier_process_stopped(tmp_path: Path) -> None:
    with Part(tmp_path / "x", large(DATA)) as part:
        write(part, DATA[: 2 * MIB + 5], MIB)
    counted: list[int] = []
    with Part(tmp_path / "x", large(DATA)) as part:
        assert part.have == 0
        part.recheck(counted.append)
        assert part.have == sum(counted) == 2 * MIB + 5
        write(part, DATA[part.have :], MIB)
        assert part.is_as_promised


def test_more_bytes_than_the_file_has_are_forgotten(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abcd")
    with Part(tmp_path / "x", large(b"abc")) as part:
        part.recheck(lambda _: None)
        assert part.have == 0
    assert (tmp_path / "x").read_bytes() == b""


def test_a_part_that_is_a_link_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "x").symlink_to(tmp_path / "y")
    with pytest.raises(OSError, match="symbolic link"):
        Part(tmp_path / "x", large(b"abc"))
    assert not (tmp_path / "y").exists()


def test_a_disk_that_is_full_is_told_and_no_half_piece_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Part(tmp_path / "x", large(DATA)) as part:
        write(part, DATA[: 2 * MIB], MIB)

        def full(*_: object) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "pwritev", full)
        with pytest.raises(OSError, match="No space left"):
            write(part, DATA[2 * MIB :], MIB)
        assert part.have == 2 * MIB
        assert part.sha256 == Digest.of(DATA[: 2 * MIB])


def test_bytes_are_kept_when_the_connection_breaks(tmp_path: Path) -> None:
    with Part(tmp_path / "x", large(DATA)) as part:
        with pytest.raises(ConnectionError):
            broken(part)
        assert part.have == 1000
        assert part.sha256 == Digest.of(DATA[:1000])


@given(st.lists(st.binary(max_size=5), max_size=6), st.integers(0, 30))
def test_what_is_left_of_pieces_is_what_follows(pieces: list[bytes], count: int) -> None:
    assert b"".join(module.after(pieces, count)) == b"".join(pieces)[count:]
