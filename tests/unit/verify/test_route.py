from __future__ import annotations

import pytest

from supplychain.core.subject import SubjectKind
from supplychain.verify.route import (
    kind_by_content,
    kind_by_name,
    kind_of_file,
    looks_like_dockerfile,
    needs_a_look,
)

DOCKERFILE, COMPOSE = SubjectKind.DOCKERFILE, SubjectKind.COMPOSE


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Dockerfile", DOCKERFILE),
        ("dockerfile", DOCKERFILE),
        ("a/b/Dockerfile", DOCKERFILE),
        ("Containerfile", DOCKERFILE),
        ("Dockerfile.prod", DOCKERFILE),
        ("Dockerfile-prod", DOCKERFILE),
        ("Dockerfile_prod", DOCKERFILE),
        ("Containerfile.arm", DOCKERFILE),
        ("api.Dockerfile", DOCKERFILE),
        ("api.dockerfile", DOCKERFILE),
        ("web.api.containerfile", DOCKERFILE),
        ("DOCKERFILE", DOCKERFILE),
        ("Dockerfile.dockerignore", None),
        ("Dockerfile.md", None),
        ("Dockerfile.j2", None),
        ("dockerfile.py", None),
        ("dockerfile_test.go", None),
        (".dockerfile", None),
        ("Dockerfiles", None),
        ("Dockerfile.", None),
        ("MyDockerfile", None),
        (".dockerignore", None),
        ("Dockerfile/x", None),
        ("compose.yaml", COMPOSE),
        ("compose.yml", COMPOSE),
        ("docker-compose.yaml", COMPOSE),
        ("docker-compose.yml", COMPOSE),
        ("a/docker-compose.override.yml", COMPOSE),
        ("compose.prod.yaml", COMPOSE),
        ("docker-compose_dev.yml", COMPOSE),
        ("compose-dev.yaml", COMPOSE),
        ("COMPOSE.YAML", COMPOSE),
        ("compose.yaml.bak", None),
        ("mycompose.yaml", None),
        ("composer.yaml", None),
        ("compose.json", None),
        ("README.md", None),
        ("", None),
    ],
)
def test_a_name_tells_what_a_file_is(name: str, kind: SubjectKind | None) -> None:
    assert kind_by_name(name) is kind


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"FROM node\n", DOCKERFILE),
        (b"# comment\n\n  from node\n", DOCKERFILE),
        (b"ARG V=1\n", DOCKERFILE),
        (b"# syntax=docker/dockerfile:1\n", DOCKERFILE),
        (b"#escape=`\n", DOCKERFILE),
        (b"services:\n  a: {}\n", COMPOSE),
        (b"name: x\nservices :\n", COMPOSE),
        (b'"services": {}\n', COMPOSE),
        (b"services: {}\nFROM: x\n", COMPOSE),
        (b"a:\n  services:\n", None),
        (b"FROM", None),
        (b"hello FROM node\n", None),
        (b"", None),
        (b"\0\xff", None),
    ],
)
def test_the_first_bytes_tell_what_a_file_is(head: bytes, kind: SubjectKind | None) -> None:
    assert kind_by_content(head) is kind


def test_a_name_counts_more_than_bytes() -> None:
    assert kind_of_file("compose.yaml", b"FROM node\n") is COMPOSE
    assert kind_of_file("notes", b"FROM node\n") is DOCKERFILE
    assert kind_of_file("notes", b"nothing\n") is None


def test_models_are_told_where_one_file_is_named() -> None:
    assert kind_of_file("weights", b"GGUF\x03") is SubjectKind.MODEL
    assert kind_of_file("a.safetensors", b"") is SubjectKind.MODEL
    assert kind_by_name("a.gguf") is None


@pytest.mark.parametrize(
    ("head", "is_dockerfile"),
    [
        (b"ARG GO=1.25\nFROM golang:${GO}\n", True),
        (b"from dataclasses import dataclass\n", False),
        (b"package dockerfile\n", False),
        (b"// FROM here on\n", False),
    ],
)
def test_a_dockerfile_named_after_a_language_is_told_by_its_content(
    head: bytes, *, is_dockerfile: bool
) -> None:
    assert needs_a_look("Dockerfile.go")
    assert kind_by_name("Dockerfile.go") is None
    assert looks_like_dockerfile(head) is is_dockerfile


@pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile.prod", "Dockerfile.j2", "main.go"])
def test_other_names_need_no_look(name: str) -> None:
    assert not needs_a_look(name)
