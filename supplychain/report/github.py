"""A run as workflow commands, which GitHub shows as annotations beside the code.

Syntax and escaping as the runner reads them back: actions/runner, ``ActionCommand.cs``
(``TryParseV2``, the data and property mappings) and ``ActionCommandManager.cs``
(``ValidateLinesAndColumns``: columns only within one line).
"""

from __future__ import annotations

from collections.abc import Sequence

from supplychain.core.run import Run
from supplychain.report.escape import one_line
from supplychain.report.groups import Effect, Entry, entries_of
from supplychain.report.tally import amount, tally_of

ANNOTATIONS_SHOWN = 10  # of each level in one step; docs.github.com, REST API, check runs

MAX_PATH = 4096  # characters; PATH_MAX of Linux, limits.h

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})
_LEVELS = {Effect.FAIL: "error", Effect.WARN: "warning", Effect.INFO: "notice"}


def render(run: Run) -> str:
    """Return one command a finding or gap, the most urgent first, so that the worst are shown.

    Where GitHub will not show them all, a last notice says how many more there are. Notices are
    kept few enough for it to be shown.
    """
    levels: dict[str, list[Entry]] = {"error": [], "warning": [], "notice": []}
    for entry in sorted(entries_of(run), key=lambda entry: entry.urgency):
        levels[_level(entry)].append(entry)
    notices = levels["notice"][: ANNOTATIONS_SHOWN - 1]
    lines = [_command("error", entry) for entry in levels["error"]]
    lines += [_command("warning", entry) for entry in levels["warning"]]
    lines += [_command("notice", entry) for entry in notices]
    hidden = {
        "error": len(levels["error"]) - ANNOTATIONS_SHOWN,
        "warning": len(levels["warning"]) - ANNOTATIONS_SHOWN,
        "notice": len(levels["notice"]) - len(notices),
    }
    rest = [
        amount(count, f"more {level}", f"more {level}s")
        for level, count in hidden.items()
        if count > 0
    ]
    if rest:
        tally = tally_of(run)
        message = f"{', '.join(rest)} not shown here · {tally.decision} · {tally.counts}"
        lines.append(f"::notice title=supplychain::{_data(message)}")
    return "".join(f"{line}\n" for line in lines)


def _level(entry: Entry) -> str:
    if entry.effect is Effect.GAP:
        return "error" if entry.required else "warning"
    return _LEVELS[entry.effect]


def _command(level: str, entry: Entry) -> str:
    properties = [f"{name}={_property(value)}" for name, value in _properties(entry)]
    return f"::{level} {','.join(properties)}::{_data(_message(entry))}"


def _properties(entry: Entry) -> Sequence[tuple[str, str]]:
    """Return the place and the title; a line only with a file, a column only within one line."""
    location = entry.location
    properties: list[tuple[str, str]] = []
    path = location.path or (entry.subject.path if entry.subject else None)
    if path:
        properties.append(("file", one_line(path.removeprefix("./"), MAX_PATH)))
    if location.path and location.line:
        end = max(location.end_line or location.line, location.line)
        properties += [("line", str(location.line)), ("endLine", str(end))]
        if location.column and end == location.line:
            properties.append(("col", str(location.column)))
            if location.end_column and location.end_column >= location.column:
                properties.append(("endColumn", str(location.end_column)))
    title = " ".join(part for part in (entry.id, entry.name or "gap") if part)
    return [*properties, ("title", one_line(title))]


def _message(entry: Entry) -> str:
    """Return what is wrong, led by the place where the annotation itself cannot show it."""
    text = one_line(entry.message)
    if entry.reason:
        text = f"{text}: {one_line(entry.reason)}"
    if entry.location.at or not (entry.location.path or (entry.subject and entry.subject.path)):
        text = f"{entry.place}: {text}"
    return f"{text}\nhint: {one_line(entry.hint)}" if entry.hint else text


def _data(text: str) -> str:
    return text.translate(_DATA)


def _property(text: str) -> str:
    return text.translate(_PROPERTY)
