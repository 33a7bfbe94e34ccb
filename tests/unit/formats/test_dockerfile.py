"""Dockerfiles as BuildKit reads them."""

from __future__ import annotations

import pytest

from supplychain.formats.dockerfile import Dockerfile, ReferenceKind, read
from supplychain.formats.text import MalformedError


def images(text: str, **options: object) -> list[str | None]:
    return [one.image for one in read(text, **options).references]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM node:22\n", ["node:22"]),
        ("from node:22 as x\nFROM x\n", ["node:22"]),
        ("FROM scratch\n", []),
        ("ARG V=22\nFROM node:${V}\n", ["node:22"]),
        ("ARG V=22\nARG I=node:$V\nFROM $I\n", ["node:22"]),
        ("FROM node AS node\nFROM node\n", ["node"]),
        ("FROM a\nARG V=1\nFROM b:${V:-2}\n", ["a", "b:2"]),
        ("ARG V\nFROM node:${V:-20}\n", ["node:20"]),
        ("ARG V=\nFROM node:${V-20}x\n", ["node:x"]),
        ("ARG V=1\nFROM node${V:+:alpine}\n", ["node:alpine"]),
        ("ARG I=a/b:1\nFROM ${I%:*}:2\n", ["a/b:2"]),
        ("ARG I=x/a/b\nFROM ${I##*/}\n", ["b"]),
        ("ARG I=a-b-c\nFROM ${I//-/.}\n", ["a.b.c"]),
        ("FROM --platform=$BUILDPLATFORM go:1\n", ["go:1"]),
        ("FROM base:$TARGETARCH\n", ["base:amd64"]),
        ("FROM a\nCOPY --from=b:1 /x /y\n", ["a", "b:1"]),
        ("FROM a\nCOPY --from=0 /x /y\n", ["a"]),
        ("FROM a AS Build\nFROM c\nCOPY --from=BUILD /x /y\n", ["a", "c"]),
        ("FROM a\nRUN --mount=type=cache,target=/c --mount=from=b,target=/b x\n", ["a", "b"]),
        ("FROM a\nRUN --mount=from=a:2,target=/b x\n", ["a", "a:2"]),
        ("FROM a\nONBUILD COPY --from=b /x /y\n", ["a", "b"]),
        ("FROM a\nONBUILD RUN <<EOF\nFROM c\nEOF\n", ["a"]),
        ("FROM a\nRUN <<A <<B\nFROM c\nA\nCOPY --from=d\nB\n", ["a"]),
        ("FROM \\\n# comment\n  node:22\n", ["node:22"]),
        ("\ufeffFROM a\r\nCOPY --from=b /x /y\r\n", ["a", "b"]),
        ("# escape=`\nFROM `\n  a\n", ["a"]),
        (
            "#!/bin/x\n# check=skip=all\n# syntax=docker/dockerfile:1 x\nFROM a\n",
            ["docker/dockerfile:1", "a"],
        ),
        ("# hello\n# syntax=docker/dockerfile:1\nFROM a\n", ["a"]),
        ("FROM '${X}'\n", [None]),
        ("ARG X\nFROM $X\n", [None]),
        ("ARG A\nARG B=${A}\nFROM ${B}\n", [None]),
        ("FROM ${X:?say}\n", [None]),
    ],
)
def test_external_images_are_found(text: str, expected: list[str | None]) -> None:
    assert images(text) == expected


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("# only a comment\n", 1),
        ("ARG A=1\n", 1),
        ("FORM node\n", 1),
        ("RUN x\nFROM a\n", 1),
        ("FROM a b\n", 1),
        ("FROM a AS 1x\n", 1),
        ("FROM a\nCOPY x\n", 2),
        ("FROM a\nCOPY --frm=b x y\n", 2),
        ("FROM a\nCOPY --from=$X x y\n", 2),
        ("FROM a\nCOPY --from=7 x y\n", 2),
        ("FROM a\nRUN --mount=from=$X,target=/x y\n", 2),
        ("FROM a\nRUN --mount=type=magic y\n", 2),
        ("FROM a\nRUN <<EOF\nx\n", 2),
        ("FROM a\nONBUILD FROM b\n", 2),
        ("FROM a\nONBUILD\n", 2),
        ("FROM a\nSHELL sh\n", 2),
        ("FROM a\nUSER\n", 2),
        ("FROM a\nENV =x\n", 2),
        ("FROM a\nHEALTHCHECK CMD\n", 2),
        ("FROM a\nADD --link=maybe x y\n", 2),
        ("FROM ${A:!x}\n", 1),
        ("FROM ${\n", 1),
        ("FROM ''\n", 1),
        ("FROM --platform=a/b/c/d/e node\n", 1),
        ("# escape=x\nFROM a\n", 1),
    ],
)
def test_what_buildkit_refuses_is_malformed_with_its_line(text: str, line: int) -> None:
    with pytest.raises(MalformedError) as caught:
        read(text)
    assert caught.value.line == line
    assert "\n" not in caught.value.reason


def test_a_missing_argument_is_named_also_behind_another() -> None:
    direct, behind = read("ARG A\nARG B=x:${A}\nFROM y:$A\nFROM ${B}\n").references
    assert direct.missing == behind.missing == ("A",)
    assert direct.reason == "ARG 'A' has no value"
    assert not direct.resolvable


def test_build_arguments_replace_defaults_and_fill_in_what_has_none() -> None:
    text = "ARG V=20\nARG W\nFROM node:$V\nFROM b:$W\n"
    assert images(text, build_args={"V": "22", "W": "1"}) == ["node:22", "b:1"]
    assert images("FROM node:$V\n", build_args={"V": "22"}) == ["node:22"]


def test_the_platform_decides_predefined_arguments() -> None:
    text = "ARG TARGETARCH\nFROM --platform=$TARGETPLATFORM x:${TARGETARCH}${TARGETVARIANT}\n"
    (reference,) = read(text, platform="linux/arm/v7").references
    assert (reference.image, reference.platform) == ("x:armv7", "linux/arm/v7")


def test_stages_carry_base_user_and_which_is_last() -> None:
    read_file: Dockerfile = read(
        "FROM a AS Base\nARG U=app\nUSER ${U}:10\nFROM base\nFROM b\nENV U=x\nUSER $U\n"
    )
    assert [(s.name, s.base, s.user, s.final) for s in read_file.stages] == [
        ("base", "a", "app:10", False),
        (None, "base", "app:10", False),
        (None, "b", "x", True),
    ]


def test_references_tell_kind_line_and_stage() -> None:
    found = read(
        "# syntax=docker/dockerfile:1\nFROM a AS one\nFROM b\nCOPY --from=c \\\n  x y\n"
        "RUN --mount=from=d,target=/d ls\n"
    ).references
    assert [(r.kind, r.line, r.stage) for r in found] == [
        (ReferenceKind.SYNTAX, 1, None),
        (ReferenceKind.FROM, 2, "one"),
        (ReferenceKind.FROM, 3, "1"),
        (ReferenceKind.COPY, 4, "1"),
        (ReferenceKind.MOUNT, 6, "1"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\n" * 10_001,
        "FROM a\nRUN " + "x" * 70_000 + "\n",
        "# syntax=x" + " " * 60_000 + "y\nFROM a\n",
        "FROM " + "${A:-" * 60 + "x" + "}" * 60 + "\n",
        "ARG A=" + "x" * 60_000 + "\nFROM $A$A$A\n",
        "FROM a\nRUN " + "[" * 60_000 + "\n",
        "ARG A=aaaa\nFROM ${A##" + "*a" * 2_000 + "b}\n",
    ],
)
def test_beyond_a_limit_is_malformed(text: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read(text)
    assert len(caught.value.reason) < 300


def test_patterns_do_not_back_track() -> None:
    text = "ARG A=" + "a" * 20_000 + "\nFROM x${A##*a*a*a*a*a*a*a*a*b}\n"
    assert read(text).references[0].image is None


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("FROM a\n" + "RUN a\n" * 100_000, "has more than 100000 lines", 100_001),
        ("FROM a\n" + "RUN a\n" * 10_000, "has more than 10000 instructions", None),
        (
            "FROM a\nRUN <<E\nE\n" + "RUN a\n" * 10_000,
            "has more than 10000 instructions",
            None,
        ),
        ("FROM a\nRUN " + "a\\\n" * 10_001, "has an instruction of more than 10000 lines", 10_002),
        ("FROM a\nRUN a `\n" + "# b\n\n" * 5_000, "has an instruction of more than", 10_002),
        ("FROM a\nRUN " + f"{'a' * 60_000}\\\n" * 18, "or 1048576 characters", 19),
    ],
    ids=["lines", "instructions", "with here-document", "continued", "silent", "long"],
)
def test_a_file_of_more_parts_than_anybody_writes_is_refused(
    text: str, reason: str, line: int | None
) -> None:
    with pytest.raises(MalformedError) as caught:
        read(text)
    assert reason in caught.value.reason
    assert caught.value.line == line


def test_as_many_parts_as_allowed_are_read() -> None:
    text = "FROM a\n" + "RUN a\n" * 9_998 + "RUN " + "a\\\n" * 9_999 + "a\n" + "\n" * 80_000
    assert len(read(text).instructions) == 10_000


_VALUE = f"ARG V={'x' * 60_000}\n"
_CHAIN = " ".join(f"A{n}=${{A{n - 1}}}a" for n in range(1, 4_000))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"ARG A0=a\nARG {_CHAIN}\nFROM a\n", 2),
        (f"FROM a\nARG A0=a\nARG {_CHAIN}\n", 3),
        (f"FROM a\nENV V={'x' * 60_000}\n" + "ENV W=$V\n" * 100, 25),
        (f"FROM a AS a\nENV V={'x' * 60_000}\n" + "FROM a\n" * 100, 70),
        (f"{_VALUE}FROM a\nARG V\n" + "USER $V\n" * 100, 37),
        (f"{_VALUE}FROM a\nARG V\n" + "ENV W=${V%x*y*z}${\n" * 100, 37),
        (f"{_VALUE}" + "FROM ${V%x*y*z}${X:?}\n" * 100, 36),
        ("".join(f"ARG A{n}=$X{n}$A{n - 1}\n" for n in range(1, 900)) + "FROM a\n", 723),
    ],
    ids=["global", "ARG", "ENV", "stages", "USER", "refused", "missing value", "missing names"],
)
def test_what_a_file_expands_to_is_bounded(text: str, line: int) -> None:
    with pytest.raises(MalformedError, match="expands to more than 4194304 characters") as caught:
        read(text)
    assert caught.value.line == line
