"""A lock file, or a manifest without one, to evidence."""

from __future__ import annotations

from collections.abc import Iterator

from supplychain.access.environment import Environment, read_text
from supplychain.access.files import UnreadableError
from supplychain.access.tree import Tree
from supplychain.core.evidence import Evidence, Gap
from supplychain.core.finding import Location
from supplychain.core.subject import Subject
from supplychain.formats.text import MalformedError, printable
from supplychain.lockfiles.collect.discovery import is_plain_list, lacks_lock, other_locks
from supplychain.lockfiles.collect.pairs import ManifestError, read_pair
from supplychain.lockfiles.evidence import LockRules, MalformedLock, MissingLock, ReadLock
from supplychain.lockfiles.model import MAX_LOCK_BYTES, Format, Sync
from supplychain.lockfiles.names import (
    NODE_LOCKS,
    PYTHON_LOCKS,
    READ,
    base_of,
    beside,
    is_manifest,
    lock_format,
)
from supplychain.lockfiles.npm import ConflictError

_COMMANDS = {
    "package-lock.json": "npm install --package-lock-only",
    "uv.lock": "uv lock",
}


def collect(subject: Subject, tree: Tree, environment: Environment) -> Iterator[Evidence | Gap]:
    """Yield what the lock file at ``subject.ref`` says, or that a manifest has none."""
    name = subject.ref
    try:
        yield from _read(subject, tree, environment)
    except UnreadableError as error:
        yield Gap(
            id="file-unreadable",
            wanted=f"the text of '{printable(subject.path or name)}'",
            reason=error.reason,
            hint="make the file readable",
            location=Location(path=subject.path),
        )
    except MalformedError as error:
        yield malformed(subject, environment, error)


def malformed(subject: Subject, environment: Environment, error: MalformedError) -> MalformedLock:
    """Return the evidence that a lock, or its manifest, cannot be read."""
    path = subject.path
    has_conflict = isinstance(error, ConflictError)
    if isinstance(error, ManifestError):
        has_conflict = error.has_conflict
        if error.name != subject.ref:
            path = beside(subject.path or subject.ref, base_of(error.name))
    return MalformedLock(
        subject=subject,
        producer=environment.tool,
        observed_at=environment.now,
        digest=subject.digest,
        reason=error.reason,
        at=error.location(path),
        code="merge-conflict" if has_conflict else "unparseable",
    )


def rules_of(subject: Subject, environment: Environment) -> LockRules:
    """Return what the policy accepts in lock files."""
    policy = environment.policy.lockfiles
    return LockRules(
        subject=subject,
        producer=environment.tool,
        observed_at=environment.now,
        allowed_hosts=policy.allowed_hosts,
        algorithms=policy.algorithms,
    )


def missing_lock(subject: Subject, tree: Tree, environment: Environment) -> MissingLock | None:
    """Return the evidence that a manifest has no lock, ``None`` where it has or needs none.

    Raises:
        UnreadableError: it is missing or may not be read.
        ManifestError: it is a requirements file that pip would refuse.
    """
    name = subject.ref
    if lock_format(name) is Format.REQUIREMENTS:
        wanted = base_of(name) if is_plain_list(tree, name) else None
    elif lock_format(name) is not None:
        wanted = None
    else:
        wanted = lacks_lock(tree, name)
    if wanted is None:
        return None
    source = f"{base_of(name).removesuffix('.txt').removesuffix('.in')}.in"
    compile_it = f"uv pip compile --generate-hashes {source} -o {source.removesuffix('.in')}.txt"
    return MissingLock(
        subject=subject,
        producer=environment.tool,
        observed_at=environment.now,
        digest=subject.digest,
        location=Location(path=subject.path, line=1),
        wanted=wanted,
        command=_COMMANDS.get(wanted, compile_it),
    )


def _read(subject: Subject, tree: Tree, environment: Environment) -> Iterator[Evidence | Gap]:
    name = subject.ref
    missing = missing_lock(subject, tree, environment)
    if missing is not None:
        yield missing
        return
    written = lock_format(name)
    if written is None and is_manifest(name):
        beside_it = _lock_of(tree, name)
        if beside_it is None:
            return
        name = beside_it
        written = lock_format(name)
    if written is None:
        written = _guessed(read_text(tree, name, MAX_LOCK_BYTES))
    if written not in READ:
        yield _unread(subject, written)
        return
    pair = read_pair(tree, name, written)
    path = beside(subject.path or subject.ref, base_of(name))
    if pair.comparison.sync is Sync.UNDECIDABLE and written is not Format.REQUIREMENTS:
        yield Gap(
            id="lock-undecidable",
            wanted=f"whether '{printable(path)}' holds what its manifest asks for",
            reason=pair.comparison.reason or "it cannot be told from the files",
            hint=f"run {_JUDGES[written]} in the build",
            location=Location(path=path),
        )
    for absent in pair.absent:
        yield Gap(
            id="file-unreadable",
            wanted=f"the text of '{printable(absent)}', which '{printable(path)}' names",
            reason="there is no such file",
            hint="put the file there, or compile the lock again",
            location=Location(path=path),
        )
    yield rules_of(subject, environment)
    yield ReadLock(
        subject=subject,
        producer=environment.tool,
        observed_at=environment.now,
        digest=subject.digest,
        path=path,
        lock=pair.lock,
        manifest=beside(path, base_of(pair.manifest)) if pair.manifest else None,
        comparison=pair.comparison,
        others=tuple(base_of(one) for one in other_locks(tree, name)),
    )


def _guessed(text: str) -> Format:
    """Return the format of a lock with a name that says nothing."""
    if text.lstrip().startswith("{"):
        return Format.NPM
    return Format.UV if "[[package]]" in text else Format.REQUIREMENTS


_JUDGES = {Format.NPM: "`npm ci`", Format.UV: "`uv lock --check`"}


def _lock_of(tree: Tree, manifest: str) -> str | None:
    base = base_of(manifest)
    if base.endswith(".in"):
        return f"{manifest.removesuffix('.in')}.txt"
    names = NODE_LOCKS if base == "package.json" else PYTHON_LOCKS
    return next((beside(manifest, one) for one in names if tree.has(beside(manifest, one))), None)


def _unread(subject: Subject, written: Format) -> Gap:
    return Gap(
        id="lock-unread",
        wanted=f"the entries of '{printable(subject.path or subject.ref)}'",
        reason=f"lock files of {written.value} are not read yet",
        hint="judge it by its own tool, and waive this gap until then",
        location=Location(path=subject.path),
    )
