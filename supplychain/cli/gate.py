"""``supplychain gate``."""

from __future__ import annotations

from pathlib import Path

import click

from supplychain.cli.options import Settings, common_options
from supplychain.cli.results import report, say, targets_of
from supplychain.core.subject import SubjectKind
from supplychain.fleet.session import open_session
from supplychain.ledger.log import record
from supplychain.verify.collect import KINDS
from supplychain.verify.run import verdicts_of

_KINDS = click.Choice([kind.value for kind in KINDS])


@click.command("gate")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option("--kind", type=_KINDS, help="Judge only this kind; what a file with any name is.")
@click.option("--record", "recorded", is_flag=True, help="Append the verdicts to the ledger.")
@click.option(
    "--state",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the ledger.",
)
@click.option("--all", "all_lines", is_flag=True, help="Show everything, however long.")
@common_options
def gate_command(
    settings: Settings,
    paths: tuple[Path, ...],
    kind: str | None,
    recorded: bool,  # noqa: FBT001 -- click's way
    state: Path | None,
    all_lines: bool,  # noqa: FBT001
) -> int:
    """Decide whether what a project refers to may be used.

    PATH is a file or a folder; the current folder when not given. Dockerfiles and compose files
    are found by name, what git ignores is left out.
    """
    targets = targets_of(settings)
    paths = paths or (Path(),)
    session = open_session(
        paths, policy=settings.policy, config=settings.config, offline=settings.offline
    )
    plan = session.plan(paths, SubjectKind(kind) if kind else None)
    say(
        settings,
        f"judging {len(plan.targets)} subjects by policy {session.environment.policy.name}",
    )
    verdicts = verdicts_of(session.parts(plan))
    if recorded:
        record(verdicts, state)
    return report(session.run(verdicts, plan.left_out), targets, all_lines=all_lines)
