"""Hostile text made safe for a terminal, a build log and a JSON document.

Build services read commands out of the log of a step, so a message that quotes a hostile file
must not spell one. The GitHub runner takes ``::name …::`` at the start of a line, blanks skipped,
and the older ``##[name …]`` anywhere in it (actions/runner, ``ActionCommand.cs``: ``TryParseV2``,
``TryParse``); Azure Pipelines takes ``##vso[`` and TeamCity ``##teamcity[``.
"""

from __future__ import annotations

import json
import re
from typing import Any

from supplychain.core.text import visible

MAX_PLACE = 160  # characters of a path or reference in a report for people
MAX_MESSAGE = 300  # characters of a message or hint in a report for people

_COMMAND = re.compile(r"##(?=\w*\[)")


def one_line(text: str, limit: int = MAX_MESSAGE) -> str:
    """Return the text visible, at most ``limit`` characters long and without a log command."""
    shown = visible(text[: limit + 1])
    if len(shown) > limit:
        shown = f"{shown[: limit - 1]}…"
    return _COMMAND.sub(r"#\\x23", shown)


def line_start(text: str) -> str:
    """Return one line of text that may begin a line: a leading ``::`` is written as an escape."""
    bare = text.lstrip()
    return f"\\x3a{bare[1:]}" if bare.startswith("::") else text


def document(value: Any, *, indent: int | None = 2) -> str:  # noqa: ANN401 -- any JSON value
    """Return a JSON document, in one line with ``indent=None``.

    Every string in it is made visible but for line breaks, which documentation has; a string that
    a subject can choose goes through ``visible`` before.

    Raises:
        ValueError: a number is not finite; JSON has no such numbers.
    """
    text = json.dumps(_all_visible(value), indent=indent, ensure_ascii=False, allow_nan=False)
    return _COMMAND.sub(r"#\\u0023", text) + "\n"


def _all_visible(value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    if isinstance(value, str):
        return "\n".join(map(visible, value.split("\n")))
    if isinstance(value, dict):
        return {visible(key): _all_visible(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_all_visible(item) for item in value]
    return value
