"""Compose files: the images that services run and how their builds are declared.

One file is read, as ``docker compose config`` of Compose 5.6.1 (compose-go v2.16.1) reads it:
anchors and merge keys followed, variables replaced in values, types checked afterwards. What other
files bring is not followed: ``include`` and ``extends`` are recorded with their place, overrides
are the caller's business. Of all keys only those that say which images are used are looked into.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from supplychain.formats import compose_keys, yaml
from supplychain.formats.compose_values import Reader, Value, refuse_unseen_resets, shown
from supplychain.formats.text import MalformedError

PROJECT_NAME = "COMPOSE_PROJECT_NAME"
_SERVICE_NAME = re.compile("[a-zA-Z0-9._-]+")
_NOT_IN_PROJECT_NAME = re.compile("[^a-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """How an image is built; ``context`` is ``None`` where the file's own folder is meant.

    An argument without a value takes that of the environment, if any. ``inline_line`` is the line
    on which the text of ``dockerfile_inline`` starts, where its lines are those of the file.
    """

    line: int
    column: int
    context: Value | None = None
    dockerfile: Value | None = None
    dockerfile_inline: Value | None = None
    inline_line: int | None = None
    args: tuple[tuple[str, Value | None], ...] = ()
    target: Value | None = None
    additional_contexts: tuple[tuple[str, Value], ...] = ()
    platforms: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extends:
    """The service that one is based on, of ``file`` or of the same file."""

    service: Value
    file: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service or job, at the place of its name.

    ``other_images`` are those of its ``pre_start`` containers and of its image mounts.
    """

    name: str
    line: int
    column: int
    image: Value | None = None
    build: Build | None = None
    pull_policy: Value | None = None
    platform: Value | None = None
    profiles: tuple[Value, ...] = ()
    extends: Extends | None = None
    other_images: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeFile:
    """What one compose file declares; ``includes`` are the paths of files it includes."""

    name: Value | None
    services: tuple[Service, ...]
    jobs: tuple[Service, ...]
    includes: tuple[Value, ...]

    @property
    def other_files(self) -> tuple[Value, ...]:
        """The paths of the files that it includes, and of those that its services extend."""
        extended = (one.extends.file for one in self.services if one.extends)
        return (*self.includes, *(value for value in extended if value is not None))


def read(text: str, *, environment: Mapping[str, str], directory: str = "") -> ComposeFile:
    """Read one compose file. The caller bounds the text's length.

    ``environment`` holds the process's variables and, behind them, those of ``.env``
    (:mod:`supplychain.formats.dotenv`); ``directory`` is the name of the file's folder, the
    project's name where neither ``COMPOSE_PROJECT_NAME`` nor ``name`` gives one.

    Raises:
        MalformedError: Compose would refuse what is looked at, the file holds several documents,
            or a limit of the YAML reader or the interpolation is passed.
    """
    root = yaml.read(text)
    refuse_unseen_resets(root)
    early = Reader(environment)
    top = early.members(root, "its top level", compose_keys.TOP_LEVEL)
    if all(key.value not in compose_keys.TOP_LEVEL for key, _ in top.entries):
        reason = "has no services"
        raise MalformedError(reason, line=root.line, column=root.column)
    name = early.optional_string(top, "name", "its top level")
    reader = Reader(_with_project_name(environment, name, directory))
    return ComposeFile(
        name=name,
        services=_services(reader, top.get("services"), "services", compose_keys.SERVICE),
        jobs=_services(reader, top.get("jobs"), "jobs", compose_keys.JOB),
        includes=_includes(reader, top.get("include")),
    )


def _with_project_name(
    environment: Mapping[str, str], name: Value | None, directory: str
) -> Mapping[str, str]:
    """Return the environment with the project's name, as loader.go ``projectName`` sets it."""
    if environment.get(PROJECT_NAME):
        return environment
    for candidate in (name.text or "" if name else "", directory):
        normal = _NOT_IN_PROJECT_NAME.sub("", candidate.lower()).lstrip("_-")
        if normal:
            return {**environment, PROJECT_NAME: normal}
    return environment


def _services(
    reader: Reader, node: yaml.Node | None, what: str, allowed: frozenset[str]
) -> tuple[Service, ...]:
    if node is None:
        return ()
    services = []
    for key, value in reader.members(node, what).entries:
        if not _SERVICE_NAME.fullmatch(key.value):
            reason = f"has the invalid name '{shown(key.value)}' at {what}"
            raise MalformedError(reason, line=key.line, column=key.column)
        services.append(_service(reader, key, value, f"{what}.{shown(key.value)}", allowed))
    return tuple(services)


def _service(
    reader: Reader, key: yaml.Scalar, node: yaml.Node, what: str, allowed: frozenset[str]
) -> Service:
    members = reader.members(node, what, allowed)
    return Service(
        name=key.value,
        line=key.line,
        column=key.column,
        image=reader.optional_string(members, "image", what),
        build=_build(reader, members.get("build"), f"{what}.build"),
        pull_policy=reader.optional_string(members, "pull_policy", what),
        platform=reader.optional_string(members, "platform", what),
        profiles=reader.strings(members.get("profiles"), f"{what}.profiles"),
        extends=_extends(reader, members.get("extends"), f"{what}.extends"),
        other_images=(
            *_hook_images(reader, members.get("pre_start"), f"{what}.pre_start"),
            *_mounted_images(reader, members.get("volumes"), f"{what}.volumes"),
        ),
    )


def _build(reader: Reader, node: yaml.Node | None, what: str) -> Build | None:
    if node is None:
        return None
    if isinstance(node, yaml.Scalar):
        context = reader.string(node, what)
        return Build(line=node.line, column=node.column, context=context)
    members = reader.members(node, what, compose_keys.BUILD)
    inline = members.get("dockerfile_inline")
    return Build(
        line=node.line,
        column=node.column,
        context=reader.optional_string(members, "context", what),
        dockerfile=reader.optional_string(members, "dockerfile", what),
        dockerfile_inline=reader.optional_string(members, "dockerfile_inline", what),
        inline_line=_literal_line(inline),
        args=reader.pairs(members.get("args"), f"{what}.args"),
        target=reader.optional_string(members, "target", what),
        additional_contexts=_contexts(
            reader, members.get("additional_contexts"), f"{what}.additional_contexts"
        ),
        platforms=reader.strings(members.get("platforms"), f"{what}.platforms"),
    )


def _literal_line(node: yaml.Node | None) -> int | None:
    """Return the line where a literal block's text starts; other styles fold their lines."""
    if isinstance(node, yaml.Scalar) and node.style == "|":
        return node.text_line
    return None


def _contexts(reader: Reader, node: yaml.Node | None, what: str) -> tuple[tuple[str, Value], ...]:
    if node is None:
        return ()
    contexts = []
    for name, value in reader.pairs(node, what):
        if value is None:
            reason = f"has no place for '{shown(name)}' at {what}"
            raise MalformedError(reason, line=node.line, column=node.column)
        contexts.append((name, value))
    return tuple(contexts)


def _extends(reader: Reader, node: yaml.Node | None, what: str) -> Extends | None:
    if node is None:
        return None
    if isinstance(node, yaml.Scalar):
        return Extends(service=reader.string(node, what))
    members = reader.members(node, what, compose_keys.EXTENDS)
    service = reader.optional_string(members, "service", what)
    if service is None:
        reason = f"has no service at {what}"
        raise MalformedError(reason, line=node.line, column=node.column)
    return Extends(service=service, file=reader.optional_string(members, "file", what))


def _hook_images(reader: Reader, node: yaml.Node | None, what: str) -> Iterator[Value]:
    for item, name in reader.items(node, what):
        image = reader.optional_string(reader.members(item, name), "image", name)
        if image is not None:
            yield image


def _mounted_images(reader: Reader, node: yaml.Node | None, what: str) -> Iterator[Value]:
    for item, name in reader.items(node, what):
        if isinstance(item, yaml.Scalar):
            continue
        members = reader.members(item, name)
        kind = reader.optional_string(members, "type", name)
        source = reader.optional_string(members, "source", name)
        if kind is not None and kind.text == "image" and source is not None:
            yield source


def _includes(reader: Reader, node: yaml.Node | None) -> tuple[Value, ...]:
    paths: list[Value] = []
    for item, name in reader.items(node, "include"):
        if isinstance(item, yaml.Scalar):
            paths.append(reader.string(item, name))
            continue
        path = reader.members(item, name, compose_keys.INCLUDE).get("path")
        if isinstance(path, yaml.Scalar):
            paths.append(reader.string(path, f"{name}.path"))
        else:
            paths += reader.strings(path, f"{name}.path")
    return tuple(paths)
