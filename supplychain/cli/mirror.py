"""``supplychain mirror``: models fetched, judged and kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from supplychain.cli.options import Settings, all_option, common_options
from supplychain.cli.progress import shown_progress
from supplychain.cli.results import EXIT_CODES, report, single_target, targets_of, write
from supplychain.errors import UsageError
from supplychain.report import models
from supplychain.report.output import OutputFormat, OutputTarget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from supplychain.fleet.session import Session
    from supplychain.mirror.pull import Desk, Outcome
    from supplychain.mirror.snapshot import Snapshot
    from supplychain.mirror.store import Store

MAX_JOBS = 8  # connections to one host
DEFAULT_JOBS = 4
_RATE = re.compile(r"([0-9]{1,15})([kKmMgG]?)")
_FACTORS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3}
_Folder = click.Path(path_type=Path, file_okay=False)


@click.group("mirror")
def mirror_command() -> None:
    """Models fetched, judged, and kept in a store that holds only what was admitted."""


def store_option(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the option that names the store."""
    help_text = "Folder of the store; $SUPPLYCHAIN_STORE, else the user's data folder."
    option = click.option("--store", "folder", metavar="DIR", type=_Folder, help=help_text)
    return option(command)


def transfer_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options of everything that fetches."""
    options = (
        click.option("--endpoint", metavar="URL", help="Address of the hub; else $HF_ENDPOINT."),
        click.option(
            "--jobs",
            type=click.IntRange(1, MAX_JOBS),
            default=DEFAULT_JOBS,
            show_default=True,
            help="Files fetched at once.",
        ),
        click.option(
            "--limit-rate", metavar="BYTES", help="Bytes a second at most, such as 500k or 20M."
        ),
        click.option("--state", metavar="DIR", type=_Folder, help="Folder of the ledger."),
    )
    for option in reversed(options):
        command = option(command)
    return all_option(command)


@mirror_command.command("pull")
@click.argument("refs", nargs=-1, required=True, metavar="REF...")
@click.option("--dry-run", is_flag=True, help="Say what would be fetched, and judge that alone.")
@store_option
@transfer_options
@common_options
def pull_command(
    settings: Settings,
    refs: tuple[str, ...],
    dry_run: bool,  # noqa: FBT001 -- click's way
    folder: Path | None,
    endpoint: str | None,
    jobs: int,
    limit_rate: str | None,
    state: Path | None,
) -> int:
    """Fetch models, judge them, and admit those that pass.

    REF is hf.co/OWNER/REPO[@REVISION][:FILE|GLOB|QUANT,...]. Nothing has a name in the store before
    it was hashed, inspected, decided on and recorded; what is refused leaves only the record.
    """
    from supplychain.fleet.mirroring import Pace, pulled  # noqa: PLC0415
    from supplychain.mirror.pull import Order, pull  # noqa: PLC0415
    from supplychain.mirror.reference import ModelReference  # noqa: PLC0415

    targets = targets_of(settings)
    wanted = list(dict.fromkeys(ModelReference.parse(ref) for ref in refs))
    pace = Pace(jobs=jobs, rate=_rate(limit_rate))
    with _desk(settings, folder, endpoint, state, jobs) as (session, desk):
        if dry_run:
            outcomes = [pull(Order(reference=one, dry_run=True), desk) for one in wanted]
        else:
            outcomes = pulled(wanted, desk, pace)
    if dry_run:
        return _planned(outcomes, settings)
    return _reported(outcomes, session, targets, all_lines=settings.all_lines)


@mirror_command.command("sync")
@store_option
@transfer_options
@common_options
def sync_command(
    settings: Settings,
    folder: Path | None,
    endpoint: str | None,
    jobs: int,
    limit_rate: str | None,
    state: Path | None,
) -> int:
    """Make the store agree with the models of supplychain.toml and the lock.

    What is missing is pulled at the locked commit; a model that is not locked yet is pulled at its
    revision and then locked. What differs from the lock is refused.
    """
    from supplychain.fleet.mirroring import Pace, synced  # noqa: PLC0415

    targets = targets_of(settings)
    pace = Pace(jobs=jobs, rate=_rate(limit_rate))
    with _desk(settings, folder, endpoint, state, jobs) as (session, desk):
        outcomes = synced(session, desk, pace)
    return _reported(outcomes, session, targets, all_lines=settings.all_lines)


@mirror_command.command("list")
@store_option
@common_options
def list_command(settings: Settings, folder: Path | None) -> int:
    """List the admitted models."""
    target = single_target(settings, (OutputFormat.TEXT, OutputFormat.JSON))
    found = _snapshots(_store(folder))
    _write_models(found, target, models.render_models_text)
    return 0


@mirror_command.command("show")
@click.argument("ref", metavar="REF")
@store_option
@common_options
def show_command(settings: Settings, ref: str, folder: Path | None) -> int:
    """Show what is known of an admitted model, all its commits.

    REF is a reference as `mirror list` prints it, or hf.co/OWNER/REPO for all of the repository.
    """
    from supplychain.mirror.reference import ModelReference  # noqa: PLC0415

    target = single_target(settings, (OutputFormat.TEXT, OutputFormat.JSON))
    reference = ModelReference.parse(ref)
    names = {str(reference), reference.source if ref == reference.source else str(reference)}
    found = [
        one
        for one in _snapshots(_store(folder))
        if not names.isdisjoint({str(one.reference), one.reference.source})
    ]
    if not found:
        message = f"{str(reference)!r} is not in the store"
        raise UsageError(message, "see `supplychain mirror list`")
    _write_models(
        found, target, lambda items: "\n".join(models.render_model_text(one) for one in items)
    )
    return 0


@mirror_command.command("verify")
@store_option
@all_option
@common_options
def verify_command(
    settings: Settings,
    folder: Path | None,
) -> int:
    """Hash every file of the store again, and say which are damaged or missing."""
    from supplychain.fleet.session import open_session  # noqa: PLC0415
    from supplychain.mirror.fsck import verified  # noqa: PLC0415

    targets = targets_of(settings)
    store = _store(folder)
    if not store.root.is_dir():
        message = f"there is no store in {str(store.root)!r}"
        raise UsageError(message, "name its folder with --store")
    session = open_session((), policy=settings.policy, config=settings.config)
    with shown_progress(settings) as progress:
        verdicts = verified(store, session.environment, progress)
    return report(session.run(verdicts), targets, all_lines=settings.all_lines)


@contextmanager
def _desk(
    settings: Settings,
    folder: Path | None,
    endpoint: str | None,
    state: Path | None,
    jobs: int,
) -> Iterator[tuple[Session, Desk]]:
    from supplychain.fleet.mirroring import opened_desk  # noqa: PLC0415
    from supplychain.fleet.session import open_session  # noqa: PLC0415

    session = open_session(
        (), policy=settings.policy, config=settings.config, offline=settings.offline
    )
    with (
        shown_progress(settings) as progress,
        opened_desk(
            session, _store(folder), progress, endpoint=endpoint, state=state, jobs=jobs
        ) as desk,
    ):
        yield session, desk


def _store(folder: Path | None) -> Store:
    from supplychain.fleet.mirroring import store_at  # noqa: PLC0415

    return store_at(folder)


def _snapshots(store: Store) -> list[Snapshot]:
    """Return the admitted models; a damaged document is told on stderr, and by `mirror verify`."""
    from supplychain.mirror.store import DamagedStoreError  # noqa: PLC0415

    found = []
    for one in store.snapshots():
        if isinstance(one, DamagedStoreError):
            click.echo(f"warning: '{one.path}' {one.reason}; see `mirror verify`", err=True)
        else:
            found.append(one)
    return found


def _write_models(
    found: Sequence[Snapshot],
    target: OutputTarget,
    render: Callable[[Sequence[dict[str, object]]], str],
) -> None:
    from supplychain.mirror.listing import model_item  # noqa: PLC0415

    items = [model_item(one) for one in found]
    is_json = target.format is OutputFormat.JSON
    write(models.render_models_json(items) if is_json else render(items), target)


def _planned(outcomes: Sequence[Outcome], settings: Settings) -> int:
    from supplychain.core.verdict import overall  # noqa: PLC0415
    from supplychain.mirror.listing import plan_item  # noqa: PLC0415

    target = single_target(settings, (OutputFormat.TEXT, OutputFormat.JSON))
    items = [plan_item(one.plan, one.verdict) for one in outcomes]
    is_json = target.format is OutputFormat.JSON
    write(models.render_plans_json(items) if is_json else models.render_plans_text(items), target)
    return EXIT_CODES[overall([one.verdict for one in outcomes])]


def _reported(
    outcomes: Sequence[Outcome],
    session: Session,
    targets: Sequence[OutputTarget],
    *,
    all_lines: bool,
) -> int:
    from supplychain.mirror.listing import model_item  # noqa: PLC0415

    code = report(session.run([one.verdict for one in outcomes]), targets, all_lines=all_lines)
    if targets == (OutputTarget(format=OutputFormat.TEXT),):
        items = [model_item(one.snapshot) for one in outcomes if one.snapshot is not None]
        click.echo(models.render_models_text(items), nl=False)
    return code


def _rate(text: str | None) -> int | None:
    if text is None:
        return None
    found = _RATE.fullmatch(text)
    rate = int(found[1]) * _FACTORS[found[2].lower()] if found else 0
    if rate <= 0:
        message = f"--limit-rate {text!r} is no number of bytes a second"
        raise UsageError(message, "write 500k or 20M, for example")
    return rate
