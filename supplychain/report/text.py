"""A run for people at a terminal.

What one action would mend stands together, what blocks first; the last line is the decision, the
counts and the next step. Colour adds nothing that the words do not say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from supplychain.core.run import Run
from supplychain.core.verdict import Decision
from supplychain.report.escape import one_line
from supplychain.report.groups import Effect, Entry, Group, entries_of, groups_of, waived_of
from supplychain.report.tally import amount, judged, left_out, next_step, tally_of

MAX_LINES = 40  # lines of a report that was not asked for in full: one screen
MAX_PLACE_COLUMN = 44  # characters; a longer place pushes its message out of the column
LEAST_SHOWN = 2  # entries of a group when not even so all groups fit

_INDENT = "     "
_STYLES: dict[str, str] = {  # SGR parameters, ECMA-48 section 8.3.117
    Effect.FAIL: "1;31",
    Effect.GAP: "1;35",
    Effect.WARN: "1;33",
    Effect.INFO: "1;34",
    Decision.INCONCLUSIVE: "1;35",
    Decision.PASS: "1;32",
}
_STRONG, _QUIET, _HINT = "1", "2", "36"

_Paint = Callable[[str, str], str]


def render(run: Run, *, all_lines: bool = False, colour: bool = False) -> str:
    """Return the report; at most ``MAX_LINES`` lines unless ``all_lines``.

    What is only for information is then counted and not shown.
    """
    paint = _painted if colour else _plain
    groups = groups_of(run)
    if all_lines:
        blocks, closing = _blocks(groups), _closing(run, paint)
        body = [line for block in blocks for line in _lines(block, block.entries, paint)]
        body += [*_waived_lines(run, paint), ""] if waived_of(run) else []
    else:
        shown = [group for group in groups if group.worst.effect is not Effect.INFO]
        infos = sum(len(group.entries) for group in groups) - sum(
            len(group.entries) for group in shown
        )
        budget = MAX_LINES - len(_closing(run, paint))
        body, is_whole = _fitted(_blocks(shown), budget, infos, paint)
        closing = _closing(run, paint, infos if is_whole else 0)
    return "\n".join([*body, *closing]) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """A group as it is laid out.

    Its title is left out where the block before has the same, the blank line after it where the
    next one has.
    """

    group: Group
    titled: bool
    last: bool

    @property
    def entries(self) -> Sequence[Entry]:
        return self.group.entries

    def height(self, most: int) -> int:
        """Return its lines when at most ``most`` entries are shown."""
        entries = min(len(self.entries), most + 1)
        return entries + self.titled + bool(self.group.worst.hint) + self.last


def _blocks(groups: Sequence[Group]) -> list[_Block]:
    titles = [(group.worst.effect, group.title, group.remarks) for group in groups]
    around = [None, *titles, None]
    return [
        _Block(group=group, titled=title != around[position], last=title != around[position + 2])
        for position, (group, title) in enumerate(zip(groups, titles, strict=True))
    ]


def _fitted(
    blocks: Sequence[_Block], budget: int, infos: int, paint: _Paint
) -> tuple[list[str], bool]:
    """Return the blocks in at most ``budget`` lines, and whether they are whole.

    Where they are not, the last line says how much is hidden, ``infos`` among it.
    """
    most = next(
        (
            most
            for most in range(budget, LEAST_SHOWN, -1)
            if sum(block.height(most) for block in blocks) < budget
        ),
        LEAST_SHOWN,
    )
    lines: list[str] = []
    visible = 0
    for block in blocks:
        if len(lines) + block.height(most) >= budget:
            break
        shown = _first(block.entries, most)
        lines += _lines(block, shown, paint)
        visible += len(shown)
    entries = sum(len(block.entries) for block in blocks)
    total = entries + infos
    if visible < entries:
        note = f"{total - visible:,} of {total:,} are hidden: --all shows them"
        lines.append(paint(_QUIET, note))
    return lines, visible == entries


def _lines(block: _Block, shown: Sequence[Entry], paint: _Paint) -> list[str]:
    """Return a block's lines: title, entries, how many more there are, hint, a blank one."""
    group = block.group
    effect = group.worst.effect
    title = f"{paint(_STYLES[effect], f'{effect:<4}')} {paint(_STRONG, group.title)}"
    if group.remarks:
        title += paint(_QUIET, f" · {', '.join(group.remarks)}")
    lengths = [len(entry.place) for entry in shown]
    width = max((length for length in lengths if length <= MAX_PLACE_COLUMN), default=0)
    entries = (f"{entry.place:<{width}}  {group.message_of(entry)}" for entry in shown)
    lines = [title] if block.titled else []
    lines += [f"{_INDENT}{entry}" for entry in entries]
    more = len(group.entries) - len(shown)
    if more:
        lines.append(paint(_QUIET, f"{_INDENT}… and {more:,} more"))
    if group.hint:
        lines.append(f"{_INDENT}{paint(_HINT, 'hint:')} {group.hint}")
    return [*lines, ""] if block.last else lines


def _first(entries: Sequence[Entry], count: int) -> Sequence[Entry]:
    """Return the first entries; a single one too many is no longer than saying so."""
    return entries if len(entries) <= count + 1 else entries[:count]


def _waived_lines(run: Run, paint: _Paint) -> list[str]:
    """Return what was waived, by whom, until when and why."""
    lines = [f"{paint(_STYLES[Decision.PASS], 'ok  ')} {paint(_STRONG, 'waived')}"]
    for accepted in waived_of(run):
        waiver = accepted.waiver
        owner, reason = one_line(waiver.owner), one_line(waiver.reason)
        until = f"accepted by {owner} until {waiver.expires}"
        lines.append(f"{_INDENT}{accepted.place}  {one_line(accepted.id)} {until}: {reason}")
    return lines


def _closing(run: Run, paint: _Paint, infos: int = 0) -> list[str]:
    """Return the last lines: what was judged if all is well, what was not, the decision.

    ``infos`` is how many entries are hidden without any other line having said so.
    """
    tally = tally_of(run)
    entries = entries_of(run)
    lines = []
    if tally.decision is Decision.PASS:
        lines.append(f"judged: {judged(run)}, under policy {one_line(run.policy.name)}")
    skipped = left_out(run)
    if skipped:
        lines.append(f"left out: {skipped}")
    step = next_step(entries)
    parts = [paint(_STYLES[tally.decision], tally.decision), tally.counts]
    if infos:
        parts.append(f"{amount(infos, 'info is', 'infos are')} hidden: --all shows them")
    if step:
        parts.append(f"next: {step}")
    return [*lines, " · ".join(parts)]


def _plain(_style: str, text: str) -> str:
    return text


def _painted(style: str, text: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m"
