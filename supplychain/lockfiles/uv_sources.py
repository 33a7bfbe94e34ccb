"""Packages of a uv.lock that come from elsewhere than their project asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from supplychain.formats.text import printable
from supplychain.lockfiles.addresses import normal_name
from supplychain.lockfiles.model import Level, Problem
from supplychain.lockfiles.npm import table, text_of
from supplychain.lockfiles.uv import UvLock

_ELSEWHERE = ("git", "url", "path", "directory", "editable", "virtual")
_Table = Mapping[str, Any]


def foreign_sources(lock: UvLock) -> Iterator[Problem]:
    """Yield packages that a project asks the registry for, and that the lock takes elsewhere."""
    asked: set[str] = set()
    elsewhere: set[str] = set()
    lists = [table(lock.document.get("manifest")).get(k) for k in ("overrides", "constraints")]
    lists += [one for package in lock.packages for one in _asks(package)]
    for listed in lists:
        for one in listed if isinstance(listed, list) else []:
            name = normal_name(text_of(table(one).get("name")) or "")
            asked.add(name)
            if any(key in table(one) for key in _ELSEWHERE):
                elsewhere.add(name)
    members = table(lock.document.get("manifest")).get("members")
    own = {str(one) for one in members} if isinstance(members, list) else set()
    for number, package in enumerate(lock.packages):
        name = normal_name(text_of(package.get("name")) or "")
        source = table(package.get("source"))
        if name in asked - elsewhere - own and any(key in source for key in _ELSEWHERE):
            is_project = any(text_of(source.get(key)) == "." for key in _ELSEWHERE)
            if not is_project:
                yield _problem(number, name, source)


def _asks(package: _Table) -> Iterator[object]:
    metadata = table(package.get("metadata"))
    yield metadata.get("requires-dist")
    yield from table(metadata.get("requires-dev")).values()


def _problem(number: int, name: str, source: _Table) -> Problem:
    shown = printable(str(next(iter(source.values()))), 100)
    return Problem(
        code="invalid-lock",
        level=Level.BLOCKING,
        name=name,
        message=f"'{printable(name, 80)}' is asked of the registry, and comes from '{shown}'",
        hint="run `uv lock` again",
        place=str(number),
    )
