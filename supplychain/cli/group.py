"""The commands, each imported only when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from supplychain import __version__

# name: (module, one line for --help)
COMMANDS = {
    "checks": ("rules", "List every check."),
    "explain": ("rules", "Say what a check looks for, why, and how to fix it."),
    "gate": ("gate", "Decide whether what a project refers to may be used."),
    "inspect": ("inspect", "Show what is seen in a file or an image, without judging."),
    "lock": ("lock", "Write down what every image reference means."),
    "mirror": ("mirror", "Fetch models, judge them, and keep those that pass."),
    "schema": ("schema", "Print the JSON Schema of a file or an output."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports them when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """Return the names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"supplychain.cli.{COMMANDS[cmd_name][0]}")
        command = getattr(module, f"{cmd_name}_command")
        assert isinstance(command, click.Command)  # noqa: S101 -- for the type checker
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        rows = [(name, COMMANDS[name][1]) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 pass, 1 the policy says no, 2 wrong usage or nothing to judge, "
    "3 inconclusive (evidence is missing), 70 a bug, 130 interrupted, 141 broken pipe.",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def group() -> None:
    """May this image, package or model be here, and how do we know?

    Nothing enters the fleet unverified: every answer is pass, fail or inconclusive, and evidence
    that could not be had is never a pass.
    """
