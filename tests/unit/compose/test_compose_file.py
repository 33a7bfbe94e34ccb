from __future__ import annotations

from dataclasses import replace

import pytest

from supplychain.access.environment import Environment
from supplychain.access.files import UnreadableError
from supplychain.compose.collect.compose_file import collect
from supplychain.compose.evidence import MalformedCompose
from supplychain.core.evidence import Evidence, Gap
from supplychain.core.subject import Subject, SubjectKind
from supplychain.formats import compose as compose_format
from supplychain.formats.compose import ComposeFile
from supplychain.formats.text import MalformedError
from tests.unit.core.samples import NOW, POLICY, TOOL
from tests.unit.memory_tree import MemoryTree

FILE = Subject(kind=SubjectKind.COMPOSE, ref="stack/compose.yaml", path="./stack/compose.yaml")
ENVIRONMENT = Environment(now=NOW, tool=TOOL, policy=POLICY)
Read = ComposeFile | MalformedError | UnreadableError


def collected(read: str | Read | None, *files: str) -> list[Evidence | Gap]:
    given = compose_format.read(read, environment={}) if isinstance(read, str) else read
    known = {} if given is None else {"./stack/compose.yaml": given}
    tree = MemoryTree(dict.fromkeys(files, b""))
    return list(collect(FILE, tree, replace(ENVIRONMENT, compose=known)))


def test_a_file_without_trouble_says_nothing() -> None:
    text = "services: {a: {image: a}, b: {build: web}, c: {build: {dockerfile_inline: FROM a}}}\n"
    assert collected(text, "stack/web/Dockerfile") == []


def test_a_malformed_one_is_told_with_its_place() -> None:
    (piece,) = collected(MalformedError("holds a key twice", line=3, column=5))
    assert isinstance(piece, MalformedCompose)
    assert piece.reason == "holds a key twice"
    assert str(piece.at) == "./stack/compose.yaml:3:5"


@pytest.mark.parametrize(
    ("read", "reason"),
    [(UnreadableError("permission denied"), "permission denied"), (None, "was not read")],
)
def test_one_that_cannot_be_read_is_a_gap(read: Read | None, reason: str) -> None:
    (gap,) = collected(read)
    assert isinstance(gap, Gap)
    assert (gap.id, gap.reason) == ("file-unreadable", reason)


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        ("web", "'stack/web/Dockerfile' is not there"),
        ("{context: web, dockerfile: other}", "'stack/web/other' is not there"),
        ("..", "'Dockerfile' is not there"),
        ("../..", "lies outside this project"),
        ("https://git.example/a.git", "lies outside this project"),
        ("git@git.example:a.git", "lies outside this project"),
        ("/srv/web", "lies outside this project"),
        ("{context: '${X:?}'}", "lies outside this project"),
        ("{dockerfile: /etc/Dockerfile}", "lies outside this project"),
    ],
)
def test_a_dockerfile_that_we_do_not_see_is_a_gap(build: str, reason: str) -> None:
    (gap,) = collected(f"services:\n  a: {{build: {build}}}\n")
    assert isinstance(gap, Gap)
    assert (gap.id, gap.reason) == ("build-file-missing", reason)
    assert gap.wanted == "the Dockerfile that service 'a' builds"
    assert gap.location is not None
    assert gap.location.line == 2


@pytest.mark.parametrize(
    "text",
    [
        "include: [other.yaml]\n",
        "include: [{path: other.yaml}]\n",
        "services: {a: {extends: {service: b, file: other.yaml}}}\n",
    ],
)
def test_a_compose_file_that_we_do_not_see_is_a_gap(text: str) -> None:
    (gap,) = collected(text)
    assert isinstance(gap, Gap)
    assert (gap.id, gap.wanted) == ("compose-file-missing", "the compose file 'other.yaml'")
    assert collected(text, "stack/other.yaml") == []


def test_what_a_service_extends_in_its_own_file_is_no_gap() -> None:
    assert collected("services: {a: {image: a}, b: {extends: a}}\n") == []
