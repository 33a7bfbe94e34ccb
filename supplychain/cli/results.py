"""Where results go: reports to stdout and files, words about them to stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from supplychain.cli.options import Settings
from supplychain.errors import UsageError, unwritten
from supplychain.report.output import OutputFormat, OutputTarget, parse_targets

if TYPE_CHECKING:  # `explain` does without a run
    from supplychain.core.run import Run

EXIT_CODES = {"pass": 0, "fail": 1, "inconclusive": 3}  # by decision
SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"


def targets_of(settings: Settings) -> tuple[OutputTarget, ...]:
    """Return where the report goes; on GitHub annotations come along when nothing was chosen.

    Raises:
        UsageError: a format is unknown, or two reports go to one place.
    """
    if settings.outputs:
        return parse_targets(settings.outputs)
    return (OutputTarget(format=OutputFormat.TEXT),)


def report(run: Run, targets: Sequence[OutputTarget], *, all_lines: bool = False) -> int:
    """Write a run to every target and return the exit code of its decision.

    Raises:
        UsageError: a file cannot be written where the user wants it.
        UnavailableError: the disk is full.
    """
    for target in targets:
        text = rendered(run, target.format, all_lines=all_lines, to_terminal=target.path is None)
        write(text, target)
    if targets == (OutputTarget(format=OutputFormat.TEXT),) and os.environ.get("GITHUB_ACTIONS"):
        click.echo(rendered(run, OutputFormat.GITHUB), nl=False)
    summary = os.environ.get(SUMMARY_VARIABLE)
    if summary:
        _saved(Path(summary), rendered(run, OutputFormat.MARKDOWN), append=True)
    return EXIT_CODES[run.decision]


def rendered(
    run: Run, output: OutputFormat, *, all_lines: bool = False, to_terminal: bool = False
) -> str:
    """Return a run in one format."""
    from supplychain.report import github, json, sarif, summary, text  # noqa: PLC0415
    from supplychain.verify.discover import all_checks  # noqa: PLC0415

    match output:
        case OutputFormat.TEXT:
            colour = to_terminal and colour_wanted()
            return text.render(run, all_lines=all_lines or not to_terminal, colour=colour)
        case OutputFormat.JSON:
            return json.render(run)
        case OutputFormat.JSONL:
            return json.render_lines(run)
        case OutputFormat.SARIF:
            return sarif.render(run, all_checks())
        case OutputFormat.GITHUB:
            return github.render(run)
        case OutputFormat.MARKDOWN:
            return summary.render(run)


def write(text: str, target: OutputTarget) -> None:
    """Write text to stdout, or to a file whole or not at all."""
    if target.path is None:
        click.echo(text, nl=False)
    else:
        _saved(target.path, text)


def single_target(settings: Settings, allowed: Sequence[OutputFormat]) -> OutputTarget:
    """Return the one target of a command that has one result, text by default.

    Raises:
        UsageError: several targets, or a format that the command does not have.
    """
    targets = targets_of(settings)
    if len(targets) != 1 or targets[0].format not in allowed:
        names = " or ".join(one.value for one in allowed)
        message = f"--output takes {names} here"
        raise UsageError(message, f"use `--output {allowed[-1].value}`")
    return targets[0]


def say(settings: Settings, text: str) -> None:
    """Tell a person on stderr what is going on, with ``--verbose`` or on a terminal."""
    on_terminal = sys.stderr is not None and sys.stderr.isatty()
    if not settings.quiet and (settings.verbose or on_terminal):
        click.echo(text, err=True)


def colour_wanted() -> bool:
    """Say whether stdout is a terminal that wants colour (no-color.org)."""
    on_terminal = sys.stdout is not None and sys.stdout.isatty()
    return on_terminal and not os.environ.get("NO_COLOR")


def _saved(path: Path, text: str, *, append: bool = False) -> None:
    from supplychain.access.files import append_text, write_whole  # noqa: PLC0415 -- stdout does without

    try:
        if append:
            append_text(path, text)
        else:
            write_whole(path, text.encode())
    except OSError as error:
        what = f"cannot write {str(path)!r}"
        raise unwritten(what, error, "name a file in a folder that you may write") from None
