"""``supplychain schema``."""

from __future__ import annotations

import difflib

import click

from supplychain.cli.options import Settings, common_options
from supplychain.cli.results import single_target, write
from supplychain.errors import UsageError
from supplychain.fleet.schemas import SCHEMAS, schema_text
from supplychain.report.output import OutputFormat


@click.command("schema")
@click.argument("name", metavar="NAME")
@common_options
def schema_command(settings: Settings, name: str) -> int:
    """Print the JSON Schema of a file or an output.

    NAME is report, inspect or checks for outputs; fleet, lock, waivers or policy for files.
    """
    target = single_target(settings, (OutputFormat.TEXT, OutputFormat.JSON))
    if name not in SCHEMAS:
        close = difflib.get_close_matches(name, SCHEMAS, n=1)
        message = f"there is no schema {name!r}"
        hint = f"did you mean '{close[0]}'?" if close else f"use one of {', '.join(SCHEMAS)}"
        raise UsageError(message, hint)
    write(schema_text(name), target)
    return 0
