"""The mirror as a project uses it: which hub and store, and the models of the fleet file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs

from supplychain.access.huggingface_login import hub_of
from supplychain.core.lock import Lock, LockedModel
from supplychain.core.verdict import Decision
from supplychain.errors import UnavailableError, UsageError, unwritten
from supplychain.fleet.fleet_file import FLEET_NAME
from supplychain.fleet.lock_file import write_lock
from supplychain.fleet.session import Session
from supplychain.mirror.pull import Desk, Order, Outcome, admitted_again, pull
from supplychain.mirror.reference import ModelReference
from supplychain.mirror.snapshot import Snapshot
from supplychain.mirror.store import DamagedStoreError, Store
from supplychain.mirror.transfer import Progress

STORE_VARIABLE = "SUPPLYCHAIN_STORE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a pull may use the network: files at once, and bytes a second, ``None`` without limit."""

    jobs: int
    rate: int | None = None


def store_at(chosen: Path | None) -> Store:
    """Return the store in a folder: the chosen one, else the environment's, else the user's."""
    if chosen is None:
        named = os.environ.get(STORE_VARIABLE)
        usual = platformdirs.user_data_path("supplychain", appauthor=False) / "store"
        chosen = Path(named) if named else usual
    return Store(chosen.absolute())


@contextmanager
def opened_desk(
    session: Session,
    store: Store,
    progress: Progress,
    *,
    endpoint: str | None,
    state: Path | None,
    jobs: int,
) -> Iterator[Desk]:
    """Yield what pulls work with; the connections are closed afterwards.

    Raises:
        ConfigError: the hub's address or the token cannot be used.
        UsageError: the store's folder cannot be made.
    """
    from supplychain.access.huggingface import HubClient  # noqa: PLC0415 -- requests costs 0.3 s

    hub = hub_of(endpoint, os.environ)
    try:
        store.root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(store.root, error) from None
    with HubClient(hub, connections=jobs) as client:
        yield Desk(
            store=store,
            client=client,
            source=hub.base,
            environment=session.environment,
            progress=progress,
            state=state,
        )


def pulled(references: Sequence[ModelReference], desk: Desk, pace: Pace) -> list[Outcome]:
    """Pull references one after the other, each whether or not those before it were admitted."""
    return [pull(Order(reference=one, jobs=pace.jobs, rate=pace.rate), desk) for one in references]


def synced(session: Session, desk: Desk, pace: Pace) -> list[Outcome]:
    """Make the store agree with the models of the fleet file, each at the commit of the lock.

    A model that the lock does not name is pulled at its revision and then locked.

    Raises:
        UsageError: the fleet file names no model, or the lock cannot be written.
        UnavailableError: the disk is full.
    """
    models = session.project.fleet.model
    if not models:
        message = f"{FLEET_NAME} names no model"
        raise UsageError(message, "add a [[model]] table with its ref")
    lock = session.environment.lock or Lock()
    outcomes = [_synced(table.reference, lock, desk, pace) for table in models]
    found = {
        str(one.snapshot.reference): _locked(one.snapshot)
        for one in outcomes
        if one.snapshot is not None and one.verdict.decision is Decision.PASS
    }
    added = {ref: entry for ref, entry in found.items() if ref not in lock.models}
    if added:
        path = session.project.lock_path
        try:
            write_lock(path, replace(lock, models={**lock.models, **added}))
        except OSError as error:
            raise _unwritable(path, error) from None
    return outcomes


def _synced(reference: ModelReference, lock: Lock, desk: Desk, pace: Pace) -> Outcome:
    entry = lock.models.get(str(reference))
    pinned = reference.revision if reference.is_pinned else None
    commit = entry.revision if entry else pinned
    digest = entry.digest if entry else None
    known = _present(reference, commit, desk.store) if commit else None
    if known is not None:
        return admitted_again(known, desk, digest)
    order = Order(reference=reference, commit=commit, locked=digest, jobs=pace.jobs, rate=pace.rate)
    return pull(order, desk)


def _present(reference: ModelReference, commit: str, store: Store) -> Snapshot | None:
    """Return a snapshot that the store has with all its blobs."""
    try:
        snapshot = store.find(reference, commit)
    except DamagedStoreError:
        return None
    if snapshot is None or not all(store.has(file.sha256, file.size) for file in snapshot.files):
        return None
    return snapshot


def _locked(snapshot: Snapshot) -> LockedModel:
    return LockedModel(
        reference=str(snapshot.reference),
        revision=snapshot.revision,
        digest=snapshot.digest,
        first_seen=snapshot.admitted_at,
    )


def _unwritable(path: Path, error: OSError) -> UsageError | UnavailableError:
    return unwritten(f"cannot write {str(path)!r}", error, "name a folder that you may write")
