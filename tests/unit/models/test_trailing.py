"""What follows a model in its file."""

from __future__ import annotations

import io

import pytest

from supplychain.models.sniff import FileKind
from supplychain.models.trailing import MAX_TRAILING, Trailing, opens_as_zip, trailing
from tests.generators.archives import zipped


def after(data: bytes) -> Trailing:
    head = b"x" * 100
    return trailing(io.BytesIO(head + data), len(head), len(head) + len(data))


@pytest.mark.parametrize(
    ("data", "is_zero", "kind"),
    [
        (b"", True, FileKind.EMPTY),
        (bytes(31), True, FileKind.EMPTY),
        (b"\0\0note", False, FileKind.TEXT),
        (bytes(40) + b"\x7fELF\0", False, FileKind.EXECUTABLE),
        (zipped({"a": b""}), False, FileKind.ZIP),
        (b"\xff" * 50, False, FileKind.UNKNOWN),
    ],
)
def test_it_is_counted_and_named(data: bytes, *, is_zero: bool, kind: FileKind) -> None:
    assert after(data) == Trailing(size=len(data), is_zero=is_zero, kind=kind)


def test_a_file_shorter_than_its_tensors_has_nothing_after_them() -> None:
    assert trailing(io.BytesIO(b"abc"), 10, 3).size == 0


def test_only_the_first_part_is_looked_at() -> None:
    assert after(bytes(MAX_TRAILING) + b"x").is_zero
    assert not after(bytes(MAX_TRAILING - 1) + b"x").is_zero


@pytest.mark.parametrize("comment", [b"", b"c" * 65_535, b"PK\x05\x06" * 100])
def test_an_archive_at_the_end_is_seen_behind_anything(comment: bytes) -> None:
    archive = zipped({"data.pkl": b"."}, comment=comment)
    assert opens_as_zip(io.BytesIO(archive))
    assert opens_as_zip(io.BytesIO(b"GGUF" * 50_000 + archive))


@pytest.mark.parametrize("after", [b"\n", b"\0", b"x" * 60_000])
@pytest.mark.parametrize("before", [b"", b"GGUF" * 50_000])
def test_an_archive_is_seen_before_other_bytes(before: bytes, after: bytes) -> None:
    assert opens_as_zip(io.BytesIO(before + zipped({"data.pkl": b"."}) + after))


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x05\x06", b"PK\x05\x06" + bytes(30), b"PK\x05\x06" * 30_000, b"x" * 200_000],
)
def test_what_no_archive_reader_opens_is_none(data: bytes) -> None:
    assert not opens_as_zip(io.BytesIO(data))
