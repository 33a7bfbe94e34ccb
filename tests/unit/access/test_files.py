from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from supplychain.access.files import (
    FILE_MODE,
    MissingError,
    TooLargeError,
    UnreadableError,
    append_text,
    exists,
    is_file,
    read_bounded,
    write_whole,
)


class TestReading:
    def test_gives_the_bytes(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"12345")
        assert read_bounded(path, 5) == b"12345"

    def test_follows_links_to_files(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"1")
        (tmp_path / "b").symlink_to("a")
        assert read_bounded(tmp_path / "b", 1) == b"1"

    def test_refuses_one_byte_too_many(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"12345")
        with pytest.raises(TooLargeError) as caught:
            read_bounded(path, 4)
        assert caught.value.limit == 4

    def test_is_bounded_where_the_size_is_not_told(self) -> None:
        with pytest.raises(TooLargeError):
            read_bounded(Path("/proc/self/maps"), 10)

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("none", "no such file or directory"),
            ("file/x", "not a directory"),
            ("dangling", "no such file or directory"),
        ],
    )
    def test_says_that_there_is_none(self, tmp_path: Path, name: str, reason: str) -> None:
        (tmp_path / "file").touch()
        (tmp_path / "dangling").symlink_to("none")
        with pytest.raises(MissingError) as caught:
            read_bounded(tmp_path / name, 1)
        assert caught.value.reason == reason

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("folder", "is a folder"),
            ("pipe", "is no regular file"),
            ("loop", "too many levels of symbolic links"),
            ("x" * 300, "file name too long"),
            ("/dev/zero", "is no regular file"),
            ("/proc/self/mem", "input/output error"),
        ],
    )
    def test_says_why_it_cannot(self, tmp_path: Path, name: str, reason: str) -> None:
        (tmp_path / "folder").mkdir()
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "loop").symlink_to("loop")
        with pytest.raises(UnreadableError) as caught:
            read_bounded(tmp_path / name, 1)
        assert caught.value.reason == reason
        assert not isinstance(caught.value, MissingError)

    def test_leaves_no_file_open(self, tmp_path: Path) -> None:
        before = len(list(Path("/proc/self/fd").iterdir()))
        for name in ("none", "."):
            with pytest.raises(UnreadableError):
                read_bounded(tmp_path / name, 1)
        assert len(list(Path("/proc/self/fd").iterdir())) == before


class TestWriting:
    def test_makes_a_file_that_others_may_read(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        write_whole(path, b"new")
        assert path.read_bytes() == b"new"
        assert stat.S_IMODE(path.stat().st_mode) == FILE_MODE

    def test_replaces_a_file_and_keeps_its_mode(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"old and longer")
        path.chmod(0o640)
        write_whole(path, b"new")
        assert path.read_bytes() == b"new"
        assert stat.S_IMODE(path.stat().st_mode) == 0o640

    def test_gives_readers_the_old_or_the_new(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"old")
        with path.open("rb") as reader:
            write_whole(path, b"new")
            assert reader.read() == b"old"

    def test_writes_through_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        (tmp_path / "link").symlink_to("folder/target")
        write_whole(tmp_path / "link", b"new")
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "folder/target").read_bytes() == b"new"

    def test_takes_the_longest_name(self, tmp_path: Path) -> None:
        path = tmp_path / ("x" * 255)
        write_whole(path, b"new")
        assert path.read_bytes() == b"new"

    @pytest.mark.parametrize("name", ["none/a", "file/a", "folder", "loop", "x" * 300])
    def test_leaves_nothing_behind_where_it_cannot(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "file").touch()
        (tmp_path / "folder").mkdir()
        (tmp_path / "loop").symlink_to("loop")
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(OSError):  # noqa: PT011 -- which one depends on the name
            write_whole(tmp_path / name, b"new")
        assert sorted(tmp_path.rglob("*")) == before

    def test_leaves_the_old_file_where_it_fails_half_way(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"old")
        with pytest.raises(TypeError):
            write_whole(path, "no bytes")  # type: ignore[arg-type]
        assert path.read_bytes() == b"old"
        assert [one.name for one in tmp_path.iterdir()] == ["a"]

    def test_never_replaces_a_device(self) -> None:
        write_whole(Path("/dev/null"), b"new")
        assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
        with pytest.raises(OSError, match="No space left"):
            write_whole(Path("/dev/full"), b"new")


def test_appends(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for text in ("one\n", "zwei ü\n"):
        append_text(path, text)
    assert path.read_text(encoding="utf-8") == "one\nzwei ü\n"


@pytest.mark.parametrize(
    ("name", "there", "regular"),
    [
        ("file", True, True),
        ("link", True, True),
        ("folder", True, False),
        ("none", False, False),
        ("dangling", False, False),
        ("loop", False, False),
        ("file/x", False, False),
        ("x" * 300, False, False),
        ("a\0b", False, False),
    ],
)
def test_looks_without_ever_raising(
    tmp_path: Path, name: str, *, there: bool, regular: bool
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "dangling").symlink_to("none")
    (tmp_path / "loop").symlink_to("loop")
    assert (exists(tmp_path / name), is_file(tmp_path / name)) == (there, regular)
