"""``supplychain lock``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click

from supplychain.cli.options import Settings, all_option, common_options
from supplychain.cli.results import report, say, targets_of
from supplychain.core.lock import LockedImage
from supplychain.core.verdict import Decision, overall
from supplychain.errors import UsageError
from supplychain.fleet.lock_command import check_lock, lock_project
from supplychain.fleet.lock_file import LOCK_NAME
from supplychain.fleet.locking import Update
from supplychain.fleet.session import open_session


@click.command("lock")
@click.argument("path", default=".", metavar="[PATH]", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; say whether the lock still holds.")
@click.option("--upgrade", is_flag=True, help="Ask again what every tag means.")
@all_option
@common_options
def lock_command(
    settings: Settings,
    path: Path,
    check: bool,  # noqa: FBT001 -- click's way
    upgrade: bool,  # noqa: FBT001
) -> int:
    """Write down what every image reference means.

    PATH is a project's folder; the current one when not given. supplychain.lock gets an entry for
    each reference of the project's Dockerfiles and compose files: digest, media type, and for each
    platform its manifest, layers and chain id. Entries that are there stay as they are; --upgrade
    asks for all of them again.

    --check ends with 1 when files, lock and registries disagree, with 3 when a registry cannot be
    asked.
    """
    if check and upgrade:
        message = "--check and --upgrade exclude each other"
        raise UsageError(message, "choose one of the two")
    targets = targets_of(settings)
    session = open_session(
        [path], policy=settings.policy, config=settings.config, offline=settings.offline
    )
    plan = session.plan([Path(os.path.relpath(session.project.root))])
    say(settings, f"reading {len(plan.targets)} files")
    if check:
        return report(
            session.run(check_lock(session, plan), plan.left_out),
            targets,
            all_lines=settings.all_lines,
        )
    outcome = lock_project(session, plan, upgrade=upgrade)
    if outcome.update is None or settings.outputs:
        return report(
            session.run(outcome.verdicts, plan.left_out), targets, all_lines=settings.all_lines
        )
    click.echo("\n".join(_lines(outcome.update, written=outcome.written)))
    if overall(outcome.verdicts) is Decision.PASS:
        return 0
    return report(
        session.run(outcome.verdicts, plan.left_out), targets, all_lines=settings.all_lines
    )


def _lines(update: Update, *, written: bool) -> Iterator[str]:
    """Yield what happened to each entry, and the counts."""
    marked = (("+", update.added), ("~", update.changed), ("-", update.removed))
    for mark, entries in marked:
        for entry in entries:
            yield f"{mark} {_entry(entry)}"
    counts = (
        (len(update.added), "added"),
        (len(update.changed), "changed"),
        (len(update.removed), "removed"),
    )
    told = ", ".join(f"{count} {what}" for count, what in counts if count)
    total = len(update.after.images)
    state = f"{LOCK_NAME}: {total} image{'' if total == 1 else 's'}"
    yield f"{state} ({told})" if told else state if written else f"{state}, nothing changed"


def _entry(entry: LockedImage) -> str:
    platforms = ", ".join(str(one.platform) for one in entry.platforms)
    return f"{entry.reference} {entry.digest.short} ({platforms})"
