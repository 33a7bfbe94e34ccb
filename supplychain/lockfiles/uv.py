"""uv.lock, version 1 (uv 0.13; ``crates/uv-resolver/src/lock``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from supplychain.formats.text import MalformedError, printable
from supplychain.lockfiles import toml
from supplychain.lockfiles.addresses import normal_name
from supplychain.lockfiles.model import (
    MAX_ENTRIES,
    Artifact,
    Entry,
    Format,
    Level,
    LockFile,
    Problem,
    Source,
)
from supplychain.lockfiles.npm import table, text_of

VERSION = 1  # of the format; ``lock/mod.rs`` VERSION

_Table = Mapping[str, Any]
_OWN = ("virtual", "editable", "directory")


@dataclass(frozen=True, slots=True, kw_only=True)
class UvLock:
    """A uv lock: the common model, and its tables for the comparison with a manifest."""

    lock: LockFile
    document: _Table
    packages: tuple[_Table, ...]


def read(text: str) -> UvLock:
    """Read a uv.lock.

    Raises:
        ConflictError: it holds conflict marks.
        MalformedError: it is no TOML, of another version, or beyond our limits.
    """
    document = toml.read(text)
    version = document.get("version")
    if version != VERSION or isinstance(version, bool):
        reason = f"has the version {printable(repr(version), 40)}, not {VERSION}"
        raise MalformedError(reason, line=1)
    listed = document.get("package", [])
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        reason = "has a 'package' that is no array of tables"
        raise MalformedError(reason)
    if len(listed) > MAX_ENTRIES:
        reason = f"has more than {MAX_ENTRIES} packages"
        raise MalformedError(reason)
    problems: list[Problem] = []
    entries: list[Entry] = []
    for number, package in enumerate(listed):
        if text_of(package.get("name")) is None or not table(package.get("source")):
            problems.append(_invalid(number, package))
            continue
        entries.append(_entry(number, package))
    problems += _dangling(listed)
    lock = LockFile(
        format=Format.UV,
        version=str(version),
        ecosystem="pypi",
        entries=tuple(entries),
        text=text,
        problems=tuple(problems),
    )
    return UvLock(lock=lock, document=document, packages=tuple(listed))


def _entry(number: int, package: _Table) -> Entry:
    name = normal_name(package["name"])
    version = text_of(package.get("version"))
    place = table(package.get("source"))
    source, location, commit = _source(place)
    artifacts = tuple(_artifacts(package, source, location))
    if source is not Source.REGISTRY and any("//" in (one.url or "") for one in artifacts):
        source = Source.URL
    return Entry(
        name=name,
        package=name,
        version=version,
        source=source,
        place=str(number),
        artifacts=artifacts,
        commit=commit,
        location=location,
        identity=f"{name}\0{version}\0{sorted((str(k), str(v)) for k, v in place.items())}",
    )


def _source(place: _Table) -> tuple[Source, str | None, str | None]:
    if any(key in place for key in _OWN):
        return Source.OWN, None, None
    git = text_of(place.get("git"))
    if git is not None:
        return Source.GIT, git, urlsplit(git).fragment or None if _is_url(git) else None
    url = text_of(place.get("url"))
    if url is not None:
        return Source.URL, url, None
    if "path" in place:
        return Source.FILE, text_of(place.get("path")), None
    registry = text_of(place.get("registry"))
    if registry is not None and "://" not in registry:
        return Source.FILE, registry, None
    return Source.REGISTRY, registry, None


def _is_url(text: str) -> bool:
    try:
        urlsplit(text)
    except ValueError:
        return False
    return True


def _artifacts(package: _Table, source: Source, location: str | None) -> Iterator[Artifact]:
    files = [package["sdist"]] if "sdist" in package else []
    wheels = package.get("wheels", [])
    files += wheels if isinstance(wheels, list) else []
    for file in files:
        found = table(file)
        url = text_of(found.get("url")) or (location if source is Source.URL else None)
        path = text_of(found.get("path")) or text_of(found.get("filename"))
        hashed = text_of(found.get("hash"))
        yield Artifact(
            url=url,
            hashes=(hashed,) if hashed else (),
            filename=path or _filename(url),
        )


def _filename(url: str | None) -> str | None:
    return url.partition("?")[0].partition("#")[0].rpartition("/")[2] if url else None


def _invalid(number: int, package: _Table) -> Problem:
    name = text_of(package.get("name")) or f"package {number + 1}"
    return Problem(
        code="invalid-lock",
        level=Level.BLOCKING,
        name=name,
        message=f"'{printable(name, 80)}' has no name or no source",
        hint="run `uv lock` again",
        place=str(number),
    )


def _dangling(listed: list[_Table]) -> Iterator[Problem]:
    """Yield dependencies that no package of the lock answers."""
    known = {normal_name(str(one.get("name"))) for one in listed}
    for number, package in enumerate(listed):
        for wanted in dependencies(package):
            if wanted not in known:
                yield Problem(
                    code="incomplete-tree",
                    level=Level.BLOCKING,
                    name=wanted,
                    message=f"'{printable(str(package.get('name')), 80)}' needs "
                    f"'{printable(wanted, 80)}', which the lock does not hold",
                    hint="run `uv lock` again",
                    place=str(number),
                )


def dependencies(package: _Table) -> Iterator[str]:
    """Yield the names that a package of the lock depends on, extras and groups included."""
    lists = [package.get("dependencies", [])]
    for key in ("optional-dependencies", "dev-dependencies"):
        lists += table(package.get(key)).values()
    for found in lists:
        for one in found if isinstance(found, list) else []:
            name = text_of(table(one).get("name"))
            if name is not None:
                yield normal_name(name)


def git_revision(url: str) -> str | None:
    """Return the branch, tag or revision that a locked git URL was asked for by."""
    try:
        query = parse_qs(urlsplit(url).query)
    except ValueError:
        return None
    for key in ("rev", "tag", "branch"):
        if key in query:
            return query[key][0]
    return None
