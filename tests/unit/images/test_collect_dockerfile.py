from __future__ import annotations

from dataclasses import replace

import pytest

from supplychain.access.environment import DeclaredBuild, Environment
from supplychain.core.evidence import Evidence, Gap
from supplychain.core.limits import MAX_TEXT_FILE
from supplychain.core.reference import Platform
from supplychain.core.subject import Subject, SubjectKind
from supplychain.images.collect.dockerfile import collect
from supplychain.images.evidence import ImageUse, InvalidReference, MalformedDockerfile, UseKind
from tests.unit.core.samples import NOW, POLICY, TOOL
from tests.unit.memory_tree import MemoryTree

FILE = Subject(kind=SubjectKind.DOCKERFILE, ref="web/Dockerfile", path="./web/Dockerfile")
ENVIRONMENT = Environment(now=NOW, tool=TOOL, policy=POLICY)


def collected(
    content: bytes | str, *builds: DeclaredBuild, platforms: tuple[str, ...] = ("linux/amd64",)
) -> list[Evidence | Gap]:
    environment = replace(
        ENVIRONMENT,
        platforms=tuple(map(Platform.parse, platforms)),
        builds={"./web/Dockerfile": builds} if builds else {},
    )
    return list(collect(FILE, MemoryTree({FILE.ref: content}), environment))


def uses(pieces: list[Evidence | Gap]) -> list[tuple[str, str, str]]:
    return [
        (one.kind.value, str(one.reference), str(one.platform))
        for one in pieces
        if isinstance(one, ImageUse)
    ]


def test_every_way_to_name_an_image_is_a_use() -> None:
    pieces = collected(
        b"# syntax=docker/dockerfile:1\nFROM a:1 AS one\nFROM one\n"
        b"COPY --from=b:1 /x /x\nRUN --mount=from=c:1,target=/m x\nCOPY --from=one /y /y\n"
    )
    assert uses(pieces) == [
        ("syntax", "docker.io/docker/dockerfile:1", "linux/amd64"),
        ("from", "docker.io/library/a:1", "linux/amd64"),
        ("copy", "docker.io/library/b:1", "linux/amd64"),
        ("mount", "docker.io/library/c:1", "linux/amd64"),
    ]
    first = pieces[1]
    assert isinstance(first, ImageUse)
    assert first.kind is UseKind.FROM
    assert (first.link, first.raw, str(first.location)) == (
        "docker.io/library/a:1",
        "a:1",
        "./web/Dockerfile:2",
    )


def test_is_read_for_every_platform_of_the_fleet() -> None:
    pieces = collected(
        b"# syntax=x\nFROM a\nFROM --platform=$BUILDPLATFORM b\nFROM c:$TARGETARCH\n",
        platforms=("linux/amd64", "linux/arm64"),
    )
    assert uses(pieces) == [
        ("syntax", "docker.io/library/x", "linux/amd64"),
        ("from", "docker.io/library/a", "linux/amd64"),
        ("from", "docker.io/library/b", "linux/amd64"),
        ("from", "docker.io/library/c:amd64", "linux/amd64"),
        ("from", "docker.io/library/a", "linux/arm64"),
        ("from", "docker.io/library/c:arm64", "linux/arm64"),
    ]


def test_is_read_as_it_is_built_and_as_anybody_may_build_it() -> None:
    arm = DeclaredBuild(arguments={"V": "2"}, platform=Platform.parse("linux/arm64"))
    pieces = collected(b"ARG V=1\nFROM a:$V\n", arm)
    assert uses(pieces) == [
        ("from", "docker.io/library/a:2", "linux/arm64"),
        ("from", "docker.io/library/a:1", "linux/amd64"),
    ]


def test_what_only_the_plain_build_cannot_resolve_is_no_gap() -> None:
    pieces = collected(b"ARG V\nFROM a:$V\n", DeclaredBuild(arguments={"V": "2"}))
    assert uses(pieces) == [("from", "docker.io/library/a:2", "linux/amd64")]
    assert len(pieces) == 1


@pytest.mark.parametrize("builds", [(DeclaredBuild(),), (DeclaredBuild(), DeclaredBuild())])
def test_a_build_that_gives_nothing_resolves_nothing(builds: tuple[DeclaredBuild, ...]) -> None:
    (gap,) = collected(b"ARG V\nFROM $V\n", *builds)
    assert isinstance(gap, Gap)
    assert gap.id == "unresolved-variable"


def test_a_name_that_a_context_stands_for_is_no_image_there_or_without_builds() -> None:
    text = b"FROM base\nCOPY --from=a /x /x\n"
    with_context = DeclaredBuild(contexts=frozenset({"base"}), platform=Platform.parse("a/b"))
    without = DeclaredBuild(platform=Platform.parse("c/d"))
    assert uses(collected(text, with_context, without)) == [
        ("copy", "docker.io/library/a", "a/b"),
        ("from", "docker.io/library/base", "c/d"),
        ("copy", "docker.io/library/a", "c/d"),
        ("copy", "docker.io/library/a", "linux/amd64"),
    ]


def test_what_no_build_resolves_is_a_gap_once() -> None:
    pieces = collected(
        b"ARG V W\nFROM $V$W\n",
        DeclaredBuild(arguments={"X": "1"}),
        DeclaredBuild(arguments={"X": "2"}),
    )
    (gap,) = pieces
    assert isinstance(gap, Gap)
    assert gap.id == "unresolved-variable"
    assert gap.reason == "variables 'V', 'W' without a value"
    assert gap.hint == "give 'V', 'W' a default"
    assert str(gap.location) == "./web/Dockerfile:2"


def test_a_word_that_is_no_reference_is_told() -> None:
    (word,) = collected(b"FROM Node:22\n")
    assert isinstance(word, InvalidReference)
    assert (word.raw, word.reason) == (
        "Node:22",
        "'Node:22' has upper-case letters in 'library/Node'",
    )


@pytest.mark.parametrize(
    ("content", "reason", "line"),
    [
        (b"FROM a\nFORM b\n", "unknown instruction: FORM", 2),
        (b"\xff\xfeF\0", "is UTF-16 text, not UTF-8", 1),
        (b"#" * (MAX_TEXT_FILE + 1), f"has more than {MAX_TEXT_FILE} bytes", None),
    ],
)
def test_a_file_that_is_no_dockerfile_is_malformed(
    content: bytes, reason: str, line: int | None
) -> None:
    (piece,) = collected(content, platforms=("linux/amd64", "linux/arm64"))
    assert isinstance(piece, MalformedDockerfile)
    assert (piece.reason, piece.at.line, piece.at.path) == (reason, line, "./web/Dockerfile")


def test_one_that_only_a_build_makes_malformed_is_malformed() -> None:
    pieces = collected(b"ARG V=a\nFROM $V\n", DeclaredBuild(arguments={"V": ""}))
    assert [type(one) for one in pieces] == [MalformedDockerfile]


def test_a_file_that_cannot_be_read_is_a_gap() -> None:
    (gap,) = collected("permission denied")
    assert isinstance(gap, Gap)
    assert (gap.id, gap.reason, gap.required) == ("file-unreadable", "permission denied", True)
    assert gap.wanted == "the text of './web/Dockerfile'"


def test_equal_uses_on_one_line_are_one() -> None:
    pieces = collected(b"FROM a\nRUN --mount=from=b,target=/x --mount=from=b,target=/y z\n")
    assert len(uses(pieces)) == 2
