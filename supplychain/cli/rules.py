"""``supplychain checks`` and ``explain``."""

from __future__ import annotations

import difflib

import click

from supplychain.cli.options import Settings, common_options
from supplychain.cli.results import single_target, write
from supplychain.core.check import Check
from supplychain.errors import UsageError
from supplychain.report import json
from supplychain.report.output import OutputFormat
from supplychain.verify.judge import all_checks


@click.command("checks")
@common_options
def checks_command(settings: Settings) -> int:
    """List every check."""
    target = single_target(settings, (OutputFormat.TEXT, OutputFormat.JSON))
    if target.format is OutputFormat.JSON:
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
    known = {key: item for item in all_checks() for key in (item.id.lower(), item.name)}
    found = known.get(name.lower())
    if found is None:
        close = difflib.get_close_matches(name.lower(), known, n=1)
        message = f"there is no check {name!r}"
        hint = f"did you mean '{known[close[0]].id}'?" if close else "see `supplychain checks`"
        raise UsageError(message, hint)
    return found
