"""What Python projects ask for, as pyproject.toml writes it and as uv.lock repeats it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from packaging.requirements import InvalidRequirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from supplychain.formats.text import printable
from supplychain.lockfiles.addresses import normal_name
from supplychain.lockfiles.npm import table, text_of
from supplychain.lockfiles.python_markers import Markers
from supplychain.lockfiles.python_requirement import read_requirement

MAX_ASKS = 10_000  # requirements of one project, includes expanded
MAX_DEPTH = 50  # groups that include one another, extras that name one another

_Table = Mapping[str, Any]
_PLACES = ("git", "url", "path", "directory", "editable", "virtual")
_EXTRA = re.compile(r"\s*(?:\band\b\s*)?extra\s*==\s*(['\"])([^'\"]+)\1(?:\s*\band\b)?\s*")


class UnjudgedError(Exception):
    """Whether lock and manifest agree cannot be told without the tool; the message says why."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One requirement: name, versions, extras, the extra that it belongs to, marker, and place.

    ``place`` is where a source other than an index lies, as kind and text.
    """

    name: str
    specifier: str
    extras: frozenset[str]
    extra: str
    marker: str
    place: tuple[str, str] | None = None

    def equals(self, other: Ask, markers: Markers) -> bool:
        """Say whether two requirements ask for the same."""
        return (
            (self.name, self.extras, self.extra) == (other.name, other.extras, other.extra)
            and _same_specifier(self.specifier, other.specifier)
            and _same_place(self.place, other.place)
            and markers.same(self.marker, other.marker)
        )

    def __str__(self) -> str:
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        place = f" @ {self.place[1]}" if self.place else ""
        marker = f"; {self.marker}" if self.marker else ""
        return f"{self.name}{extras}{self.specifier}{place}{marker}"


def asks_of(project: _Table, sources: _Table) -> list[Ask]:
    """Return what ``[project]`` asks for, extras included.

    Raises:
        UnjudgedError: a requirement or a source is none that we can compare.
    """
    found = [_ask(text, "", sources) for text in _texts(project.get("dependencies"))]
    for extra, texts in table(project.get("optional-dependencies")).items():
        found += [_ask(text, normal_name(extra), sources) for text in _texts(texts)]
    return found


def groups_of(content: _Table, sources: _Table) -> dict[str, list[Ask]]:
    """Return what ``[dependency-groups]`` ask for, includes expanded; uv's older list is ``dev``.

    Raises:
        UnjudgedError: groups include one another in a circle, or a requirement is none.
    """
    tables = {normal_name(k): v for k, v in table(content.get("dependency-groups")).items()}
    found = {name: _group(name, tables, sources, 0) for name in tables}
    older = table(table(content.get("tool")).get("uv")).get("dev-dependencies")
    if older:
        found["dev"] = found.get("dev", []) + [_ask(one, "", sources) for one in _texts(older)]
    return found


def locked_asks(value: object) -> list[Ask]:
    """Return what a list of uv.lock says that a project asks for.

    Raises:
        UnjudgedError: an item is none that uv writes.
    """
    return [_locked(table(one)) for one in (value if isinstance(value, list) else [])]


def flattened(asks: list[Ask], project: str) -> list[Ask]:
    """Return requirements with those of the project on its own extras replaced by what they hold.

    uv accepts both spellings (``FlatRequiresDist``).

    Raises:
        UnjudgedError: extras name one another too deep.
    """
    own = normal_name(project)
    if not any(ask.name == own for ask in asks):
        return _unique(asks)
    by_extra: dict[str, list[Ask]] = {}
    for ask in asks:
        by_extra.setdefault(ask.extra, []).append(ask)
    found: list[Ask] = []
    for extra, first in by_extra.items():
        waiting = [(ask, "", 0) for ask in first]
        while waiting:
            ask, marker, depth = waiting.pop()
            joined = _both(ask.marker, marker)
            if ask.name != own:
                found.append(replace(ask, extra=extra, marker=joined))
                continue
            if depth > MAX_DEPTH or len(found) + len(waiting) > MAX_ASKS:
                reason = "the project's extras name one another too deep"
                raise UnjudgedError(reason)
            for name in sorted(ask.extras):
                waiting += [(one, joined, depth + 1) for one in by_extra.get(name, [])]
    return _unique(found)


def _unique(asks: list[Ask]) -> list[Ask]:
    return list(dict.fromkeys(asks))


def _both(one: str, other: str) -> str:
    return f"({one}) and ({other})" if one and other else one or other


def _group(name: str, tables: _Table, sources: _Table, depth: int) -> list[Ask]:
    if depth > MAX_DEPTH:
        reason = "dependency groups include one another"
        raise UnjudgedError(reason)
    found: list[Ask] = []
    listed = tables.get(name, [])
    for item in listed if isinstance(listed, list) else []:
        if isinstance(item, str):
            found.append(_ask(item, "", sources))
        else:
            included = text_of(table(item).get("include-group"))
            if included is not None:
                found += _group(normal_name(included), tables, sources, depth + 1)
        if len(found) > MAX_ASKS:
            reason = f"more than {MAX_ASKS} requirements"
            raise UnjudgedError(reason)
    return _unique(found)


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _ask(text: str, extra: str, sources: _Table) -> Ask:
    try:
        requirement = read_requirement(text)
    except InvalidRequirement:
        reason = f"'{printable(text, 80)}' is no requirement"
        raise UnjudgedError(reason) from None
    name = normal_name(requirement.name)
    place = _written(requirement.url) if requirement.url else None
    source = next((value for key, value in sources.items() if normal_name(key) == name), None)
    if source is not None:
        place = _sourced(name, source)
    return Ask(
        name=name,
        specifier=str(requirement.specifier),
        extras=frozenset(normal_name(one) for one in requirement.extras),
        extra=extra,
        marker=str(requirement.marker or ""),
        place=place,
    )


def _written(url: str) -> tuple[str, str]:
    """Return where a direct reference lies; uv writes a git reference as ``?rev=``."""
    if not url.startswith("git+"):
        return ("url", url)
    bare, _, fragment = url.removeprefix("git+").partition("#")
    if fragment:
        reason = f"'{printable(url, 80)}' names a folder of a repository"
        raise UnjudgedError(reason)
    head, sign, reference = bare.rpartition("@")
    has_reference = bool(sign) and "/" in head.partition("://")[2]
    return ("git", f"{head}?rev={reference}" if has_reference else bare)


def _sourced(name: str, source: object) -> tuple[str, str] | None:
    """Return where ``tool.uv.sources`` says that a package comes from."""
    found = table(source)
    if not found or any(key in found for key in ("marker", "extra", "group", "subdirectory")):
        reason = f"the source of '{printable(name, 80)}' depends on more than its name"
        raise UnjudgedError(reason)
    if found.get("workspace") is True:
        return ("workspace", "")
    if "index" in found:
        return ("index", "")
    git = text_of(found.get("git"))
    if git is not None:
        asked = [f"{key}={found[key]}" for key in ("rev", "tag", "branch") if key in found]
        return ("git", f"{git.removeprefix('git+')}?{'&'.join(asked)}".rstrip("?"))
    for key in ("url", "path"):
        value = text_of(found.get(key))
        if value is not None:
            return (key, value)
    reason = f"the source of '{printable(name, 80)}' is of an unknown kind"
    raise UnjudgedError(reason)


def _locked(item: _Table) -> Ask:
    name = text_of(item.get("name"))
    if name is None:
        reason = "the lock repeats a requirement without a name"
        raise UnjudgedError(reason)
    place = None
    for key in _PLACES:
        value = text_of(item.get(key))
        if value is not None:
            place = (key, value)
    if place is None and text_of(item.get("index")) is not None:
        place = ("index", "")
    extras = item.get("extras")
    extra, marker = _without_extra(text_of(item.get("marker")) or "")
    return Ask(
        name=normal_name(name),
        specifier=text_of(item.get("specifier")) or "",
        extras=frozenset(normal_name(one) for one in _texts(extras)),
        extra=extra,
        marker=marker,
        place=place,
    )


def _without_extra(marker: str) -> tuple[str, str]:
    """Split a locked marker into the extra that it belongs to and the rest."""
    found = _EXTRA.search(marker[:4096])
    if found is None:
        return "", marker
    before, after = marker[: found.start()].strip(), marker[found.end() :].strip()
    rest = f"{before} and {after}" if before and after else before or after
    if rest.startswith("(") and rest.endswith(")") and rest.count("(") == 1:
        rest = rest[1:-1]
    return normal_name(found[2]), rest


def _same_specifier(one: str, other: str) -> bool:
    if one == other:
        return True
    try:
        return SpecifierSet(one) == SpecifierSet("" if other == "*" else other)
    except InvalidSpecifier:
        return False


def _same_place(mine: tuple[str, str] | None, locked: tuple[str, str] | None) -> bool:
    """Say whether the place of a manifest is that of the lock.

    uv tells folders apart (editable, virtual, directory) that pyproject.toml calls a path.
    """
    if mine is None or locked is None:
        return mine == locked
    kind, text = mine
    if kind == "workspace":
        return locked[0] in ("editable", "virtual", "directory")
    if kind == "index":
        return locked[0] == "index"
    if kind == "path":
        folders = ("path", "directory", "editable", "virtual")
        return locked[0] in folders and _plain(locked[1]) == _plain(text)
    return locked[0] == kind and _plain(locked[1]) == _plain(text)


def _plain(text: str) -> str:
    return text.removeprefix("git+").removeprefix("./").rstrip("/")
