"""Platforms, compared with what github.com/containerd/platforms v1.0.0-rc.5 makes of them."""

from __future__ import annotations

import pytest

from supplychain.core.reference import DEFAULT_PLATFORM, InvalidReferenceError, Platform


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("linux/amd64", "linux/amd64"),
        ("Linux/AMD64", "linux/amd64"),
        ("linux/x86_64", "linux/amd64"),
        ("linux/x86-64", "linux/amd64"),
        ("linux/amd64/v1", "linux/amd64"),
        ("linux/amd64/v2", "linux/amd64/v2"),
        ("linux/x86_64/v3", "linux/amd64/v3"),
        ("linux/i386", "linux/386"),
        ("linux/i386/x", "linux/386"),
        ("linux/386", "linux/386"),
        ("linux/aarch64", "linux/arm64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm64/8", "linux/arm64"),
        ("linux/arm64/v8.0", "linux/arm64"),
        ("linux/arm64/9", "linux/arm64/v9"),
        ("linux/arm64/v9", "linux/arm64/v9"),
        ("linux/aarch64/v9.0", "linux/arm64/v9"),
        ("linux/arm", "linux/arm/v7"),
        ("linux/arm/7", "linux/arm/v7"),
        ("linux/arm/v7", "linux/arm/v7"),
        ("linux/arm/6", "linux/arm/v6"),
        ("linux/arm/5", "linux/arm/v5"),
        ("linux/arm/8", "linux/arm/v8"),
        ("linux/armhf", "linux/arm/v7"),
        ("linux/armhf/v6", "linux/arm/v7"),
        ("linux/armel", "linux/arm/v6"),
        ("macos/arm64", "darwin/arm64"),
        ("windows/amd64", "windows/amd64"),
        ("linux/riscv64", "linux/riscv64"),
        ("linux/ppc64le", "linux/ppc64le"),
    ],
)
def test_spellings_of_one_are_equal(text: str, normal: str) -> None:
    assert str(Platform.parse(text)) == normal
    assert Platform.parse(normal) == Platform.parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "linux", "amd64", "linux/", "/amd64", "linux//v8", "linux/amd64/", "a/b/c/d", "linux/a b",
     "linux/amd64\n", "linux/amd64 ", "lin?ux/amd64", "linux/ämd64"],
)  # fmt: skip
def test_others_are_refused(text: str) -> None:
    with pytest.raises(InvalidReferenceError, match="is not OS/ARCHITECTURE"):
        Platform.parse(text)


def test_the_default_is_that_of_most_servers() -> None:
    assert str(DEFAULT_PLATFORM) == "linux/amd64"


def test_sort_by_their_parts() -> None:
    texts = ["linux/arm64", "windows/amd64", "linux/amd64", "linux/arm/v7", "linux/arm/v6"]
    assert [str(one) for one in sorted(map(Platform.parse, texts))] == [
        "linux/amd64",
        "linux/arm/v6",
        "linux/arm/v7",
        "linux/arm64",
        "windows/amd64",
    ]
