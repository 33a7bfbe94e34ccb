"""A run as Markdown for the summary page of a job (``$GITHUB_STEP_SUMMARY``).

What a subject says is shown, never interpreted: every character to which Markdown, HTML or
GitHub's extensions give a meaning is written as a character reference, which never stands for
structure (CommonMark 0.31, section 2.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from supplychain.core.document import timestamp
from supplychain.core.run import Run
from supplychain.core.verdict import Decision
from supplychain.report.escape import one_line
from supplychain.report.groups import Effect, Group, groups_of, waived_of
from supplychain.report.tally import judged, left_out, tally_of

MAX_ROWS = 40  # of one table; with MAX_CELL this keeps a summary below GitHub's 1 MiB a step
MAX_CELL = 200  # characters of one cell before they are escaped

_SIGNS = {Decision.PASS: "✅", Decision.FAIL: "❌", Decision.INCONCLUSIVE: "❔"}
_MEANINGFUL = re.compile(r"[&<>\\`*_\[\]|~@$#!]|(?<=:)//|(?<=www)\.", re.IGNORECASE)

_Row = tuple[str, ...]


def render(run: Run) -> str:
    """Return the summary: the decision, what blocks, the gaps, and the rest folded away."""
    tally = tally_of(run)
    groups = groups_of(run)
    blocks = [
        f"## {_SIGNS[tally.decision]} supplychain: {tally.decision}",
        f"{tally.counts}, under policy {_escaped(run.policy.name)}",
        *_section("What blocks", _findings(groups, Effect.FAIL)),
        *_section("Evidence that could not be had", _gaps(groups)),
    ]
    folded = [
        *_section("Warnings", _findings(groups, Effect.WARN)),
        *_section("For information", _findings(groups, Effect.INFO)),
        *_section("Waived", _waived(run)),
        *_facts(run),
    ]
    return (
        "\n\n".join([*blocks, "<details><summary>Details</summary>", *folded, "</details>"]) + "\n"
    )


def _section(title: str, table: Sequence[_Row]) -> list[str]:
    """Return a heading and a table, the first row of which is its head; nothing if it is empty."""
    head, *rows = table
    if not rows:
        return []
    shown = [head, tuple("---" for _ in head), *rows[:MAX_ROWS]]
    lines = [f"| {' | '.join(row)} |" for row in shown]
    parts = [f"### {title}", "\n".join(lines)]
    if len(rows) > MAX_ROWS:
        parts.append(f"… and {len(rows) - MAX_ROWS:,} more")
    return parts


def _findings(groups: Iterable[Group], effect: Effect) -> list[_Row]:
    rows: list[_Row] = [("Check", "Where", "What", "How to mend it")]
    for group in groups:
        if group.worst.effect is not effect:
            continue
        title = f"{_escaped(group.title)} ({group.worst.severity})"
        rows += _rows(group, title)
    return rows


def _gaps(groups: Iterable[Group]) -> list[_Row]:
    rows: list[_Row] = [("Gap", "Where", "Wanted", "What would bring it")]
    for group in groups:
        if group.worst.effect is Effect.GAP:
            parts = (group.title, ", ".join(group.remarks))
            rows += _rows(group, ": ".join(_escaped(part) for part in parts if part))
    return rows


def _rows(group: Group, title: str) -> list[_Row]:
    """Return a row an entry; title and hint, which all share, stand in the first alone."""
    hint = _escaped(group.hint or "")
    return [
        (
            "" if position else title,
            f"<code>{_escaped(entry.place)}</code>",
            _escaped(group.message_of(entry)),
            "" if position else hint,
        )
        for position, entry in enumerate(group.entries)
    ]


def _waived(run: Run) -> list[_Row]:
    rows: list[_Row] = [("Waived", "Where", "Reason", "Accepted by")]
    for accepted in waived_of(run):
        waiver = accepted.waiver
        rows.append(
            (
                _escaped(accepted.id),
                f"<code>{_escaped(accepted.place)}</code>",
                _escaped(waiver.reason),
                f"{_escaped(waiver.owner)} until {waiver.expires}",
            )
        )
    return rows


def _facts(run: Run) -> list[str]:
    """Return what the decision rests on, as a list."""
    tools = [f"{_escaped(tool.name)} {_escaped(tool.version)}" for tool in (run.tool, *run.tools)]
    skipped = left_out(run)
    facts = [
        f"judged: {judged(run)}",
        f"left out: {_escaped(skipped)}" if skipped else "left out: nothing",
        f"policy: {_escaped(run.policy.name)}, <code>{run.policy.digest}</code>",
        f"tools: {', '.join(tools)}",
        f"finished: {timestamp(run.finished_at)}",
    ]
    return ["\n".join(f"- {fact}" for fact in facts)]


def _escaped(text: str) -> str:
    """Return one line of hostile text that Markdown shows as it is."""
    return _MEANINGFUL.sub(_references, one_line(text, MAX_CELL))


def _references(match: re.Match[str]) -> str:
    return "".join(f"&#{ord(sign)};" for sign in match[0])
