"""The files of a build stage, as far as COPY, ADD and mounts bring them from the context.

Rules: docs.docker.com/reference/dockerfile, "COPY", and BuildKit v0.34.2, convert.go
(``dispatchCopy``): sources are patterns in the context, ``.dockerignore`` applied; a folder's
contents are copied, not the folder.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from supplychain.access.environment import read_text
from supplychain.access.files import UnreadableError
from supplychain.access.tree import Tree
from supplychain.formats.dockerignore import Dockerignore, PathPattern
from supplychain.formats.text import MalformedError

MAX_STEPS = 5_000  # copies of one stage, those of the stages below it included
MAX_STAGES_DEEP = 50  # copies from a stage that copied from a stage


class BuildContext:
    """The files that a build sees: those of a folder of the tree that are not ignored."""

    def __init__(self, tree: Tree, folder: str, ignore: Dockerignore) -> None:
        self._tree = tree
        self._prefix = f"{folder}/" if folder else ""
        self._ignore = ignore
        self._names: tuple[str, ...] | None = None

    def has(self, name: str) -> bool:
        """Say whether a file is sent to the build."""
        return self._tree.has(self._prefix + name) and not self._ignore.excludes(name)

    def has_folder(self, name: str) -> bool:
        """Say whether a folder of the context holds anything."""
        if name in (".", ""):
            return True
        return any(one.startswith(f"{name}/") for one in self.names())

    def names(self) -> Sequence[str]:
        """Return all files below the folder, ignored ones too."""
        if self._names is None:
            skip = len(self._prefix)
            self._names = tuple(
                one[skip:] for one in self._tree.names() if one.startswith(self._prefix)
            )
        return self._names

    def matching(self, pattern: PathPattern) -> Iterator[str]:
        """Yield the files and folders that a pattern names, each folder once."""
        depth = pattern.text.count("/") + 1
        seen: set[str] = set()
        for name in self.names():
            place = "/".join(name.split("/")[:depth])
            if place not in seen:
                seen.add(place)
                if pattern.matches(place):
                    yield place

    def text(self, name: str) -> str | None:
        """Return a file's text, ``None`` where it cannot be read."""
        try:
            return read_text(self._tree, self._prefix + name)
        except (UnreadableError, MalformedError):
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One COPY, ADD or mount: sources to a destination, from the context or another stage.

    ``origin`` is ``None`` for the context; ``unknown`` marks what may have brought anything.
    """

    sources: tuple[str, ...]
    destination: str
    into_folder: bool
    origin: StageFiles | None = None
    unknown: bool = False
    parents: bool = False


class StageFiles:
    """The files of one stage; asked for single paths, never listed."""

    def __init__(self, context: BuildContext, below: StageFiles | None = None) -> None:
        self._context = context
        self._steps: list[Step] = list(below.steps) if below else []

    @property
    def steps(self) -> Sequence[Step]:
        """What was copied so far."""
        return self._steps

    def add(self, step: Step) -> None:
        """Take in one more copy."""
        if len(self._steps) < MAX_STEPS:
            self._steps.append(step)

    def with_mounts(self, steps: Sequence[Step]) -> StageFiles:
        """Return the stage as a RUN with mounts sees it."""
        seen = StageFiles(self._context, self)
        for step in steps:
            seen.add(step)
        return seen

    def has(self, path: str) -> bool:
        """Say whether a file is there, or may be."""
        return self._find(path, 0)[0]

    def text(self, path: str) -> str | None:
        """Return a file's text, ``None`` where it is not there or cannot be known."""
        name = self._find(path, 0)[1]
        return None if name is None else self._context.text(name)

    def _find(self, path: str, depth: int) -> tuple[bool, str | None]:
        """Return whether a file is there, and its name in the context where it comes from it."""
        path = posixpath.normpath(path)
        if depth > MAX_STAGES_DEEP:
            return True, None
        for step in reversed(self._steps):
            if step.unknown:
                return True, None
            for source in step.sources:
                found = self._placed(step, source, path, depth)
                if found is not None:
                    return found
        return False, None

    def _placed(
        self, step: Step, source: str, path: str, depth: int
    ) -> tuple[bool, str | None] | None:
        if step.origin is not None:
            return self._from_stage(step, step.origin, source, path, depth)
        bare = posixpath.normpath(source.lstrip("/") or ".")
        pattern = PathPattern.parse(bare)
        places = [bare] if pattern.is_literal else self._context.matching(pattern)
        for place in places:
            name = self._name(step, place, path)
            if name is not None and self._context.has(name):
                return True, name
        return None

    def _name(self, step: Step, place: str, path: str) -> str | None:
        """Return which file of the context would be copied to ``path``."""
        top = step.destination
        if step.parents:
            inside = _inside(top, path)
            return inside if inside and (inside == place or _inside(place, inside)) else None
        if self._context.has(place):
            target = posixpath.join(top, posixpath.basename(place)) if step.into_folder else top
            return place if path == target else None
        inside = _inside(top, path)
        return None if inside is None else posixpath.normpath(posixpath.join(place, inside))

    @staticmethod
    def _from_stage(
        step: Step, origin: StageFiles, source: str, path: str, depth: int
    ) -> tuple[bool, str | None] | None:
        source = posixpath.normpath(posixpath.join("/", source))
        target = posixpath.join(step.destination, posixpath.basename(source))
        tries = [source] if path in (target, step.destination) else []
        inside = _inside(step.destination, path)
        if inside is not None:
            tries.append(posixpath.join(source, inside))
        for one in tries:
            found = origin._find(one, depth + 1)
            if found[0]:
                return found
        return None


def _inside(folder: str, path: str) -> str | None:
    """Return a path below a folder, relative to it."""
    prefix = folder if folder.endswith("/") else f"{folder}/"
    if folder in (".", ""):
        return path
    return path[len(prefix) :] if path.startswith(prefix) and len(path) > len(prefix) else None
