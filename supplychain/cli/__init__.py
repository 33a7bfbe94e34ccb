"""The command line: one file a command group. ``run`` is the only place that catches everything."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from supplychain.cli.group import group
from supplychain.errors import SupplyChainError

BUG, INTERRUPTED, BROKEN_PIPE, USAGE = 70, 130, 141, 2
NAME = "supplychain"


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code (contract: 0, 1, 2, 3, 70, 130 or 141).

    ``click.main`` is not used: it ends with 1 on a broken pipe and on Ctrl-C, and 1 means that
    the policy says no.
    """
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        _show(error.format_message(), _click_hint(error))
        return USAGE
    except SupplyChainError as error:
        _show(error.message, error.hint)
        _trace(arguments)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 -- whatever is left is a bug of ours
        return _bug(error, arguments)
    return code


def _invoke(arguments: Sequence[str]) -> int:
    try:
        with group.make_context(NAME, list(arguments)) as context:
            result = group.invoke(context)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    return result if isinstance(result, int) else 0


def _bug(error: Exception, arguments: Sequence[str]) -> int:
    _trace(arguments)
    what = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    hint = "report it" if "--debug" in arguments else "run again with --debug and report it"
    _show(f"this is a bug in {NAME}: {what}", hint)
    return BUG


def _trace(arguments: Sequence[str]) -> None:
    """Show the traceback of the error being handled, where it was asked for."""
    if "--debug" in arguments:
        import traceback  # noqa: PLC0415 -- most runs do without

        traceback.print_exc()


def _show(message: str, hint: str | None) -> None:
    lower = message[:1].lower() + message[1:].rstrip(".") if message else message
    click.echo(f"error: {lower}", err=True)
    if hint:
        click.echo(f"hint: {hint}", err=True)


def _click_hint(error: click.ClickException) -> str | None:
    context = getattr(error, "ctx", None)
    return f"see `{context.command_path} --help`" if context else None
