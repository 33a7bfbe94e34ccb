from __future__ import annotations

import hashlib
import pickle

import pytest

from supplychain.core.digest import Digest, InvalidDigestError

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    "text",
    [f"sha256:{EMPTY}", f"sha512:{hashlib.sha512(b'').hexdigest()}"],
    ids=["sha256", "sha512"],
)
def test_reads_and_writes_what_oci_writes(text: str) -> None:
    digest = Digest.parse(text)
    assert str(digest) == text
    assert digest.short == text[: text.index(":") + 13]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not sha256 or sha512"),
        (EMPTY, "is not sha256 or sha512"),
        ("md5:d41d8cd98f00b204e9800998ecf8427e", "'md5' is not sha256 or sha512"),
        (f"SHA256:{EMPTY}", "is not sha256 or sha512"),
        (f"sha256:{EMPTY.upper()}", "64 lower-case hexadecimal digits"),
        (f"sha256:{EMPTY[:-1]}", "64 lower-case hexadecimal digits"),
        (f"sha256:{EMPTY}0", "64 lower-case hexadecimal digits"),
        (f"sha256:{EMPTY[:-1]}\n", "64 lower-case hexadecimal digits"),
        (f"sha256:{EMPTY[:-1]}g", "64 lower-case hexadecimal digits"),
        (f"sha256:{EMPTY[:-1]}٣", "64 lower-case hexadecimal digits"),
        (f"sha256::{EMPTY[1:]}", "64 lower-case hexadecimal digits"),
        (f"sha512:{EMPTY}", "128 lower-case hexadecimal digits"),
        (f" sha256:{EMPTY}", "is not sha256 or sha512"),
    ],
)
def test_refuses_what_is_no_digest(text: str, reason: str) -> None:
    with pytest.raises(InvalidDigestError, match=reason):
        Digest.parse(text)


def test_is_that_of_bytes() -> None:
    assert Digest.of(b"") == Digest("sha256", EMPTY)
    assert Digest.of(b"a", "sha512").hex == hashlib.sha512(b"a").hexdigest()


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_says_whether_bytes_have_it(algorithm: str) -> None:
    digest = Digest.of(b"a", algorithm)
    assert digest.matches(b"a")
    assert not digest.matches(b"b")


def test_is_a_value() -> None:
    digest = Digest.of(b"a")
    assert pickle.loads(pickle.dumps(digest)) == digest  # noqa: S301 -- our own bytes
    assert len({digest, Digest.of(b"a"), Digest.of(b"b")}) == 2
    assert min(Digest("sha512", "0" * 128), Digest("sha256", "f" * 64)).algorithm == "sha256"
