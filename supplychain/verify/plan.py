"""Paths to subjects: files are listed once, routed by name, and read once."""

from __future__ import annotations

import os
import posixpath
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from supplychain.access.environment import DeclaredBuild, read_text
from supplychain.access.files import (
    MissingError,
    TooLargeError,
    UnreadableError,
    exists,
    read_head,
)
from supplychain.access.model_files import ModelFiles
from supplychain.access.tree import Tree, WorkingTree
from supplychain.core.digest import Digest
from supplychain.core.limits import MAX_TEXT_FILE
from supplychain.core.run import LeftOut
from supplychain.core.subject import Subject, SubjectKind
from supplychain.errors import UsageError
from supplychain.formats import compose, dotenv
from supplychain.formats.compose import ComposeFile
from supplychain.formats.compose_build import dockerfile_name
from supplychain.formats.text import MalformedError, printable
from supplychain.images.collect.compose import build_arguments, service_platform
from supplychain.lockfiles.collect.discovery import is_subject
from supplychain.verify.local_models import local_models
from supplychain.verify.route import (
    SNIFF_BYTES,
    kind_by_name,
    kind_of_file,
    looks_like_dockerfile,
    needs_a_look,
)

DOTENV = ".env"  # beside a compose file; its values fill the file's variables

Excluded = Callable[[str], str | None]
ReadCompose: TypeAlias = ComposeFile | MalformedError | UnreadableError


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A subject, the tree that holds it, and the folder on disk in which it lies.

    A model has files of its own, which may be links out of any tree.
    """

    subject: Subject
    tree: Tree
    folder: Path
    model: ModelFiles | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run judges, what it read on the way, and what it leaves out."""

    targets: tuple[Target, ...]
    compose: Mapping[str, ReadCompose]
    builds: Mapping[str, tuple[DeclaredBuild, ...]]
    left_out: tuple[LeftOut, ...]


def plan(
    paths: Sequence[Path],
    root: Path,
    *,
    kind: SubjectKind | None = None,
    excluded: Excluded = lambda _: None,
) -> Plan:
    """Find the subjects below ``paths``, each of which is a file or a folder.

    ``excluded`` returns the reason why a path in the project is not judged, or ``None``; what is
    named itself, or lies in an excluded folder that is, is always judged.

    Raises:
        UsageError: a path does not exist, a file's kind cannot be told, or nothing is left.
    """
    planner = _Planner(root, kind, excluded)
    for path in paths:
        planner.add(path)
    found = planner.finished()
    if not found.targets:
        shown = " ".join(str(path) for path in paths)
        message = f'nothing to judge in "{printable(shown)}"'
        left = sum(one.count for one in found.left_out)
        hint = f"{left} files are left out; look at the excludes" if left else None
        raise UsageError(message, hint or "name a Dockerfile, a compose file or their folder")
    return found


@dataclass(slots=True)
class _Planner:
    root: Path
    kind: SubjectKind | None
    excluded: Excluded
    targets: dict[str, Target] = field(default_factory=dict)
    compose: dict[str, ReadCompose] = field(default_factory=dict)
    builds: defaultdict[str, list[DeclaredBuild]] = field(default_factory=lambda: defaultdict(list))
    skipped: dict[str, str] = field(default_factory=dict)
    models: list[Path] = field(default_factory=list)
    waiting: list[tuple[WorkingTree, str, Path, ComposeFile]] = field(default_factory=list)
    trees: dict[Path, WorkingTree] = field(default_factory=dict)

    def add(self, path: Path) -> None:
        if not exists(path):
            message = f"path {printable(str(path))!r} does not exist"
            raise UsageError(message, "check the path")
        if self.kind is SubjectKind.MODEL:
            self.models.append(path)
        elif path.is_dir():
            self._add_folder(path)
        else:
            self._add_file(path)

    def finished(self) -> Plan:
        while self.waiting:
            self._add_other_files(*self.waiting.pop())
        for subject, files in local_models(self.models):
            shown = subject.path or ""
            folder = _real(Path(shown).parent)
            tree, _ = self._tree(folder)
            target = Target(subject=subject, tree=tree, folder=folder, model=files)
            self.targets[shown] = target
        left_out = Counter(f"excluded: {reason}" for reason in self.skipped.values())
        for tree in self.trees.values():
            left_out.update({one.reason: one.count for one in tree.left_out})
        return Plan(
            targets=tuple(self.targets[path] for path in sorted(self.targets)),
            compose=self.compose,
            builds={path: tuple(builds) for path, builds in self.builds.items()},
            left_out=tuple(
                LeftOut(reason=reason, count=count) for reason, count in sorted(left_out.items())
            ),
        )

    def _add_folder(self, folder: Path) -> None:
        tree, prefix = self._tree(folder)
        named = bool(prefix) and tree is self.trees.get(self.root)
        is_excluded_itself = named and self.excluded(prefix.rstrip("/")) is not None
        names = tree.names()
        self._add_closed_folders(tree, prefix, folder)
        for name in names:
            if not name.startswith(prefix):
                continue
            kind = kind_by_name(name) or _looked_at(tree, name)
            if kind is None or self.kind not in (None, kind):
                continue
            if not is_excluded_itself and self._is_excluded(tree, name):
                continue
            if kind is SubjectKind.LOCKFILE and not is_subject(tree, name):
                continue
            self._add_subject(tree, name, folder / name[len(prefix) :], kind)

    def _add_closed_folders(self, tree: WorkingTree, prefix: str, folder: Path) -> None:
        for name in tree.unreadable:
            if not f"{name}/".startswith(prefix) or self._is_excluded(tree, name):
                continue
            shown = folder if f"{name}/" == prefix or name == "." else folder / name[len(prefix) :]
            path = shown.as_posix()
            subject = Subject(kind=SubjectKind.PROJECT, ref=name, path=path)
            self.targets[path] = Target(subject=subject, tree=tree, folder=_real(folder))

    def _add_file(self, path: Path) -> None:
        kind = self.kind or kind_of_file(path.name, _head(path))
        if kind is None:
            message = f"cannot tell what {str(path)!r} is"
            raise UsageError(message, "say so with --kind")
        if kind is SubjectKind.MODEL:
            self.models.append(path)
            return
        tree, prefix = self._tree(path.parent)
        self._add_subject(tree, prefix + path.name, path, kind)

    def _is_excluded(self, tree: WorkingTree, name: str) -> bool:
        """Say whether the project, not another tree, leaves a file out, and keep the reason."""
        reason = self.excluded(name) if tree is self.trees.get(self.root) else None
        if reason is not None:
            self.skipped[name] = reason
        return reason is not None

    def _tree(self, folder: Path) -> tuple[WorkingTree, str]:
        """Return the tree for a folder, and the folder's prefix in it."""
        place = folder.resolve()
        root = self.root if place.is_relative_to(self.root) else place
        tree = self.trees.setdefault(root, WorkingTree(root))
        inside = PurePosixPath(place.relative_to(root).as_posix())
        return tree, "" if inside == PurePosixPath() else f"{inside}/"

    def _add_subject(self, tree: WorkingTree, name: str, shown: Path, kind: SubjectKind) -> None:
        path = shown.as_posix()
        if path in self.targets:
            return
        try:
            digest = Digest.of(tree.read(name, MAX_TEXT_FILE))
        except (UnreadableError, TooLargeError):
            digest = None
        subject = Subject(kind=kind, ref=name, path=path, digest=digest)
        self.targets[path] = Target(subject=subject, tree=tree, folder=_real(shown.parent))
        if kind is SubjectKind.COMPOSE:
            self.compose[path] = read = _read_compose(tree, name, _real(shown.parent))
            if isinstance(read, ComposeFile):
                self._add_builds(tree, name, shown, read)
                self.waiting.append((tree, name, shown, read))

    def _add_other_files(
        self, tree: WorkingTree, name: str, shown: Path, file: ComposeFile
    ) -> None:
        """Add the compose files that one includes or extends, whatever their names.

        They wait in a list and not on the stack: a chain of files may be long.
        """
        folder = posixpath.dirname(name)
        for written in (value.text for value in file.other_files if value.text is not None):
            other = posixpath.normpath(posixpath.join(folder, written))
            if tree.has(other) and not self._is_excluded(tree, other):
                path = Path(posixpath.normpath(shown.parent / written))
                self._add_subject(tree, other, path, SubjectKind.COMPOSE)

    def _add_builds(self, tree: WorkingTree, name: str, shown: Path, file: ComposeFile) -> None:
        """Add the Dockerfiles that a compose file builds, whatever their names."""
        for built, build in _declared(name, file):
            if tree.has(built) and not self._is_excluded(tree, built):
                way = posixpath.relpath(built, posixpath.dirname(name) or ".")
                path = Path(posixpath.normpath(shown.parent / way))
                self._add_subject(tree, built, path, SubjectKind.DOCKERFILE)
                self.builds[path.as_posix()].append(build)


def _declared(name: str, file: ComposeFile) -> Iterator[tuple[str, DeclaredBuild]]:
    for service in (*file.services, *file.jobs):
        built = dockerfile_name(name, service.build) if service.build else None
        if service.build is not None and built is not None:
            target = service.build.target
            yield (
                built,
                DeclaredBuild(
                    arguments=build_arguments(service.build),
                    platform=service_platform(service),
                    target=target.text if target else None,
                    contexts=frozenset(key for key, _ in service.build.additional_contexts),
                ),
            )


def _read_compose(tree: WorkingTree, name: str, folder: Path) -> ReadCompose:
    try:
        text, environment = read_text(tree, name), _dotenv(tree, name)
        return compose.read(text, environment=environment, directory=folder.name)
    except (MalformedError, UnreadableError) as error:
        return error


def _dotenv(tree: WorkingTree, name: str) -> Mapping[str, str]:
    """Return the variables of the ``.env`` beside a compose file.

    Raises:
        MalformedError: Compose would refuse it, or it passes a limit.
        UnreadableError: it is there and cannot be read, so nobody knows what it says.
    """
    beside = str(PurePosixPath(name).parent / DOTENV)
    try:
        return dotenv.read(read_text(tree, beside))
    except MissingError:
        return {}
    except UnreadableError as error:
        reason = f"its '{DOTENV}' {error.reason}"
        raise UnreadableError(reason) from None
    except MalformedError as error:
        line = f" (line {error.line})" if error.line else ""
        reason = f"has a '{DOTENV}' beside it that {error.reason}{line}"
        raise MalformedError(reason) from None


def _looked_at(tree: WorkingTree, name: str) -> SubjectKind | None:
    """Return what a file is whose name alone does not tell a Dockerfile from source code."""
    if not needs_a_look(posixpath.basename(name)):
        return None
    try:
        text = tree.read(name, MAX_TEXT_FILE)
    except (UnreadableError, TooLargeError):
        return SubjectKind.DOCKERFILE
    return SubjectKind.DOCKERFILE if looks_like_dockerfile(text) else None


def _real(folder: Path) -> Path:
    return Path(os.path.realpath(folder))


def _head(path: Path) -> bytes:
    try:
        return read_head(path, SNIFF_BYTES)
    except UnreadableError as error:
        message = f"cannot read {printable(str(path))!r}: {error.reason}"
        raise UsageError(message, "check the path") from None
