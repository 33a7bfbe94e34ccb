"""package-lock.json and npm-shrinkwrap.json, versions 1 to 3.

Format: docs.npmjs.com/cli/v11/configuring-npm/package-lock-json; behaviour by npm 11.19, arborist
``shrinkwrap.js`` and ``load-virtual.js``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from supplychain.formats import json
from supplychain.formats.text import MalformedError, printable
from supplychain.lockfiles.model import (
    MAX_ENTRIES,
    MAX_LOCK_BYTES,
    Artifact,
    Entry,
    Format,
    Level,
    LockFile,
    Problem,
    Source,
)
from supplychain.lockfiles.npm_specs import read_git

MAX_LOCATION = 512  # characters of a key in ``packages``; npm nests about ten folders deep
MAX_DUPLICATES = 100  # duplicate keys told of

_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?:[ \t\r]|$)", re.MULTILINE)
_NEWEST = 3
_Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmNode:
    """An entry of ``packages`` as npm's tree sees it."""

    location: str
    version: str
    resolved: str | None
    link: bool
    bundled: bool
    package: str | None
    edges: Mapping[str, _Table]
    bundles: frozenset[str]
    extraneous: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmLock:
    """An npm lock: the common model, and the tree that its manifest is compared with."""

    lock: LockFile
    nodes: Mapping[str, NpmNode]
    root: _Table


class ConflictError(MalformedError):
    """The file holds the marks of a merge that was not finished."""


def refuse_conflict(text: str) -> None:
    """Refuse a file with conflict marks.

    Raises:
        ConflictError: it holds a line that git writes around conflicting parts.
    """
    if "<<<<<<<" not in text and ">>>>>>>" not in text:
        return
    found = _CONFLICT.search(text)
    if found is not None:
        reason = f"holds the conflict mark '{found[0].strip()}'"
        raise ConflictError(reason, line=text.count("\n", 0, found.start()) + 1)


def read(text: str) -> NpmLock:
    """Read an npm lock file.

    Raises:
        ConflictError: it holds conflict marks.
        MalformedError: it is no JSON object, of an unknown version, or beyond our limits.
    """
    refuse_conflict(text)
    twice: list[str] = []
    document = json.read(
        text.encode(errors="surrogatepass"), limit=MAX_LOCK_BYTES, on_duplicate=twice.append
    )
    version = _version(document)
    packages = _packages(document, version)
    problems = [*_duplicates(twice), *_second_copy(document, version, packages)]
    nodes: dict[str, NpmNode] = {}
    for location, value in packages.items():
        if not isinstance(value, Mapping) or len(location) > MAX_LOCATION:
            problems.append(_invalid(location, "is no entry that npm would write"))
            continue
        nodes[location] = _node(location, value)
    bundled = frozenset(bundled_places(nodes, names_bundles=version > 1))
    entries = [
        _entry(place, packages[place], is_bundled=place in bundled) for place in nodes if place
    ]
    root = packages.get("")
    return NpmLock(
        lock=LockFile(
            format=Format.NPM,
            version=str(version),
            ecosystem="npm",
            entries=tuple(entries),
            text=text,
            problems=tuple(problems),
        ),
        nodes=nodes,
        root=root if isinstance(root, Mapping) else {},
    )


def text_of(value: object) -> str | None:
    """Return a JSON value that is a string and not empty."""
    return value if isinstance(value, str) and value else None


def table(value: object) -> _Table:
    """Return a JSON value that is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def _version(document: object) -> int:
    if not isinstance(document, Mapping):
        reason = "is no JSON object"
        raise MalformedError(reason, line=1)
    version = document.get("lockfileVersion", 1)
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= _NEWEST:
        reason = f"has the lockfileVersion {printable(repr(version), 40)}, not 1, 2 or 3"
        raise MalformedError(reason)
    return version


def _packages(document: _Table, version: int) -> _Table:
    found = document.get("packages")
    if version == 1 and found is None:
        found = {"": {}, **dict(_from_version_1(document))}
    if not isinstance(found, Mapping):
        reason = "has no 'packages'"
        raise MalformedError(reason)
    if len(found) > MAX_ENTRIES:
        reason = f"has more than {MAX_ENTRIES} packages"
        raise MalformedError(reason)
    return found


def _from_version_1(document: _Table) -> Iterator[tuple[str, _Table]]:
    """Yield the nested ``dependencies`` of version 1 as version 2 would list them."""
    waiting: list[tuple[str, _Table]] = [("", table(document.get("dependencies")))]
    while waiting:
        above, found = waiting.pop()
        for name, value in found.items():
            entry = table(value)
            location = f"{above}node_modules/{name}"
            version = text_of(entry.get("version")) or ""
            is_version = ":" not in version and "/" not in version
            yield (
                location,
                {
                    "version": version if is_version else None,
                    "resolved": entry.get("resolved") or (None if is_version else version),
                    "integrity": entry.get("integrity"),
                    "inBundle": entry.get("bundled"),
                    "dependencies": entry.get("requires"),
                    "link": version.startswith("file:") and not version.endswith("gz"),
                },
            )
            nested = table(entry.get("dependencies"))
            if nested:
                waiting.append((f"{location}/", nested))


def _node(location: str, value: _Table) -> NpmNode:
    bundles = value.get("bundleDependencies") or value.get("bundledDependencies")
    if bundles is True:
        bundles = [*table(value.get("dependencies"))]
    return NpmNode(
        location=location,
        version=text_of(value.get("version")) or "",
        resolved=text_of(value.get("resolved")),
        link=value.get("link") is True,
        bundled=value.get("inBundle") is True,
        package=text_of(value.get("name")),
        edges={key: table(value.get(key)) for key in EDGE_KEYS},
        bundles=frozenset(one for one in bundles if isinstance(one, str))
        if isinstance(bundles, list)
        else frozenset(),
        extraneous=value.get("extraneous") is True,
    )


EDGE_KEYS = (
    "peerDependencies",
    "dependencies",
    "optionalDependencies",
    "devDependencies",
    "peerDependenciesMeta",
)


def _entry(location: str, value: _Table, *, is_bundled: bool) -> Entry:
    name = name_at(location)
    resolved = text_of(value.get("resolved"))
    integrity = text_of(value.get("integrity"))
    source, commit = _source(location, value, resolved, is_bundled=is_bundled)
    hashes = tuple(part.replace("-", ":", 1) for part in (integrity or "").split())
    return Entry(
        name=name,
        package=text_of(value.get("name")) or name,
        version=text_of(value.get("version")),
        source=source,
        place=location,
        artifacts=(Artifact(url=resolved, hashes=hashes),),
        commit=commit,
        runs_scripts=value.get("hasInstallScript") is True,
        location=resolved,
    )


def _source(
    location: str, value: _Table, resolved: str | None, *, is_bundled: bool
) -> tuple[Source, str | None]:
    if value.get("link") is True or "node_modules/" not in f"{location}/":
        return Source.OWN, None
    if is_bundled:
        return Source.BUNDLED, None
    if resolved is not None and resolved.startswith("file:"):
        return Source.FILE, None
    if resolved is None or "/-/" in resolved:
        return Source.REGISTRY, None
    git = None if resolved.startswith(("http:", "https:")) else read_git(resolved)
    return (Source.URL, None) if git is None else (Source.GIT, git.committish)


def bundled_places(nodes: Mapping[str, NpmNode], *, names_bundles: bool) -> Iterator[str]:
    """Yield the places of packages that come inside the archive of another one.

    That other one has to name them, or name what needs them; version 1 does not say what it names.
    What the project itself bundles comes from the registry like everything else.
    """
    inside: dict[str, list[str]] = {}
    for place, node in nodes.items():
        above = place
        while above and (above == place or (above in nodes and nodes[above].bundled)):
            above = above.rpartition("/node_modules/")[0]
        if node.bundled and above in nodes and "node_modules/" in f"{above}/":
            inside.setdefault(above, []).append(place)
    for above, places in inside.items():
        if not names_bundles:
            yield from places
            continue
        needed: dict[str, set[str]] = {}
        for place in places:
            wanted = needed.setdefault(name_at(place), set())
            for key in EDGE_KEYS[:3]:
                wanted |= {*nodes[place].edges[key]}
        named: set[str] = set()
        waiting = [*nodes[above].bundles]
        while waiting:
            name = waiting.pop()
            if name not in named:
                named.add(name)
                waiting += needed.get(name, ())
        yield from (place for place in places if name_at(place) in named)


def name_at(location: str) -> str:
    """Return the name that a package is installed under, by its folder."""
    return location.rpartition("node_modules/")[2]


def _duplicates(twice: list[str]) -> Iterator[Problem]:
    for key in dict.fromkeys(twice[:MAX_DUPLICATES]):
        yield Problem(
            code="duplicate-entry",
            level=Level.BLOCKING,
            name=name_at(key) or "the project itself",
            message=f"'{printable(key, 120)}' stands twice in one object; the last one counts",
            hint="let npm write the lock again",
            place=key,
        )


def _invalid(location: str, why: str) -> Problem:
    return Problem(
        code="invalid-lock",
        level=Level.BLOCKING,
        name=name_at(location[:MAX_LOCATION]),
        message=f"'{printable(location, 120)}' {why}",
        hint="let npm write the lock again",
        place=location,
    )


def _second_copy(document: _Table, version: int, packages: _Table) -> Iterator[Problem]:
    """Compare ``dependencies`` of version 2, which npm 6 reads, with ``packages``."""
    copy = document.get("dependencies")
    if version != 2 or not isinstance(copy, Mapping):  # noqa: PLR2004 -- the version with two copies
        return
    for location, other in _from_version_1(document):
        first = table(packages.get(location))
        if location not in packages:
            differs = "is in 'dependencies' only"
        elif first.get("link") is True or other["link"]:
            continue
        else:
            keys = [key for key in ("version", "integrity") if _differs(first, other, key)]
            if not keys:
                continue
            differs = f"has another {keys[0]} in 'dependencies' than in 'packages'"
        yield Problem(
            code="v2-sections-disagree",
            level=Level.BLOCKING,
            name=name_at(location),
            message=f"'{printable(location, 120)}' {differs}; npm 6 reads the former",
            hint="let npm write the lock again",
            place=location,
        )


def _differs(first: _Table, other: _Table, key: str) -> bool:
    mine, its = first.get(key), other.get(key)
    if key == "version" and its is None:
        return False
    return bool(mine != its)
