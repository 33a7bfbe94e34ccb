"""``supplychain inspect``: what is seen in files and images, without judging."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from supplychain.access.environment import Environment, read_text
from supplychain.access.failures import AccessError, Hostile, NotFound, Unreachable
from supplychain.access.files import (
    TooLargeError,
    UnreadableError,
    exists,
    read_bounded,
    read_head,
)
from supplychain.core.evidence import Gap
from supplychain.core.reference import DEFAULT_PLATFORM, ImageReference, InvalidReferenceError
from supplychain.core.subject import SubjectKind
from supplychain.errors import SupplyChainError, UnavailableError, UsageError
from supplychain.formats import dockerfile
from supplychain.formats.text import MalformedError, printable
from supplychain.images.collect.image import inspected
from supplychain.images.inspect import dockerfile_item
from supplychain.lockfiles.collect import lock_file
from supplychain.lockfiles.collect.dockerfile import commands_in
from supplychain.lockfiles.inspect import commands_item, lockfile_item
from supplychain.models.collect.inspection import content_items, header_item, kind_of_model
from supplychain.scans.encoding import MAX_REPORT
from supplychain.scans.inspect import report_item
from supplychain.scans.reader import begins_report, read_report
from supplychain.verify.plan import Target, plan
from supplychain.verify.route import SNIFF_BYTES, kind_by_name, kind_of_file

OK, MALFORMED, UNREADABLE = 0, 1, 2

Item = Mapping[str, Any]
Ask = Callable[[], Environment]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to look at and how.

    ``platform`` and ``build_args`` are for Dockerfiles, ``digest`` asks for a model file's sha256.
    """

    kind: str | None = None
    platform: str = str(DEFAULT_PLATFORM)
    build_args: Mapping[str, str] = field(default_factory=dict)
    digest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One item, and the exit code that it alone would give."""

    item: Item
    code: int


def inspect_all(names: Sequence[str], question: Question, environment: Ask) -> list[Seen]:
    """Return what is seen for every name, in order; a folder gives an item for each of its files.

    ``environment`` is asked for only where a registry, or the policy's lists, are needed.

    Raises:
        UsageError: an image reference has the wrong shape.
        UnavailableError: a registry could not be asked.
    """
    return [seen for name in names for seen in _inspect(name, question, environment)]


def _inspect(name: str, question: Question, environment: Ask) -> Iterator[Seen]:
    path = Path(name)
    if question.kind == "image":
        yield _image(name, environment())
    elif not exists(path):
        kind = question.kind or kind_by_name(path.name) or "file"
        yield _unreadable(str(kind), name, "does not exist")
    else:
        kind = question.kind or _kind(path)
        yield from _READERS[kind](name, kind, question, environment)


def _kind(path: Path) -> str:
    """Return the kind of a path that nobody named: a folder holds Dockerfiles."""
    if path.is_dir():
        return "dockerfile"
    try:
        head = read_head(path, SNIFF_BYTES)
        kind = kind_of_file(path.name, head)
        if kind in (SubjectKind.DOCKERFILE, SubjectKind.LOCKFILE):
            return kind.value
        return "report" if begins_report(head) else kind_of_model(path)
    except (OSError, UnreadableError):
        return "dockerfile"


def _shown(name: str, path: Path) -> str:
    """Return a path as given, or below the folder given."""
    inside = path.relative_to(name).as_posix()
    return name if inside == "." else posixpath.join(name, inside)


def _targets(name: str, kind: SubjectKind) -> Sequence[Target]:
    """Return what a file or folder holds of a kind.

    Raises:
        UnreadableError: it holds nothing of it, or too many files.
    """
    path = Path(name)
    root = path.resolve() if path.is_dir() else path.resolve().parent
    try:
        return plan([path], root, kind=kind).targets
    except UsageError as error:
        raise UnreadableError(error.message) from None


def _dockerfiles(name: str, kind: str, question: Question, _: Ask) -> Iterator[Seen]:
    try:
        targets = _targets(name, SubjectKind.DOCKERFILE)
    except UnreadableError as error:
        yield _unreadable(kind, name, error.reason)
        return
    for target in targets:
        shown = _shown(name, Path(target.subject.path or name))
        yield _seen(kind, shown, partial(_dockerfile, target, question))


def _dockerfile(target: Target, question: Question) -> Item:
    name = target.subject.ref
    read = dockerfile.read(
        read_text(target.tree, name),
        build_args=question.build_args,
        platform=question.platform,
    )
    commands = commands_in(read, target.tree, name, question.build_args)
    return {**dockerfile_item(read), "commands": commands_item(commands)}


def _lockfiles(name: str, kind: str, _: Question, environment: Ask) -> Iterator[Seen]:
    try:
        targets = _targets(name, SubjectKind.LOCKFILE)
    except UnreadableError as error:
        yield _unreadable(kind, name, error.reason)
        return
    for target in targets:
        shown = _shown(name, Path(target.subject.path or name))
        yield _lockfile(target, kind, shown, environment())


def _lockfile(target: Target, kind: str, path: str, environment: Environment) -> Seen:
    subject = target.subject
    pieces = list(lock_file.collect(subject, target.tree, environment))
    for piece in pieces:
        if isinstance(piece, Gap) and piece.id == "file-unreadable":
            return _unreadable(kind, path, piece.reason)
    item = {"kind": kind, "path": path, **lockfile_item(subject.ref, pieces)}
    return Seen(item=item, code=MALFORMED if "malformed" in item else OK)


def _headers(name: str, kind: str, question: Question, _: Ask) -> Iterator[Seen]:
    path = Path(name)
    if not path.is_dir():
        yield _seen(kind, name, partial(_header, path, kind, question))
        return
    found = sorted(one for one in path.rglob(f"*.{kind}") if one.is_file())
    if not found:
        yield _unreadable(kind, name, f"holds no {kind} files")
    for one in found:
        yield _seen(kind, _shown(name, one), partial(_header, one, kind, question))


def _header(path: Path, kind: str, question: Question) -> Item:
    return header_item(path, kind, with_digest=question.digest)


def _contents(name: str, kind: str, _: Question, environment: Ask) -> Iterator[Seen]:
    yield _seen(kind, name, partial(_content, Path(name), environment))


def _content(path: Path, environment: Ask) -> Item:
    return content_items(path, environment())


def _reports(name: str, kind: str, _: Question, environment: Ask) -> Iterator[Seen]:
    yield _seen(kind, name, partial(_report, Path(name), environment))


def _report(path: Path, environment: Ask) -> Item:
    try:
        report = read_report(read_bounded(path, MAX_REPORT))
    except TooLargeError as error:
        reason = f"has more than {error.limit} bytes"
        raise MalformedError(reason) from None
    except UsageError as error:
        raise UnreadableError(error.message) from None
    asked = environment()
    return report_item(report, asked.policy.scans, asked.now)


_Reader = Callable[[str, str, Question, Ask], Iterator[Seen]]
_READERS: Mapping[str, _Reader] = {
    "dockerfile": _dockerfiles,
    "lockfile": _lockfiles,
    "gguf": _headers,
    "safetensors": _headers,
    "pickle": _contents,
    "model": _contents,
    "report": _reports,
}
KINDS = (*_READERS, "image")


def _image(name: str, environment: Environment) -> Seen:
    try:
        reference = ImageReference.parse(name)
    except InvalidReferenceError as error:
        message = f"image reference {printable(name, 120)!r} {error}"
        raise UsageError(message, "write NAME:TAG or NAME@sha256:DIGEST") from None
    try:
        item = {"kind": "image", "path": name, **inspected(reference, environment)}
    except Hostile as error:
        return _malformed("image", name, MalformedError(error.reason))
    except NotFound as error:
        return _unreadable("image", name, error.reason)
    except AccessError as error:
        raise _unavailable(name, error) from None
    return Seen(item=item, code=OK)


def _unavailable(name: str, error: AccessError) -> SupplyChainError:
    hint = error.hint if isinstance(error, Unreachable) else None
    return UnavailableError(f"cannot inspect {printable(name, 120)!r}: {error.reason}", hint)


def _seen(kind: str, path: str, read: Callable[[], Item]) -> Seen:
    """Return what ``read`` gives, or that the file is malformed or cannot be read."""
    try:
        return Seen(item={"kind": kind, "path": path, **read()}, code=OK)
    except UnreadableError as error:
        return _unreadable(kind, path, error.reason)
    except MalformedError as error:
        return _malformed(kind, path, error)


def _malformed(kind: str, path: str, error: MalformedError) -> Seen:
    at = error.at or (f"line {error.line}" if error.line else None)
    item = {"kind": kind, "path": path, "malformed": {"reason": error.reason, "at": at}}
    return Seen(item=item, code=MALFORMED)


def _unreadable(kind: str, path: str, reason: str) -> Seen:
    return Seen(item={"kind": kind, "path": path, "error": reason}, code=UNREADABLE)
