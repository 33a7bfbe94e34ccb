"""Options that every command has."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user chose besides the command's own arguments."""

    policy: str | None
    outputs: tuple[str, ...]
    offline: bool
    quiet: bool
    verbose: bool
    config: Path | None
    all_lines: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the user gave about images: scanners' reports, SBOMs and references."""

    reports: tuple[Path, ...]
    sboms: tuple[Path, ...]
    images: tuple[str, ...]


def image_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options about scanned images; it gets them as ``given``."""

    @functools.wraps(command)
    def wrapper(*settings: Settings, **chosen: Any) -> int:  # noqa: ANN401 -- click's values
        given = Given(
            reports=chosen.pop("report"),
            sboms=chosen.pop("sbom"),
            images=chosen.pop("image"),
        )
        return command(*settings, given=given, **chosen)

    decorators = (
        click.option(
            "--report",
            metavar="FILE",
            multiple=True,
            type=click.Path(path_type=Path),
            help="A scanner's report, Trivy's or Grype's JSON; may be repeated.",
        ),
        click.option(
            "--image",
            metavar="REF",
            multiple=True,
            help="The image that the reports must be about; may be repeated.",
        ),
        click.option(
            "--sbom",
            metavar="FILE",
            multiple=True,
            type=click.Path(path_type=Path),
            help="An SBOM of a scanned image, whose packages are counted; may be repeated.",
        ),
    )
    decorated: Callable[..., int] = wrapper
    for decorator in reversed(decorators):
        decorated = decorator(decorated)
    return decorated


def all_option(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command that reports a run the option to show all of it."""
    option = click.option("--all", "all_lines", is_flag=True, help="Show everything, however long.")
    return option(command)


def common_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the common options; it gets them as :class:`Settings`, its first argument."""

    @functools.wraps(command)
    def wrapper(**chosen: Any) -> int:  # noqa: ANN401 -- click passes what the options declare
        chosen.pop("debug")  # read from the arguments, also where parsing them fails
        settings = Settings(
            policy=chosen.pop("policy"),
            outputs=chosen.pop("output"),
            offline=chosen.pop("offline"),
            quiet=chosen.pop("quiet"),
            verbose=chosen.pop("verbose"),
            config=chosen.pop("config"),
            all_lines=chosen.pop("all_lines", False),
        )
        return command(settings, **chosen)

    decorators = (
        click.option("--policy", metavar="FILE|NAME", help="Policy file, or default or strict."),
        click.option(
            "--output",
            metavar="FORMAT[=PATH]",
            multiple=True,
            help="Where the result goes, and how; may be repeated. Text on stdout when not given.",
        ),
        click.option(
            "--offline",
            is_flag=True,
            envvar="SUPPLYCHAIN_OFFLINE",
            help="Open no socket; what would need one is a gap.",
        ),
        click.option("--quiet", "-q", is_flag=True, help="Nothing on stderr but errors."),
        click.option("--verbose", "-v", is_flag=True, help="Say on stderr what is done."),
        click.option("--debug", is_flag=True, help="Show the traceback of an error."),
        click.option(
            "--config",
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="Fleet file; the nearest supplychain.toml upwards when not given.",
        ),
    )
    decorated: Callable[..., int] = wrapper
    for decorator in reversed(decorators):
        decorated = decorator(decorated)
    return decorated
