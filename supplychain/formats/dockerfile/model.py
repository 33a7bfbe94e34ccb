"""What a Dockerfile says, with the line of everything."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ReferenceKind(StrEnum):
    """Where in a Dockerfile an image is named."""

    FROM = "from"
    COPY = "copy"
    MOUNT = "mount"
    SYNTAX = "syntax"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heredoc:
    """A here-document of an instruction: its name and raw content."""

    name: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction, its continuation lines joined.

    ``flags`` are (name, value) pairs in order, the value ``None`` where no ``=`` was written;
    ``words`` the arguments, one word for instructions that take a line; ``is_json`` says that they
    were written in JSON form; ``line`` and ``end_line`` are 1-based and include here-documents.
    """

    name: str
    text: str
    flags: tuple[tuple[str, str | None], ...]
    words: tuple[str, ...]
    is_json: bool
    heredocs: tuple[Heredoc, ...]
    onbuild: bool
    line: int
    end_line: int

    def flag_values(self, name: str) -> tuple[str, ...]:
        """Return the values given for a flag, in order."""
        return tuple(value or "" for key, value in self.flags if key == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One image from outside that a Dockerfile names.

    ``raw`` is the word as written, ``image`` the same after expansion, ``None`` where that is no
    valid reference; ``missing`` names the ARGs without a value that were met. ``platform`` is the
    expanded ``--platform`` of a FROM. ``stage`` is the name of the stage, else its number.
    """

    kind: ReferenceKind
    onbuild: bool
    line: int
    raw: str
    image: str | None
    stage: str | None
    platform: str | None
    missing: tuple[str, ...]
    reason: str | None

    @property
    def resolvable(self) -> bool:
        """Say whether expansion gave a valid reference."""
        return self.image is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One build stage. ``base`` is the expanded image or the name of an earlier stage."""

    name: str | None
    line: int
    base: str | None
    user: str | None
    final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dockerfile:
    """A Dockerfile: its front end, instructions, stages and external images in file order."""

    syntax: str | None
    instructions: tuple[Instruction, ...]
    stages: tuple[Stage, ...]
    references: tuple[Reference, ...]
