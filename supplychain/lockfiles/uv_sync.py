"""Does a uv.lock hold what its pyproject.toml asks for, as ``uv lock --check`` would say.

Rules: uv 0.13, ``crates/uv-resolver/src/lock/mod.rs`` (``Lock::satisfies``): each member's
requirements, groups, extras and version, and the Python versions, must be those of the lock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from packaging.requirements import InvalidRequirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from supplychain.formats.text import printable
from supplychain.lockfiles.addresses import normal_name
from supplychain.lockfiles.model import Comparison, Level, Problem, Sync
from supplychain.lockfiles.npm import table, text_of
from supplychain.lockfiles.python_asks import (
    Ask,
    UnjudgedError,
    asks_of,
    flattened,
    groups_of,
    locked_asks,
)
from supplychain.lockfiles.python_markers import Markers, same_pythons
from supplychain.lockfiles.python_requirement import read_requirement
from supplychain.lockfiles.uv import UvLock

_Table = Mapping[str, Any]
_HINT = "run `uv lock` and commit the lock that it writes"
_OPTIONS = ("resolution-mode", "prerelease-mode", "fork-strategy")
_LISTS = (
    ("constraints", "constraint-dependencies"),
    ("overrides", "override-dependencies"),
)


def compare(lock: UvLock, manifest: _Table, members: Mapping[str, _Table]) -> Comparison:
    """Compare a lock with the pyproject.toml beside it and those of the workspace's members.

    ``members`` are by their folder below the root; the root itself is not among them.
    """
    problems: list[Problem] = []
    try:
        for folder, content in {"": manifest, **members}.items():
            if table(content.get("project")):
                problems += _member(lock, folder, content)
            elif not folder:
                problems += _without_project(lock, content)
        problems += _members(lock, manifest, members)
        problems += _settings(lock, manifest)
        problems += _pythons(lock, manifest, members)
    except UnjudgedError as error:
        if problems:
            return Comparison(sync=Sync.OUT_OF_SYNC, problems=tuple(problems))
        return Comparison(sync=Sync.UNDECIDABLE, reason=str(error))
    if problems:
        return Comparison(sync=Sync.OUT_OF_SYNC, problems=tuple(problems))
    holes = tuple(_unsatisfied(lock, manifest))
    return Comparison(sync=Sync.IN_SYNC, problems=holes)


def _member(lock: UvLock, folder: str, content: _Table) -> Iterator[Problem]:
    project = table(content.get("project"))
    name = text_of(project.get("name"))
    if name is None:
        reason = "pyproject.toml has no project name"
        raise UnjudgedError(reason)
    package = _own_package(lock, folder)
    if package is None or normal_name(str(package.get("name"))) != normal_name(name):
        yield _stale(name, f"the lock knows no project '{printable(name, 80)}'")
        return
    dynamic = project.get("dynamic")
    dynamic = dynamic if isinstance(dynamic, list) else []
    if "dependencies" in dynamic or "optional-dependencies" in dynamic:
        reason = "the dependencies of pyproject.toml are dynamic"
        raise UnjudgedError(reason)
    version = text_of(project.get("version"))
    if version is not None and not _same_version(version, text_of(package.get("version"))):
        yield _stale(name, f"pyproject.toml is version '{printable(version, 40)}'")
    metadata = table(package.get("metadata"))
    sources = table(table(table(content.get("tool")).get("uv")).get("sources"))
    markers = _markers(lock)
    asked = asks_of(project, sources)
    locked = locked_asks(metadata.get("requires-dist"))
    wanted = flattened(asked, name), flattened(locked, name)
    yield from _differences("", *wanted, markers)
    extras = {normal_name(extra) for extra in table(project.get("optional-dependencies"))}
    told = metadata.get("provides-extras")
    if isinstance(told, list) and {normal_name(str(one)) for one in told} != extras:
        yield _stale(name, "the extras of pyproject.toml are others than those of the lock")
    yield from _groups(content, table(metadata.get("requires-dev")), sources, markers)


def _groups(
    content: _Table, locked: _Table, sources: _Table, markers: Markers
) -> Iterator[Problem]:
    wanted = groups_of(content, sources)
    told = {normal_name(group): locked_asks(asks) for group, asks in locked.items()}
    for group in sorted(wanted.keys() ^ told.keys()):
        side = "pyproject.toml" if group in wanted else "the lock"
        yield _stale(group, f"only {side} knows the group '{printable(group, 60)}'")
    for group in sorted(wanted.keys() & told.keys()):
        yield from _differences(group, wanted.get(group, []), told.get(group, []), markers)


def _without_project(lock: UvLock, content: _Table) -> Iterator[Problem]:
    """Compare a pyproject.toml that only has groups or members: they stand in ``[manifest]``."""
    sources = table(table(table(content.get("tool")).get("uv")).get("sources"))
    manifest = table(lock.document.get("manifest"))
    yield from _groups(content, table(manifest.get("dependency-groups")), sources, _markers(lock))


def _differences(
    group: str, wanted: list[Ask], locked: list[Ask], markers: Markers
) -> Iterator[Problem]:
    left: dict[str, list[Ask]] = {}
    for one in locked:
        left.setdefault(one.name, []).append(one)
    where = f"group '{printable(group, 60)}' of pyproject.toml" if group else "pyproject.toml"
    unmet: list[Ask] = []
    for ask in wanted:
        twins = left.get(ask.name, [])
        twin = next((one for one in twins if ask.equals(one, markers)), None)
        if twin is None:
            unmet.append(ask)
        else:
            twins.remove(twin)
    for ask in unmet:
        near = left.get(ask.name, [])
        instead = f"the lock was made for '{near.pop(0)}'" if near else "the lock does not"
        yield _stale(ask.name, printable(f"{where} asks for '{ask}', {instead}", 300))
    for one in (one for twins in left.values() for one in twins):
        told = f"the lock was made for '{one}', which {where} does not ask for"
        yield _stale(one.name, printable(told, 300))


def _members(lock: UvLock, manifest: _Table, members: Mapping[str, _Table]) -> Iterator[Problem]:
    """Compare the names of a workspace's members; one project alone is not listed."""
    told = table(lock.document.get("manifest")).get("members")
    found = [manifest, *members.values()]
    projects = [text_of(table(one.get("project")).get("name")) for one in found]
    names = {normal_name(name) for name in projects if name}
    locked = {normal_name(str(one)) for one in told} if isinstance(told, list) else names
    if isinstance(told, list) or len(names) > 1:
        locked = locked if isinstance(told, list) else set()
        for name in sorted(names ^ locked):
            side = "the lock" if name in locked else "the workspace"
            yield _stale(name, f"only {side} knows the member '{printable(name, 80)}'")


def _settings(lock: UvLock, manifest: _Table) -> Iterator[Problem]:
    """Compare what changes a resolution: constraints, overrides, modes and the cool-down."""
    settings = table(table(manifest.get("tool")).get("uv"))
    told = table(lock.document.get("manifest"))
    for locked_key, key in _LISTS:
        wanted = settings.get(key)
        asks = asks_of({"dependencies": wanted or []}, table(settings.get("sources")))
        yield from _differences("", asks, locked_asks(told.get(locked_key)), _markers(lock))
    options = table(lock.document.get("options"))
    for key in _OPTIONS:
        mine, its = settings.get(key.removesuffix("-mode")), options.get(key)
        if mine is not None and its is None and mine in _DEFAULTS:
            continue
        if mine != its:
            yield _stale(key, f"pyproject.toml has another '{key}' than the lock")
    yield from _cool_down(settings, options)


_DEFAULTS = ("highest", "if-necessary-or-explicit", "requires-python")


def _cool_down(settings: _Table, options: _Table) -> Iterator[Problem]:
    mine = settings.get("exclude-newer")
    span, its = options.get("exclude-newer-span"), options.get("exclude-newer")
    if mine is None and its is None:
        return
    if mine is None or its is None:
        yield _stale("exclude-newer", "pyproject.toml and the lock disagree about 'exclude-newer'")
    elif span is None and str(mine)[:10] != str(its)[:10]:
        yield _stale("exclude-newer", "pyproject.toml has another 'exclude-newer' than the lock")
    elif span is not None and str(mine) != str(span):
        reason = "whether two spans of 'exclude-newer' are equal is uv's to say"
        raise UnjudgedError(reason)


def _pythons(lock: UvLock, manifest: _Table, members: Mapping[str, _Table]) -> Iterator[Problem]:
    told = text_of(lock.document.get("requires-python"))
    found = [
        text_of(table(one.get("project")).get("requires-python"))
        for one in (manifest, *members.values())
    ]
    wanted = [one for one in found if one is not None]
    if told is None or not wanted:
        return
    try:
        mine = SpecifierSet(",".join(wanted))
        its = SpecifierSet(told)
    except InvalidSpecifier:
        reason = "requires-python is no specifier"
        raise UnjudgedError(reason) from None
    if not same_pythons(mine, its):
        yield _stale(
            "requires-python",
            f"pyproject.toml asks for Python '{printable(','.join(wanted), 60)}', "
            f"the lock was made for '{printable(told, 60)}'",
        )


def _unsatisfied(lock: UvLock, manifest: _Table) -> Iterator[Problem]:
    """Yield direct dependencies of which the lock holds no version that they allow."""
    versions: dict[str, list[str | None]] = {}
    for package in lock.packages:
        name = normal_name(str(package.get("name")))
        versions.setdefault(name, []).append(text_of(package.get("version")))
    wanted = table(manifest.get("project")).get("dependencies")
    for text in wanted if isinstance(wanted, list) else []:
        try:
            requirement = read_requirement(str(text))
        except InvalidRequirement:
            continue
        name = normal_name(requirement.name)
        locked = [version for version in versions.get(name, []) if version is not None]
        if locked and not any(_contains(requirement.specifier, one) for one in locked):
            yield Problem(
                code="unsatisfied-edge",
                level=Level.BLOCKING,
                name=name,
                message=f"pyproject.toml asks for '{printable(str(requirement), 80)}', "
                f"the lock holds {printable(locked[0], 40)}",
                hint=_HINT,
            )


def _contains(specifier: SpecifierSet, version: str) -> bool:
    try:
        return specifier.contains(version, prereleases=True)
    except InvalidVersion:
        return False


def _own_package(lock: UvLock, folder: str) -> _Table | None:
    for package in lock.packages:
        source = table(package.get("source"))
        for key in ("editable", "virtual", "directory"):
            if source.get(key) == (folder or "."):
                return package
    return None


def _markers(lock: UvLock) -> Markers:
    return Markers(text_of(lock.document.get("requires-python")))


def _same_version(one: str, other: str | None) -> bool:
    try:
        return other is not None and Version(one) == Version(other)
    except InvalidVersion:
        return one == other


def _stale(name: str, message: str) -> Problem:
    return Problem(code="out-of-sync", level=Level.BLOCKING, name=name, message=message, hint=_HINT)
