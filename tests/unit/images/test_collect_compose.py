from __future__ import annotations

from dataclasses import replace

import pytest

from supplychain.access.environment import Environment
from supplychain.access.files import UnreadableError
from supplychain.core.evidence import Evidence, Gap
from supplychain.core.reference import Platform
from supplychain.core.subject import Subject, SubjectKind
from supplychain.formats import compose as compose_format
from supplychain.formats.text import MalformedError
from supplychain.images.collect.compose import collect
from supplychain.images.evidence import ImageUse, InvalidReference, MalformedDockerfile
from tests.unit.core.samples import NOW, POLICY, TOOL
from tests.unit.memory_tree import MemoryTree

FILE = Subject(kind=SubjectKind.COMPOSE, ref="compose.yaml", path="compose.yaml")
ENVIRONMENT = Environment(now=NOW, tool=TOOL, policy=POLICY)


def collected(
    text: str, platforms: tuple[str, ...] = ("linux/amd64",), **variables: str
) -> list[Evidence | Gap]:
    environment = replace(
        ENVIRONMENT,
        platforms=tuple(map(Platform.parse, platforms)),
        compose={"compose.yaml": compose_format.read(text, environment=variables)},
    )
    return list(collect(FILE, MemoryTree({}), environment))


def uses(pieces: list[Evidence | Gap]) -> list[tuple[str, str, str]]:
    return [
        (str(one.location), str(one.reference), str(one.platform))
        for one in pieces
        if isinstance(one, ImageUse)
    ]


def test_the_images_of_services_are_used() -> None:
    pieces = collected("services:\n  a: {image: 'node:22'}\n  b:\n    image: redis\n")
    assert uses(pieces) == [
        ("compose.yaml:2:14", "docker.io/library/node:22", "linux/amd64"),
        ("compose.yaml:4:12", "docker.io/library/redis", "linux/amd64"),
    ]


def test_a_service_runs_on_its_own_platform_else_on_the_fleets() -> None:
    pieces = collected(
        "services:\n"
        "  a: {image: a, platform: linux/arm64/v8}\n"
        "  b: {image: b}\n"
        "  c: {image: c, platform: nonsense}\n",
        platforms=("linux/amd64", "linux/s390x"),
    )
    assert [(name.rpartition("/")[2], on) for _, name, on in uses(pieces)] == [
        ("a", "linux/arm64"),
        ("b", "linux/amd64"),
        ("b", "linux/s390x"),
        ("c", "linux/amd64"),
        ("c", "linux/s390x"),
    ]


def test_a_built_image_is_none_from_outside() -> None:
    assert collected("services: {a: {image: 'acme/a:1', build: .}}\n") == []


def test_hooks_mounts_jobs_and_contexts_use_images_as_well() -> None:
    pieces = collected(
        """\
services:
  a:
    image: a
    pre_start: [{image: hook}]
    volumes: [{type: image, source: mounted, target: /m}, {type: volume, source: v, target: /v}]
  b:
    build:
      context: .
      additional_contexts: {base: "docker-image://context:1", local: ./here}
jobs:
  c: {image: job}
"""
    )
    names = [name.rpartition("/")[2] for _, name, _ in uses(pieces)]
    assert names == ["a", "hook", "mounted", "context:1", "job"]


def test_a_context_that_needs_a_value_is_a_gap() -> None:
    text = "services: {a: {build: {additional_contexts: {b: 'docker-image://${X:?}'}}}}\n"
    (gap,) = collected(text)
    assert isinstance(gap, Gap)
    assert gap.id == "unresolved-variable"


def test_variables_take_their_values() -> None:
    text = "services: {a: {image: 'node:${TAG:-22}'}}\n"
    assert uses(collected(text, TAG="24"))[0][1] == "docker.io/library/node:24"
    assert uses(collected(text))[0][1] == "docker.io/library/node:22"


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        ("node:$TAG", "variable 'TAG' without a value"),
        ("$NAME:$TAG", "variables 'NAME', 'TAG' without a value"),
        ("node:${TAG:?set it}", "variable 'TAG' without a value"),
    ],
)
def test_a_variable_without_a_value_is_a_gap(image: str, reason: str) -> None:
    (gap,) = collected(f"services: {{a: {{image: '{image}'}}}}\n")
    assert isinstance(gap, Gap)
    assert (gap.id, gap.reason) == ("unresolved-variable", reason)


def test_a_word_that_is_no_reference_is_told() -> None:
    (word,) = collected("services: {a: {image: 'A'}}\n")
    assert isinstance(word, InvalidReference)


class TestInline:
    def test_its_images_stand_in_the_lines_of_the_compose_file(self) -> None:
        pieces = collected(
            "services:\n  a:\n    build:\n      args: {V: 22}\n"
            "      dockerfile_inline: |\n        ARG V\n        FROM node:$$V\n"
        )
        assert uses(pieces) == [("compose.yaml:7", "docker.io/library/node:22", "linux/amd64")]

    def test_is_read_for_every_platform(self) -> None:
        pieces = collected(
            "services: {a: {build: {dockerfile_inline: 'FROM a:$$TARGETARCH'}}}\n",
            platforms=("linux/amd64", "linux/arm64"),
        )
        names = [name for _, name, _ in uses(pieces)]
        assert names == ["docker.io/library/a:amd64", "docker.io/library/a:arm64"]

    def test_that_is_malformed_is_a_malformed_dockerfile(self) -> None:
        (piece,) = collected("services: {a: {build: {dockerfile_inline: 'FORM a'}}}\n")
        assert isinstance(piece, MalformedDockerfile)
        assert piece.reason == "inline in 'a' unknown instruction: FORM"
        assert (piece.at.path, piece.at.line) == ("compose.yaml", 1)

    def test_that_needs_a_value_is_a_gap_and_never_nothing(self) -> None:
        (gap,) = collected("services: {a: {build: {dockerfile_inline: 'FROM ${X:?}'}}}\n")
        assert isinstance(gap, Gap)
        assert (gap.id, gap.reason) == ("unresolved-variable", "variable 'X' without a value")


@pytest.mark.parametrize("trouble", [MalformedError("r"), UnreadableError("r")])
def test_a_file_in_trouble_names_no_images(trouble: MalformedError | UnreadableError) -> None:
    environment = replace(ENVIRONMENT, compose={"compose.yaml": trouble})
    assert list(collect(FILE, MemoryTree({}), environment)) == []
