"""Where reports go: ``--output FORMAT[=PATH]``. Nothing is opened or written here."""

from __future__ import annotations

import os.path
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path

from supplychain.errors import UsageError
from supplychain.report.escape import one_line

STANDARD_OUTPUT = "-"


class OutputFormat(StrEnum):
    """The formats of a report."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    SARIF = "sarif"
    GITHUB = "github"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputTarget:
    """One report: its format and the file it goes to, or ``None`` for standard output."""

    format: OutputFormat
    path: Path | None = None


def parse_target(text: str) -> OutputTarget:
    """Read ``FORMAT``, ``FORMAT=PATH`` or ``FORMAT=-``.

    Raises:
        UsageError: the format is unknown, or the path is empty or holds a NUL.
    """
    name, separator, path = text.partition("=")
    try:
        chosen = OutputFormat(name)
    except ValueError:
        message = f"unknown output format {_quoted(name)}"
        raise UsageError(message, _suggestion(name)) from None
    if separator and (not path or "\0" in path):
        message = f"output {_quoted(text)} names no file"
        raise UsageError(message, f"write `{chosen}=FILE`, or `{chosen}` for standard output")
    if not separator or path == STANDARD_OUTPUT:
        return OutputTarget(format=chosen)
    return OutputTarget(format=chosen, path=Path(path))


def parse_targets(texts: Iterable[str]) -> tuple[OutputTarget, ...]:
    """Read all targets of one command, in the order given.

    Raises:
        UsageError: one of them cannot be read, or two go to the same place.
    """
    targets: dict[str | None, OutputTarget] = {}
    for text in texts:
        target = parse_target(text)
        place = os.path.normpath(target.path) if target.path else None
        if place in targets:
            where = _quoted(str(target.path)) if target.path else "standard output"
            message = f"outputs {targets[place].format} and {target.format} both go to {where}"
            raise UsageError(message, f"write one of them to another file: `{target.format}=FILE`")
        targets[place] = target
    return tuple(targets.values())


def _suggestion(name: str) -> str:
    formats = [chosen.value for chosen in OutputFormat]
    close = get_close_matches(name.lower(), formats, n=1)
    return f'did you mean "{close[0]}"?' if close else f"use one of {', '.join(formats)}"


def _quoted(text: str) -> str:
    return f'"{one_line(text)}"'
