"""What build services read out of a log, after actions/runner ``ActionCommand.cs``.

A line whose first characters after blanks are ``::`` is a command up to the next ``::``; failing
that, ``##[`` anywhere in a line starts an older one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

REGISTERED = frozenset(
    {
        "add-mask",
        "add-matcher",
        "add-path",
        "debug",
        "echo",
        "endgroup",
        "error",
        "group",
        "notice",
        "remove-matcher",
        "save-state",
        "set-env",
        "set-output",
        "stop-commands",
        "warning",
    }
)
_OLDER = re.compile(r"##\w*\[")  # Azure Pipelines and TeamCity put a word before the bracket
_DATA = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))
_PROPERTY = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command as the runner has read it."""

    name: str
    properties: dict[str, str]
    data: str


def commands_in(log: str) -> list[Command]:
    """Return the commands of a log; an older one is told by the name ``##``."""
    found = []
    for line in re.split(r"\r\n|\r|\n", log):
        command = _command(line)
        if command:
            found.append(command)
        elif _OLDER.search(line):
            found.append(Command(name="##", properties={}, data=line))
    return found


def _command(line: str) -> Command | None:
    text = line.lstrip()
    end = text.find("::", 2)
    if not text.startswith("::") or end < 0:
        return None
    name, _, listed = text[2:end].partition(" ")
    if name.lower() not in REGISTERED:
        return None
    pairs = (item.partition("=") for item in listed.strip().split(",") if item)
    properties = {key: _replaced(value, _PROPERTY) for key, _, value in pairs if key and value}
    return Command(name=name, properties=properties, data=_replaced(text[end + 2 :], _DATA))


def _replaced(text: str, mapping: tuple[tuple[str, str], ...]) -> str:
    for escaped, sign in mapping:
        text = text.replace(escaped, sign)
    return text
