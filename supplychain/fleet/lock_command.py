"""``supplychain lock``: judge what would be locked, resolve it, and write the lock whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from supplychain.core.check import LockMoment
from supplychain.core.lock import Lock
from supplychain.core.verdict import Decision, Verdict, overall
from supplychain.errors import unwritten
from supplychain.fleet.lock_check import checked
from supplychain.fleet.lock_file import write_lock
from supplychain.fleet.locking import Update, update, wanted_entries
from supplychain.fleet.session import Session
from supplychain.images.collect.resolution import allow_list, answer_evidence
from supplychain.verify.collect import own_dossiers, uses_in
from supplychain.verify.discover import all_checks
from supplychain.verify.dossier import Dossier
from supplychain.verify.judge import judge
from supplychain.verify.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of bringing the lock up to date.

    ``update`` is ``None``, and nothing was written, where a verdict is not a pass because of
    something that must be in the lock; variables without a value do not stand in the way.
    """

    verdicts: tuple[Verdict, ...]
    update: Update | None
    written: bool


def lock_project(session: Session, plan: Plan, *, upgrade: bool) -> Outcome:
    """Bring the project's lock up to date and write it, whole or not at all.

    Raises:
        UsageError: two files pin one tag to different digests, or the lock cannot be written.
        UnavailableError: the disk is full.
    """
    environment, targets = session.own(plan)
    dossiers = own_dossiers(targets, environment)
    uses = uses_in(dossiers)
    by_subject = {dossier.subject: dossier for dossier in dossiers}
    before = environment.lock or Lock()
    for use in uses:
        by_subject[use.subject].extend([allow_list(use, environment)])
    verdicts = _judged(dossiers, session, LockMoment.BEFORE)
    if overall(verdicts) is Decision.FAIL:
        return Outcome(verdicts=verdicts, update=None, written=False)
    result = update(before, wanted_entries(uses), environment, upgrade=upgrade)
    for use in uses:
        key = use.reference.lock_key
        answer = result.failed.get(key) or result.after.images.get(key)
        by_subject[use.subject].extend([answer_evidence(use, answer, environment)])
    verdicts = _judged(dossiers, session, LockMoment.AFTER)
    if result.failed:
        return Outcome(verdicts=verdicts, update=None, written=False)
    written = _write(session.project.lock_path, result.after)
    return Outcome(verdicts=verdicts, update=result, written=written)


def check_lock(session: Session, plan: Plan) -> tuple[Verdict, ...]:
    """Say whether the lock still agrees with the project's files and with the registries."""
    environment, targets = session.own(plan)
    dossiers = own_dossiers(targets, environment)
    lock_path = session.project.lock_path
    return checked(dossiers, uses_in(dossiers), environment.lock or Lock(), lock_path, environment)


def _judged(
    dossiers: Sequence[Dossier], session: Session, moment: LockMoment
) -> tuple[Verdict, ...]:
    """Judge by what stands in the way of a lock at one moment."""
    environment = session.environment
    checks = [item for item in all_checks() if moment in item.judges_lock]
    return tuple(judge(one, checks, environment.policy, environment.now) for one in dossiers)


def _write(path: Path, lock: Lock) -> bool:
    try:
        return write_lock(path, lock)
    except OSError as error:
        what = f"cannot write {str(path)!r}"
        raise unwritten(what, error, "run it where you may write") from None
