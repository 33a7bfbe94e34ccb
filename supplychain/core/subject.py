"""What somebody asks about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supplychain.core.digest import Digest


class SubjectKind(StrEnum):
    """The kinds of artefact a decision can be about."""

    IMAGE = "image"
    DOCKERFILE = "dockerfile"
    LOCKFILE = "lockfile"
    COMPOSE = "compose"
    MODEL = "model"
    SCANNER = "scanner"
    WORKFLOW = "workflow"
    PROJECT = "project"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One artefact.

    ``ref`` names it for people and in records; ``path`` is the path as the user gave it, joined
    with the file's own name where a folder was given; ``digest`` is that of the bytes judged.
    """

    kind: SubjectKind
    ref: str
    path: str | None = None
    digest: Digest | None = None
