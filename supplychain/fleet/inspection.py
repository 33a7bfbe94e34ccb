"""``supplychain inspect``: what is seen in files and images, without judging."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from supplychain.access.environment import Environment, read_text
from supplychain.access.failures import AccessError, Hostile, NotFound, Unreachable
from supplychain.access.files import UnreadableError, exists
from supplychain.access.tree import Tree
from supplychain.core.reference import DEFAULT_PLATFORM, ImageReference, InvalidReferenceError
from supplychain.core.subject import SubjectKind
from supplychain.errors import SupplyChainError, UnavailableError, UsageError
from supplychain.formats import dockerfile
from supplychain.formats.text import MalformedError, printable
from supplychain.images.collect.image import inspected
from supplychain.images.inspect import dockerfile_item
from supplychain.verify.plan import plan

KINDS = ("dockerfile", "image")
OK, MALFORMED, UNREADABLE = 0, 1, 2

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to look at and how: a kind, and for Dockerfiles the platform and build arguments."""

    kind: str | None = None
    platform: str = str(DEFAULT_PLATFORM)
    build_args: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One item, and the exit code that it alone would give."""

    item: Item
    code: int


def inspect_all(
    names: Sequence[str], question: Question, environment: Callable[[], Environment]
) -> list[Seen]:
    """Return what is seen for every name, in order; a folder gives an item for each of its files.

    ``environment`` is asked for only where an image needs a registry.

    Raises:
        UsageError: a file's kind cannot be told, or a folder holds nothing to look at.
        UnavailableError: a registry could not be asked.
    """
    return [seen for name in names for seen in _inspect(name, question, environment)]


def _inspect(
    name: str, question: Question, environment: Callable[[], Environment]
) -> Iterator[Seen]:
    if question.kind == "image":
        yield _image(name, environment())
        return
    path = Path(name)
    if not exists(path):
        yield _unreadable(question.kind or "dockerfile", name, "does not exist")
        return
    kind = SubjectKind(question.kind) if question.kind else None
    root = path.resolve() if path.is_dir() else path.resolve().parent
    targets = plan([path], root, kind=kind).targets
    shown = [one for one in targets if one.subject.kind is SubjectKind.DOCKERFILE]
    if not shown:
        message = f'nothing to inspect in "{printable(name)}"'
        raise UsageError(message, "name a Dockerfile, or an image with --kind image")
    for target in shown:
        tree, subject = target.tree, target.subject
        yield _dockerfile(tree, subject.ref, subject.path or name, question)


def _dockerfile(tree: Tree, ref: str, path: str, question: Question) -> Seen:
    try:
        read = dockerfile.read(
            read_text(tree, ref),
            build_args=question.build_args,
            platform=question.platform,
        )
    except UnreadableError as error:
        return _unreadable("dockerfile", path, error.reason)
    except MalformedError as error:
        return _malformed("dockerfile", path, error)
    return Seen(item={"kind": "dockerfile", "path": path, **dockerfile_item(read)}, code=OK)


def _image(name: str, environment: Environment) -> Seen:
    try:
        reference = ImageReference.parse(name)
    except InvalidReferenceError as error:
        message = f"image reference {printable(name, 120)!r} {error}"
        raise UsageError(message, "write NAME:TAG or NAME@sha256:DIGEST") from None
    try:
        return Seen(
            item={"kind": "image", "path": name, **inspected(reference, environment)}, code=OK
        )
    except Hostile as error:
        return _malformed("image", name, MalformedError(error.reason))
    except NotFound as error:
        return _unreadable("image", name, error.reason)
    except AccessError as error:
        raise _unavailable(name, error) from None


def _unavailable(name: str, error: AccessError) -> SupplyChainError:
    hint = error.hint if isinstance(error, Unreachable) else None
    return UnavailableError(f"cannot inspect {printable(name, 120)!r}: {error.reason}", hint)


def _malformed(kind: str, path: str, error: MalformedError) -> Seen:
    at = error.at or (f"line {error.line}" if error.line else None)
    item = {"kind": kind, "path": path, "malformed": {"reason": error.reason, "at": at}}
    return Seen(item=item, code=MALFORMED)


def _unreadable(kind: str, path: str, reason: str) -> Seen:
    return Seen(item={"kind": kind, "path": path, "error": reason}, code=UNREADABLE)
