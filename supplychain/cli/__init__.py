"""The command line: one file a command group. ``run`` is the only place that catches everything."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

import click

from supplychain.cli.group import group
from supplychain.core.text import visible
from supplychain.errors import NO_ROOM, SupplyChainError

BUG, INTERRUPTED, BROKEN_PIPE, USAGE, NOT_WRITTEN = 70, 130, 141, 2, 3
NAME = "supplychain"


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code (contract: 0, 1, 2, 3, 70, 130 or 141).

    ``click.main`` is not used: it ends with 1 on a broken pipe and on Ctrl-C, and 1 means that
    the policy says no.
    """
    try:
        code = _code(arguments)
    except BrokenPipeError:
        code = BROKEN_PIPE
    except OSError as error:
        if error.errno in NO_ROOM:
            show_error(
                f"cannot write the output: {error.strerror}", "free some space and run again"
            )
            code = NOT_WRITTEN
        elif _is_homeless():
            show_error("the current folder does not exist any more", "change to another one")
            code = USAGE
        else:
            code = _bug(error, arguments)
    except Exception as error:  # noqa: BLE001 -- whatever is left is a bug of ours
        code = _bug(error, arguments)
    _drop_unwritten()
    return code


def _code(arguments: Sequence[str]) -> int:
    try:
        code = _invoke(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        _tell("interrupted")
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        _tell(error.format_message())
        return USAGE
    except click.ClickException as error:
        show_error(error.format_message(), _click_hint(error))
        return USAGE
    except SupplyChainError as error:
        show_error(error.message, error.hint)
        _trace(arguments)
        return error.exit_code
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
    what = f"{type(error).__name__}: {error}"[:300]
    hint = "report it" if "--debug" in arguments else "run again with --debug and report it"
    show_error(f"this is a bug in {NAME}: {what}", hint)
    return BUG


def _trace(arguments: Sequence[str]) -> None:
    """Show the traceback of the error being handled, where it was asked for."""
    if "--debug" in arguments:
        import traceback  # noqa: PLC0415 -- most runs do without

        traceback.print_exc()


def show_error(message: str, hint: str | None) -> None:
    """Tell on stderr what went wrong and the one action that mends it."""
    lower = message[:1].lower() + message[1:].rstrip(".") if message else message
    _tell(f"error: {visible(lower)}")
    if hint:
        _tell(f"hint: {visible(hint)}")


def _tell(text: str) -> None:
    """Write to stderr; where nobody listens the exit code says it alone."""
    with contextlib.suppress(OSError):
        click.echo(text, err=True)


def _drop_unwritten() -> None:
    """Give up what nobody takes: at exit, Python would end with 120 for it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _is_homeless() -> bool:
    """Say whether somebody removed the folder that the program was started in."""
    try:
        os.getcwd()  # noqa: PTH109 -- `--version` starts without pathlib
    except FileNotFoundError:
        return True
    return False


def _click_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"see `{context.command_path if context else NAME} --help`"
