"""Does a compiled requirements.txt hold what its source asks for.

The source is the ``.in`` file of the same name, or what the comment that pip-compile and uv write
at the top names.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from packaging.requirements import Requirement

from supplychain.formats.text import printable
from supplychain.lockfiles.addresses import normal_name
from supplychain.lockfiles.model import Comparison, Level, Problem, Source, Sync
from supplychain.lockfiles.npm import table
from supplychain.lockfiles.python_asks import Ask, UnjudgedError, asks_of, groups_of
from supplychain.lockfiles.python_requirement import read_requirement
from supplychain.lockfiles.requirements import Requirements, satisfied

_HEADER_LINES = 12  # pip-compile writes 6, uv 2
_COMMAND = re.compile(
    r"^#\s*(?:\$\s*)?((?:uv pip compile|pip-compile|python -m piptools compile).*)$"
)
_HINT = "compile the file again with hashes"


def source_names(text: str) -> tuple[str, ...]:
    """Return the input files that the comment at the top of a compiled file names."""
    for line in text.split("\n", _HEADER_LINES)[:_HEADER_LINES]:
        found = _COMMAND.match(line.strip()[:4096])
        if found is None:
            continue
        try:
            words = shlex.split(found[1])
        except ValueError:
            return ()
        return tuple(_inputs(words))
    return ()


def compare_with_input(lock: Requirements, source: Requirements) -> Comparison:
    """Compare with an ``.in`` file: each name is there, and its pin satisfies what it asks for."""
    named = _missing(lock, [one for one, _ in source.requirements])
    return _comparison((*named, *_missing_places(lock, source)))


def compare_with_project(lock: Requirements, project: Mapping[str, Any]) -> Comparison:
    """Compare with the dependencies of a pyproject.toml."""
    content = table(project.get("project"))
    try:
        asks = asks_of({"dependencies": content.get("dependencies")}, {})
        groups_of(project, {})
    except UnjudgedError as error:
        return Comparison(sync=Sync.UNDECIDABLE, reason=str(error))
    return _comparison(tuple(_missing(lock, [_requirement(ask) for ask in asks])))


def _comparison(problems: tuple[Problem, ...]) -> Comparison:
    return Comparison(sync=Sync.OUT_OF_SYNC if problems else Sync.IN_SYNC, problems=problems)


def _missing(lock: Requirements, wanted: list[Requirement]) -> Iterator[Problem]:
    versions: dict[str, list[str | None]] = {}
    for entry in lock.lock.entries:
        versions.setdefault(normal_name(entry.name), []).append(entry.version)
    for requirement in wanted:
        held = versions.get(normal_name(requirement.name))
        if held is None and requirement.marker is not None:
            continue  # compiled for one environment, where the marker may not hold
        if held is None:
            instead = "the compiled file does not hold it"
        elif any(one is None or satisfied(requirement.specifier, one) for one in held):
            continue
        else:
            instead = f"the compiled file pins {printable(str(held[0]), 40)}"
        yield Problem(
            code="out-of-sync",
            level=Level.BLOCKING,
            name=normal_name(requirement.name),
            message=f"the source asks for '{printable(str(requirement), 100)}', {instead}",
            hint=_HINT,
        )


def _missing_places(lock: Requirements, source: Requirements) -> Iterator[Problem]:
    """Yield addresses that the source asks for, and that the compiled file does not hold."""
    held = {_repository(entry.location or "") for entry in lock.lock.entries}
    for entry in source.lock.entries:
        is_remote = entry.source in (Source.GIT, Source.URL)
        if is_remote and _repository(entry.location or "") not in held:
            yield Problem(
                code="out-of-sync",
                level=Level.BLOCKING,
                name=entry.name,
                message=f"the source asks for '{printable(entry.location or '', 100)}', "
                "the compiled file does not hold it",
                hint=_HINT,
            )


def _repository(location: str) -> str:
    """Return an address without the revision and the fragment behind it."""
    bare = location.partition("#")[0]
    before, slash, last = bare.rpartition("/")
    return f"{before}{slash}{last.partition('@')[0].removesuffix('.git')}"


def _requirement(ask: Ask) -> Requirement:
    marker = f"; {ask.marker}" if ask.marker else ""
    return read_requirement(f"{ask.name}{ask.specifier}{marker}")


def _inputs(words: list[str]) -> Iterator[str]:
    """Yield the words that are files: not options, not the values of those that take one."""
    skip = False
    for word in words[1:]:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = "=" not in word and word in _WITH_VALUE
        elif word.endswith((".in", ".txt", ".toml", ".cfg", ".py")):
            yield word


_WITH_VALUE = {
    "-o",
    "--output-file",
    "-c",
    "--constraint",
    "--constraints",
    "--extra",
    "--python-version",
    "-p",
    "--python",
    "--python-platform",
    "--index-url",
    "-i",
    "--extra-index-url",
    "--group",
    "--exclude-newer",
    "--override",
    "--overrides",
    "--no-emit-package",
    "--unsafe-package",
    "--config-settings",
    "--resolver",
    "--custom-compile-command",
    "--annotation-style",
}
