"""``supplychain gate``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from supplychain.cli import show_error
from supplychain.cli.options import Given, Settings, all_option, common_options, image_options
from supplychain.cli.results import report, say, targets_of
from supplychain.core.digest import Digest
from supplychain.core.run import Run
from supplychain.core.subject import SubjectKind
from supplychain.core.verdict import Decision
from supplychain.errors import SupplyChainError
from supplychain.fleet.session import open_session
from supplychain.ledger.log import record
from supplychain.ledger.reports import keep
from supplychain.verify.collect import KINDS
from supplychain.verify.run import verdicts_of
from supplychain.verify.scans import read_scans, redacted_reports

_KINDS = click.Choice([kind.value for kind in KINDS])


@click.command("gate")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option("--kind", type=_KINDS, help="Judge only this kind; what a file with any name is.")
@click.option(
    "--record",
    "recorded",
    is_flag=True,
    help="Append the verdicts to the ledger, and keep the reports.",
)
@click.option(
    "--state",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the ledger.",
)
@all_option
@common_options
@image_options
def gate_command(
    settings: Settings,
    paths: tuple[Path, ...],
    kind: str | None,
    given: Given,
    recorded: bool,  # noqa: FBT001 -- click's way
    state: Path | None,
) -> int:
    """Decide whether what a project refers to may be used.

    PATH is a file or a folder; the current folder when neither it nor an image is given.
    Dockerfiles and compose files are found by name, what git ignores is left out. A report without
    --image is judged as one about the image that it claims to be about.
    """
    targets = targets_of(settings)
    scans = read_scans(given.reports, given.sboms, given.images)
    paths = paths if paths or given.reports or given.images else (Path(),)
    session = open_session(
        paths or (Path(),), policy=settings.policy, config=settings.config, offline=settings.offline
    )
    plan = session.plan(paths, SubjectKind(kind) if kind else None) if paths else None
    told = [f"{len(plan.targets)} subjects"] if plan else []
    told += [f"{len(given.reports)} reports"] if given.reports else []
    say(settings, f"judging {' and '.join(told)} by policy {session.environment.policy.name}")
    parts = session.parts(plan) if plan else []
    verdicts = verdicts_of(parts, (scans, session.environment))
    run = session.run(verdicts, plan.left_out if plan else ())
    try:
        return report(run, targets, all_lines=settings.all_lines)
    finally:
        if recorded:
            _record(run, redacted_reports(scans), state)


def _record(run: Run, reports: Iterable[tuple[Digest, bytes]], state: Path | None) -> None:
    """Append to the ledger; that this failed is told, but does not hide that the policy says no.

    Raises:
        SupplyChainError: it failed, and the decision is not fail.
    """
    try:
        record(run.verdicts, state)
        keep(reports, state)
    except SupplyChainError as error:
        if run.decision is not Decision.FAIL:
            raise
        show_error(error.message, error.hint)
