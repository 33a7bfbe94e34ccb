"""``supplychain inspect``."""

from __future__ import annotations

import click

from supplychain.cli.options import Settings, common_options
from supplychain.cli.results import single_target, write
from supplychain.core.reference import InvalidReferenceError, Platform
from supplychain.errors import UsageError
from supplychain.fleet.inspection import KINDS, Question, inspect_all
from supplychain.fleet.session import open_session
from supplychain.report.inspection import render_json, render_text
from supplychain.report.output import OutputFormat


@click.command("inspect")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--kind", type=click.Choice(KINDS), help="What PATH is; image for a reference.")
@click.option("--platform", default="linux/amd64", show_default=True, help="Platform built for.")
@click.option(
    "--build-arg", "build_args", multiple=True, metavar="NAME=VALUE", help="As for docker."
)
@click.option("--digest", is_flag=True, help="Also hash model files.")
@common_options
def inspect_command(
    settings: Settings,
    paths: tuple[str, ...],
    kind: str | None,
    platform: str,
    build_args: tuple[str, ...],
    digest: bool,  # noqa: FBT001 -- click's way
) -> int:
    """Show what is seen in a file or an image, without judging.

    PATH is a Dockerfile, a model file, a folder, or with --kind image a reference such as node:22.
    Ends with 1 when some bytes are malformed, with 2 when a file cannot be read.
    """
    target = single_target(settings, (OutputFormat.TEXT, OutputFormat.JSON))
    question = Question(
        kind=kind, platform=_platform(platform), build_args=_pairs(build_args), digest=digest
    )
    seen = inspect_all(
        paths,
        question,
        lambda: (
            open_session(
                (), policy=settings.policy, config=settings.config, offline=settings.offline
            ).environment
        ),
    )
    items = [one.item for one in seen]
    render = render_json if target.format is OutputFormat.JSON else render_text
    write(render(items), target)
    return max(one.code for one in seen)


def _platform(text: str) -> str:
    try:
        return str(Platform.parse(text))
    except InvalidReferenceError as error:
        raise UsageError(str(error), "write linux/amd64, for example") from None


def _pairs(texts: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            message = f"build argument {text!r} is no NAME=VALUE"
            raise UsageError(message, "write --build-arg VERSION=22")
        pairs[name] = value
    return pairs
