"""A lock and its manifest, read from a tree and compared."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from supplychain.access.environment import read_text
from supplychain.access.files import UnreadableError
from supplychain.access.tree import Tree
from supplychain.formats import json
from supplychain.formats.dockerignore import PathPattern
from supplychain.formats.text import MalformedError, printable
from supplychain.lockfiles import npm, npm_sync, requirements, toml, uv, uv_sync
from supplychain.lockfiles.model import (
    MAX_LOCK_BYTES,
    Comparison,
    Format,
    Level,
    LockFile,
    Problem,
    Sync,
)
from supplychain.lockfiles.names import beside, folder_of
from supplychain.lockfiles.npm import ConflictError, table
from supplychain.lockfiles.requirements_sync import (
    compare_with_input,
    compare_with_project,
    source_names,
)
from supplychain.lockfiles.uv_sources import foreign_sources

MAX_MANIFEST = 1024 * 1024  # bytes; the largest package.json seen has 60 kB
MAX_MEMBERS = 2_000  # folders of one workspace
MAX_INCLUDES = 50  # files that requirements name with -r or -c, in all

_Table = Mapping[str, Any]


class ManifestError(MalformedError):
    """The manifest beside a lock, at ``name``, is not what its format allows."""

    def __init__(self, name: str, error: MalformedError) -> None:
        super().__init__(error.reason, error.line, error.column, error.at)
        self.name = name
        self.has_conflict = isinstance(error, ConflictError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A lock, the manifest that it was compared with, and what came of it.

    ``absent`` are files that it names and that are not there.
    """

    lock: LockFile
    manifest: str | None
    comparison: Comparison
    absent: tuple[str, ...] = ()


def read_pair(tree: Tree, name: str, written: Format) -> Pair:
    """Read a lock and what lies beside it, and compare them.

    Raises:
        UnreadableError: the lock is missing or may not be read.
        MalformedError: the lock is not what its format allows.
        ManifestError: its manifest is not.
    """
    text = read_text(tree, name, MAX_LOCK_BYTES)
    if written is Format.NPM:
        return _npm(tree, name, text)
    if written is Format.UV:
        return _uv(tree, name, text)
    return _requirements(tree, name, text)


def read_json(tree: Tree, name: str) -> _Table:
    """Return a manifest's JSON object.

    Raises:
        UnreadableError: it is missing or may not be read.
        ManifestError: it is no JSON object.
    """
    try:
        text = read_text(tree, name, MAX_MANIFEST)
        npm.refuse_conflict(text)
        content = json.read(text.encode(errors="surrogatepass"), limit=MAX_MANIFEST)
    except MalformedError as error:
        raise ManifestError(name, error) from None
    if not isinstance(content, Mapping):
        raise ManifestError(name, MalformedError("is no JSON object", line=1))
    return content


def read_toml(tree: Tree, name: str) -> _Table:
    """Return a manifest's TOML tables.

    Raises:
        UnreadableError: it is missing or may not be read.
        ManifestError: it is no TOML.
    """
    try:
        return toml.read(read_text(tree, name, MAX_MANIFEST))
    except MalformedError as error:
        raise ManifestError(name, error) from None


def read_requirements(tree: Tree, name: str) -> requirements.Requirements:
    """Return a requirements file as pip reads it.

    Raises:
        UnreadableError: it is missing or may not be read.
        ManifestError: pip would refuse it.
    """
    try:
        return requirements.read(read_text(tree, name, MAX_LOCK_BYTES))
    except MalformedError as error:
        raise ManifestError(name, error) from None


def workspace_folders(tree: Tree, top: str, manifest: _Table) -> frozenset[str]:
    """Return the folders below ``top`` that ``workspaces`` of its package.json name."""
    listed = manifest.get("workspaces")
    listed = table(listed).get("packages", listed)
    patterns = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    return _matching(tree, top, "package.json", [one.removesuffix("/") for one in patterns])


def uv_members(tree: Tree, top: str, manifest: _Table) -> frozenset[str]:
    """Return the folders below ``top`` that ``tool.uv.workspace`` of its pyproject.toml names."""
    workspace = table(table(table(manifest.get("tool")).get("uv")).get("workspace"))
    wanted, unwanted = (
        [one for one in workspace.get(key, []) if isinstance(one, str)]
        for key in ("members", "exclude")
    )
    return _matching(tree, top, "pyproject.toml", [*wanted, *(f"!{one}" for one in unwanted)])


def _matching(tree: Tree, top: str, base: str, patterns: list[str]) -> frozenset[str]:
    if not patterns:
        return frozenset()
    prefix = f"{top}/" if top else ""
    parsed = list(_parsed(patterns))
    folders = (
        folder_of(name[len(prefix) :])
        for name in tree.names()
        if name.startswith(prefix) and name.endswith(f"/{base}")
    )
    found = (folder for folder in folders if folder and _is_inside(folder, parsed))
    return frozenset(islice(found, MAX_MEMBERS))


def _parsed(patterns: list[str]) -> Iterator[tuple[PathPattern, bool]]:
    """Yield patterns, and whether each takes folders out again; unusable ones match nothing."""
    for text in patterns:
        bare = posixpath.normpath(text.removeprefix("!").removeprefix("./"))
        try:
            yield PathPattern.parse(bare), text.startswith("!")
        except MalformedError:
            continue


def _is_inside(folder: str, patterns: list[tuple[PathPattern, bool]]) -> bool:
    deciding = [negative for pattern, negative in patterns if pattern.matches(folder)]
    return bool(deciding) and not deciding[-1]


def _npm(tree: Tree, name: str, text: str) -> Pair:
    lock = npm.read(text)
    beside_it = beside(name, "package.json")
    if not tree.has(beside_it):
        return _without_manifest(lock.lock, "package.json")
    manifest = read_json(tree, beside_it)
    top = folder_of(name)
    workspaces = workspace_folders(tree, top, manifest)
    outside = {place for place in lock.nodes if place and "node_modules" not in place.split("/")}
    members: dict[str, _Table] = {}
    for folder in sorted(workspaces | outside)[: 2 * MAX_MEMBERS]:
        path = posixpath.normpath(posixpath.join(top, folder, "package.json"))
        if tree.has(path):
            members[folder] = read_json(tree, path)
    comparison = npm_sync.compare(
        lock,
        manifest,
        members,
        workspaces=workspaces,
        legacy_peers=_legacy_peers(tree, name),
    )
    return Pair(lock=lock.lock, manifest=beside_it, comparison=comparison)


def _legacy_peers(tree: Tree, name: str) -> bool:
    """Say whether the project's .npmrc leaves peers out (config ``legacy-peer-deps``)."""
    try:
        text = read_text(tree, beside(name, ".npmrc"), MAX_MANIFEST)
    except (UnreadableError, MalformedError):
        return False
    settings = (line.partition("=") for line in text.splitlines())
    return any(
        key.strip() == "legacy-peer-deps" and value.strip().strip("\"'") in ("true", "")
        for key, _, value in settings
    )


def _uv(tree: Tree, name: str, text: str) -> Pair:
    lock = uv.read(text)
    beside_it = beside(name, "pyproject.toml")
    if not tree.has(beside_it):
        return _without_manifest(lock.lock, "pyproject.toml")
    manifest = read_toml(tree, beside_it)
    top = folder_of(name)
    members = {
        folder: read_toml(tree, posixpath.join(top, folder, "pyproject.toml"))
        for folder in sorted(uv_members(tree, top, manifest))
    }
    foreign = tuple(foreign_sources(lock))
    return Pair(
        lock=replace(lock.lock, problems=(*lock.lock.problems, *foreign)),
        manifest=beside_it,
        comparison=uv_sync.compare(lock, manifest, members),
    )


def _requirements(tree: Tree, name: str, text: str) -> Pair:
    lock = requirements.read(text)
    source = requirements_source(tree, name, text)
    problems, absent = _includes(tree, name, lock)
    own = replace(lock.lock, problems=(*lock.lock.problems, *problems))
    if source is None:
        absent = (*absent, *source_names(text))
        reason = "there is no file that it was compiled from"
        return Pair(
            lock=own,
            manifest=None,
            comparison=Comparison(sync=Sync.UNDECIDABLE, reason=reason),
            absent=absent,
        )
    if source.endswith(".toml"):
        comparison = compare_with_project(lock, read_toml(tree, source))
    else:
        comparison = compare_with_input(lock, read_requirements(tree, source))
    return Pair(lock=own, manifest=source, comparison=comparison, absent=absent)


def _includes(
    tree: Tree, name: str, lock: requirements.Requirements
) -> tuple[list[Problem], tuple[str, ...]]:
    """Return what is wrong with the files that a hashed file includes, and those not there."""
    if not lock.has_hashes:
        return [], ()
    problems: list[Problem] = []
    absent: list[str] = []
    for option in lock.options[:MAX_INCLUDES]:
        if option.kind not in ("include", "constraint"):
            continue
        path = posixpath.normpath(posixpath.join(folder_of(name), option.value))
        if "//" in option.value or "${" in option.value:
            problems.append(_loose(option, "is read from an address that no hash fixes"))
        elif not tree.has(path):
            absent.append(option.value)
        elif option.kind == "include":
            included = read_requirements(tree, path).lock
            if any(not one.hashes for entry in included.entries for one in entry.artifacts):
                problems.append(_loose(option, "holds requirements without a hash"))
    return problems, tuple(absent)


def _loose(option: requirements.Option, why: str) -> Problem:
    return Problem(
        code="missing-integrity",
        level=Level.BLOCKING,
        name=printable(option.value, 120),
        message=f"'{printable(option.value, 120)}' {why}",
        hint="compile it with hashes into this file",
        line=option.line,
    )


def requirements_source(tree: Tree, name: str, text: str) -> str | None:
    """Return the path of what a requirements.txt was compiled from, where that is in the tree."""
    twin = f"{name.removesuffix('.txt')}.in"
    if twin != name and tree.has(twin):
        return twin
    for written in source_names(text):
        for folder in (folder_of(name), ""):
            path = posixpath.normpath(posixpath.join(folder, written))
            if path != name and tree.has(path):
                return path
    return None


def hash_mode(tree: Tree, name: str, first: requirements.Requirements) -> bool:
    """Say whether pip checks hashes: one ``--hash`` in the file, or in one it names, is enough."""
    waiting, seen, found = [(name, first)], {name}, first
    while waiting:
        name, found = waiting.pop()
        if found.has_hashes:
            return True
        for included in found.included("include", "constraint"):
            path = posixpath.normpath(posixpath.join(folder_of(name), included))
            if path in seen or not tree.has(path) or len(seen) >= MAX_INCLUDES:
                continue
            seen.add(path)
            try:
                waiting.append((path, read_requirements(tree, path)))
            except (UnreadableError, ManifestError):
                continue
    return False


def _without_manifest(lock: LockFile, wanted: str) -> Pair:
    reason = f"there is no {printable(wanted, 40)} beside it"
    return Pair(
        lock=lock,
        manifest=None,
        comparison=Comparison(sync=Sync.UNDECIDABLE, reason=reason),
    )
