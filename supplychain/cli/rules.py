"""``supplychain checks`` and ``explain``."""

from __future__ import annotations

import difflib

import click

from supplychain.cli.options import Settings, common_options
from supplychain.cli.results import single_target, write
from supplychain.core.check import Check
from supplychain.errors import UsageError
from supplychain.formats.text import printable
from supplychain.report.output import OutputFormat
from supplychain.verify.discover import STAGES, all_checks, checks_of


@click.command("checks")
@common_options
def checks_command(settings: Settings) -> int:
    """List every check."""
    target = single_target(settings, (OutputFormat.TEXT, OutputFormat.JSON))
    if target.format is OutputFormat.JSON:
        from supplychain.report import json  # noqa: PLC0415 -- explain does without it

        write(json.render_checks(all_checks()), target)
    else:
        write("".join(f"{_line(item)}\n" for item in all_checks()), target)
    return 0


@click.command("explain")
@click.argument("name", metavar="ID")
@common_options
def explain_command(settings: Settings, name: str) -> int:
    """Say what a check looks for, why, and how to fix it.

    ID is a check's id, such as IMG001, or its name, such as image-not-pinned.
    """
    target = single_target(settings, (OutputFormat.TEXT,))
    item = _find(name)
    write(f"{item.id} {item.name} ({item.severity})\n\n{item.documentation}\n", target)
    return 0


def _line(item: Check) -> str:
    return f"{item.id}  {item.severity:<8}  {item.name:<26}  {item.summary}"


def _find(name: str) -> Check:
    """Find a check by id or name; by id only the stage that its family tells is imported."""
    family = name[:3].upper()
    stages = [stage for stage, families in STAGES.items() if family in families]
    for stage in stages:
        for item in checks_of(stage):
            if item.id == name.upper():
                return item
    known = {key: item for item in all_checks() for key in (item.id.lower(), item.name)}
    found = known.get(name.lower())
    if found is None:
        close = difflib.get_close_matches(name.lower(), known, n=1)
        message = f"there is no check {printable(name, 80)!r}"
        hint = f"did you mean '{known[close[0]].id}'?" if close else "see `supplychain checks`"
        raise UsageError(message, hint)
    return found
