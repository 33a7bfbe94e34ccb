"""A compose file's own troubles: unreadable, malformed, or leading where we cannot follow."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from supplychain.access.environment import Environment
from supplychain.access.files import UnreadableError
from supplychain.access.tree import Tree
from supplychain.compose.evidence import MalformedCompose
from supplychain.core.evidence import Evidence, Gap
from supplychain.core.finding import Location
from supplychain.core.subject import Subject
from supplychain.formats.compose import ComposeFile, Service
from supplychain.formats.compose_build import dockerfile_name
from supplychain.formats.compose_values import Value
from supplychain.formats.text import MalformedError, printable


def collect(subject: Subject, tree: Tree, environment: Environment) -> Iterator[Evidence | Gap]:
    """Yield that the file is malformed, or a gap for everything it names and we do not see."""
    read = environment.compose.get(subject.path or "")
    if isinstance(read, MalformedError):
        yield MalformedCompose(
            subject=subject,
            producer=environment.tool,
            observed_at=environment.now,
            digest=subject.digest,
            reason=read.reason,
            at=read.location(subject.path),
        )
    elif isinstance(read, ComposeFile):
        for service in (*read.services, *read.jobs):
            yield from _build(service, subject, tree)
        for value in read.other_files:
            yield from _other_file(value, subject, tree)
    else:
        yield Gap(
            id="file-unreadable",
            wanted=f"the text of '{printable(subject.path or subject.ref)}'",
            reason=read.reason if isinstance(read, UnreadableError) else "was not read",
            hint="make the file readable",
            location=Location(path=subject.path),
        )


def _build(service: Service, subject: Subject, tree: Tree) -> Iterator[Gap]:
    build = service.build
    if build is None:
        return
    arguments = tuple(value for _, value in build.args)
    steering = (build.context, build.dockerfile, build.target, service.platform, *arguments)
    for value in steering:
        if value is not None and value.missing and value.text is not None:
            yield _unset(value, subject)
    if build.dockerfile_inline is not None:
        return
    name = dockerfile_name(subject.ref, build)
    if name is None or not tree.has(name):
        where = "lies outside this project" if name is None else f"'{printable(name)}' is not there"
        yield Gap(
            id="build-file-missing",
            wanted=f"the Dockerfile that service '{printable(service.name, 80)}' builds",
            reason=where,
            hint="add the Dockerfile to the project, or name a built image by digest",
            location=Location(path=subject.path, line=build.line),
        )


def _unset(value: Value, subject: Subject) -> Gap:
    names = ", ".join(f"'{printable(name, 80)}'" for name in value.missing)
    return Gap(
        id="unresolved-variable",
        wanted=f"what is built by '{printable(value.raw, 120)}'",
        reason=f"{'variables' if len(value.missing) > 1 else 'variable'} {names} without a value",
        hint=f"give {names} a default",
        location=Location(path=subject.path, line=value.line, column=value.column),
    )


def _other_file(value: Value, subject: Subject, tree: Tree) -> Iterator[Gap]:
    folder = posixpath.dirname(subject.ref)
    name = posixpath.normpath(posixpath.join(folder, value.text or ""))
    if value.text is None or not tree.has(name):
        yield Gap(
            id="compose-file-missing",
            wanted=f"the compose file '{printable(value.raw, 120)}'",
            reason="is not in this project",
            hint="add it to the project",
            location=Location(path=subject.path, line=value.line, column=value.column),
        )
