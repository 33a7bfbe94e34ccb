"""One model pulled: identity, plan, headers, bytes, checks, decision, record, and only then a name.

The order is that of design principle 4: nothing that was not hashed, inspected and decided on is
reachable. The record is written before the name exists, so that no model is here without one.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from supplychain.access.environment import Environment
from supplychain.access.failures import AccessError, Unreachable
from supplychain.access.huggingface import HubClient
from supplychain.access.huggingface_answers import HubFile
from supplychain.core.digest import Digest
from supplychain.core.evidence import Evidence, Gap
from supplychain.core.limits import MIB
from supplychain.core.verdict import Decision, Verdict
from supplychain.ledger.log import record
from supplychain.mirror.case import Case, SnapshotTree
from supplychain.mirror.plan import PullPlan, plan_of
from supplychain.mirror.quarantine import Workspace, working
from supplychain.mirror.reference import ModelReference
from supplychain.mirror.snapshot import HubFacts, Snapshot, StoredFile, digest_of
from supplychain.mirror.store import DamagedStoreError, Store
from supplychain.mirror.transfer import Origin, Progress, Transfer
from supplychain.models.collect import local
from supplychain.models.window import HeaderIncompleteError

FIRST_HEAD = MIB  # bytes of each file that are inspected before the rest is fetched
MAX_HEAD = 32 * MIB  # bytes fetched of a file whose header is longer; the longest seen has 15.8 MB
RESERVE = 16 * MIB  # bytes that are left free on the store's disk
_GROWTH = 4  # how much more is fetched at least when a header goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be pulled, and how.

    ``commit`` and ``locked`` come from the lock: the commit to pull, and the digest over the list
    of its files. ``rate`` is in bytes a second.
    """

    reference: ModelReference
    commit: str | None = None
    locked: Digest | None = None
    dry_run: bool = False
    jobs: int = 4
    rate: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What all pulls of a run work with. ``state`` is the folder of the ledger."""

    store: Store
    client: HubClient
    source: str
    environment: Environment
    progress: Progress
    state: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a pull: always a verdict; a plan and a snapshot where it came so far."""

    verdict: Verdict
    plan: PullPlan | None = None
    snapshot: Snapshot | None = None


def pull(order: Order, desk: Desk) -> Outcome:
    """Pull a model into the store, or say why not; every verdict but a dry run's is recorded.

    Raises:
        UnavailableError: the ledger cannot be written, or another process never ends its pull.
        UsageError: there is no ledger to be had.
    """
    case = Case(reference=order.reference, environment=desk.environment)
    if desk.environment.offline:
        reason, hint = "the hub is not asked with --offline", "run again without --offline"
        return Outcome(verdict=case.judged([case.failure(Unreachable(reason, hint))]))
    try:
        outcome = _planned(order, desk, case)
        if not order.dry_run and outcome.verdict.decision is Decision.PASS:
            outcome = _pulled(order, desk, case, outcome)
    except (AccessError, OSError) as error:
        outcome = Outcome(verdict=case.judged([case.failure(error)]))
    if not order.dry_run and outcome.snapshot is None:
        record([outcome.verdict], desk.state)
    return outcome


def _planned(order: Order, desk: Desk, case: Case) -> Outcome:
    """Learn what the reference is, and judge what can be judged before any byte is fetched."""
    reference = order.reference
    hub = desk.client.model(reference.repository, order.commit or reference.revision)
    files = desk.client.files(reference.repository, hub.commit)
    plan = plan_of(reference, hub, files, desk.store)
    sizes = [(one.file.name, one.file.size) for one in plan.files]
    pieces: list[Evidence | Gap] = [
        case.rules(),
        case.source(hub.commit, _facts(plan), sizes),
        *case.named(sizes),
    ]
    if plan.missing_size and plan.missing_size + RESERVE > plan.free:
        reason = f"{plan.missing_size} bytes are to be fetched, and {plan.free} are free"
        hint = "free some space, or name another folder with --store"
        pieces.append(case.gap("store-full", reason, hint, retryable=True))
    return Outcome(verdict=case.judged(pieces), plan=plan)


def _pulled(order: Order, desk: Desk, case: Case, planned: Outcome) -> Outcome:
    """Fetch, judge and admit what a plan wants, alone among all processes."""
    assert planned.plan is not None  # noqa: S101 -- a plan that passed
    reference = order.reference

    def waiting() -> None:
        desk.progress.says(f"waiting for another pull of {reference.source}")

    with working(desk.store, reference.repository, waiting) as workspace:
        # While we waited another process may have brought what we lack.
        hub, files = planned.plan.hub, [one.file for one in planned.plan.files]
        plan = replace(plan_of(reference, hub, files, desk.store), free=planned.plan.free)
        try:
            outcome = _judged(order, desk, case, plan, workspace)
            if outcome.snapshot is not None:
                outcome = _admitted(desk, outcome, outcome.snapshot, workspace)
        except (AccessError, OSError) as error:
            outcome = Outcome(verdict=case.judged([case.failure(error)]), plan=plan)
            if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
                workspace.discard()
        if outcome.verdict.decision is not Decision.INCONCLUSIVE:
            workspace.discard()
        return outcome


def _judged(order: Order, desk: Desk, case: Case, plan: PullPlan, workspace: Workspace) -> Outcome:
    """Fetch what is missing, headers first, and judge; a snapshot comes with a pass only."""
    origin = Origin(
        client=desk.client, repository=order.reference.repository, commit=plan.hub.commit
    )
    progress = desk.progress
    with Transfer(origin, workspace, progress, jobs=order.jobs, rate=order.rate) as transfer:
        progress.expects(len(plan.files), plan.missing_size)
        early = _heads_judged(case, transfer, plan.missing)
        if early is not None:
            return Outcome(verdict=early, plan=plan)
        transfer.bodies(plan.missing)
        fetched = {file.identity: transfer.part(file).sha256 for file in plan.missing}
    stored = _stored_files(plan, fetched)
    places = {
        file.name: desk.store.blob_path(file.sha256)
        if planned.stored
        else workspace.part(planned.file.identity)
        for file, planned in zip(stored, plan.files, strict=True)
    }
    digest = digest_of(stored)
    judge_of = replace(case, digest=digest)
    pieces = _whole(judge_of, plan.hub.commit, _facts(plan), stored, places)
    if order.locked is not None:
        pieces.append(judge_of.locked(order.locked, digest))
    verdict = judge_of.judged(pieces)
    snapshot = _snapshot(order, desk, plan, stored, verdict)
    passed = verdict.decision is Decision.PASS
    return Outcome(verdict=verdict, plan=plan, snapshot=snapshot if passed else None)


def _heads_judged(case: Case, transfer: Transfer, files: Sequence[HubFile]) -> Verdict | None:
    """Fetch and judge the first bytes of each large file; ``None`` where nothing speaks against."""
    open_files = [file for file in files if file.size > FIRST_HEAD]
    pieces: list[Evidence] = []
    wanted = FIRST_HEAD
    while open_files and wanted <= MAX_HEAD:
        transfer.heads(open_files, wanted)
        longer: list[HubFile] = []
        needed = 0
        for file in open_files:
            try:
                with transfer.part(file).reader() as stream:
                    pieces += case.head(file.name, file.size, stream)
            except HeaderIncompleteError as error:
                longer.append(file)
                needed = max(needed, error.needed_at_least)
        open_files, wanted = longer, max(needed, wanted * _GROWTH)
    verdict = case.judged(pieces)
    return verdict if verdict.decision is Decision.FAIL else None


def _whole(
    case: Case,
    revision: str,
    hub: HubFacts,
    files: Sequence[StoredFile],
    places: dict[str, Path],
) -> list[Evidence | Gap]:
    """Return all evidence about a whole snapshot whose files lie at ``places``."""
    known = {file.name: file.sha256 for file in files}
    return [
        case.rules(),
        case.source(revision, hub, [(file.name, file.size) for file in files]),
        *local.collect(case.subject, SnapshotTree(paths=places), case.environment, known=known),
    ]


def _admitted(desk: Desk, outcome: Outcome, snapshot: Snapshot, workspace: Workspace) -> Outcome:
    """Move the blobs, record the verdict, and make the snapshot reachable."""
    store = desk.store
    for file in snapshot.files:
        identity = file.git_sha1 or file.sha256.hex
        part = workspace.part(identity)
        if not store.has(file.sha256, file.size):
            store.adopt(part, file.sha256, file.git_sha1)
    before = _known(store, snapshot)
    record([outcome.verdict], desk.state)
    if before is None or replace(before, admitted_at=snapshot.admitted_at) != snapshot:
        store.publish(snapshot, workspace.folder)
        return outcome
    return replace(outcome, snapshot=before)


def _known(store: Store, snapshot: Snapshot) -> Snapshot | None:
    try:
        return store.find(snapshot.reference, snapshot.revision)
    except DamagedStoreError:
        return None


def admitted_again(snapshot: Snapshot, desk: Desk, locked: Digest | None) -> Outcome:
    """Judge a snapshot that the store has by today's checks and policy, without the hub."""
    case = Case(reference=snapshot.reference, environment=desk.environment, digest=snapshot.digest)
    places = {file.name: desk.store.blob_path(file.sha256) for file in snapshot.files}
    pieces = _whole(case, snapshot.revision, snapshot.hub, snapshot.files, places)
    if locked is not None:
        pieces.append(case.locked(locked, snapshot.digest))
    return Outcome(verdict=case.judged(pieces), snapshot=snapshot)


def _stored_files(plan: PullPlan, fetched: dict[str, Digest]) -> tuple[StoredFile, ...]:
    return tuple(
        StoredFile(
            name=one.file.name,
            size=one.file.size,
            sha256=one.stored or fetched[one.file.identity],
            git_sha1=None if one.file.sha256 else one.file.git_sha1,
        )
        for one in plan.files
    )


def _snapshot(
    order: Order, desk: Desk, plan: PullPlan, files: tuple[StoredFile, ...], verdict: Verdict
) -> Snapshot:
    return Snapshot(
        reference=order.reference,
        source=desk.source,
        revision=plan.hub.commit,
        files=files,
        admitted_at=verdict.at,
        policy_name=verdict.policy_name,
        policy_digest=verdict.policy_digest,
        decision=verdict.decision.value,
        hub=_facts(plan),
    )


def _facts(plan: PullPlan) -> HubFacts:
    return HubFacts(licences=plan.hub.licences, scanned=plan.hub.scanned, issues=plan.hub.issues)
