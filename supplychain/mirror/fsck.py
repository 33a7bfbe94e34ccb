"""Is the store still what it says? Every blob hashed again, every document followed."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from supplychain.access.environment import Environment
from supplychain.core.digest import Digest
from supplychain.core.evidence import Evidence, Gap
from supplychain.core.finding import Location
from supplychain.core.limits import MIB
from supplychain.core.subject import Subject, SubjectKind
from supplychain.core.verdict import Verdict
from supplychain.formats.text import printable
from supplychain.mirror.snapshot import Snapshot
from supplychain.mirror.store import DamagedStoreError, Store
from supplychain.mirror.transfer import Progress
from supplychain.models.source import StoredBlob
from supplychain.verify.discover import all_checks
from supplychain.verify.dossier import Dossier
from supplychain.verify.judge import judge

_PIECE = MIB  # bytes hashed at once
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Blob:
    """A file below ``blobs/``: what is wrong with it, or why that could not be found out."""

    path: Path
    size: int
    problem: str | None = None
    unread: str | None = None


def verified(store: Store, environment: Environment, progress: Progress) -> list[Verdict]:
    """Return a verdict on the store as a whole, then one on every snapshot, by reference."""
    blobs = {blob.path: blob for blob in _hashed(store, progress)}
    own = Subject(kind=SubjectKind.PROJECT, ref="store", path=str(store.root))
    pieces: list[Evidence | Gap] = []
    verdicts: list[Verdict] = []
    reached: set[Path] = set()
    for one in store.snapshots():
        if isinstance(one, DamagedStoreError):
            problem = f"'{one.path}' {one.reason}"
            pieces.append(_piece(own, problem, Location(path=one.path), environment))
            continue
        reached |= {store.blob_path(file.sha256) for file in one.files}
        verdicts.append(
            _judged(_subject(one), _followed(one, store, blobs, environment), environment)
        )
    for path in sorted(set(blobs) - reached):
        pieces += _blob_pieces(own, blobs[path], Location(at=store.shown(path)), environment)
    return [_judged(own, pieces, environment), *verdicts]


def _hashed(store: Store, progress: Progress) -> Iterator[_Blob]:
    """Yield every file below ``blobs/``, hashed, in the order of its name."""
    root = store.root / "blobs"
    paths = sorted(Path(folder) / name for folder, _, names in os.walk(root) for name in names)
    sizes = [path.lstat().st_size for path in paths]
    progress.expects(len(paths), sum(sizes))
    for path, size in zip(paths, sizes, strict=True):
        progress.begins(path.name[:12], size)
        yield _looked_at(store, path, size, progress)
        progress.ends(path.name[:12])


def _looked_at(store: Store, path: Path, size: int, progress: Progress) -> _Blob:
    name = path.name
    shown = printable(store.shown(path))
    if not _HEX.fullmatch(name) or store.blob_path(Digest("sha256", name)) != path:
        return _Blob(path=path, size=size, problem=f"'{shown}' is no name of a blob")
    if not stat.S_ISREG(path.lstat().st_mode):
        return _Blob(path=path, size=size, problem=f"'{shown}' is no regular file")
    hasher = hashlib.sha256()
    try:
        with path.open("rb", buffering=0) as stream:
            while piece := stream.read(_PIECE):
                hasher.update(piece)
                progress.advances(name[:12], len(piece))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return _Blob(path=path, size=size, unread=f"'{shown}' cannot be read: {reason}")
    if hasher.hexdigest() != name:
        found = hasher.hexdigest()
        return _Blob(path=path, size=size, problem=f"'{shown}' is damaged: its sha256 is {found}")
    return _Blob(path=path, size=size)


def _followed(
    snapshot: Snapshot, store: Store, blobs: dict[Path, _Blob], environment: Environment
) -> Iterator[Evidence | Gap]:
    """Yield what is wrong with the files of a snapshot."""
    subject = _subject(snapshot)
    for file in snapshot.files:
        path = store.blob_path(file.sha256)
        blob = blobs.get(path)
        location = Location(path=file.name, at=store.shown(path))
        if blob is None:
            problem = f"'{printable(file.name)}' is missing: there is no '{store.shown(path)}'"
            yield _piece(subject, problem, location, environment)
            continue
        yield from _blob_pieces(subject, blob, location, environment)
        if blob.problem is None and blob.unread is None and blob.size != file.size:
            problem = f"'{printable(file.name)}' has {blob.size} bytes, not {file.size}"
            yield _piece(subject, problem, location, environment)


def _blob_pieces(
    subject: Subject, blob: _Blob, location: Location, environment: Environment
) -> Iterator[Evidence | Gap]:
    if blob.problem is not None:
        yield _piece(subject, blob.problem, location, environment)
    if blob.unread is not None:
        yield Gap(
            id="blob-unread",
            wanted="the bytes of a blob",
            reason=blob.unread,
            hint="run as somebody who may read the store",
            location=location,
        )


def _piece(
    subject: Subject, problem: str, location: Location, environment: Environment
) -> StoredBlob:
    return StoredBlob(
        subject=subject,
        producer=environment.tool,
        observed_at=environment.now,
        problem=problem,
        location=location,
    )


def _subject(snapshot: Snapshot) -> Subject:
    ref = str(snapshot.reference)
    return Subject(kind=SubjectKind.MODEL, ref=ref, path=ref, digest=snapshot.digest)


def _judged(
    subject: Subject,
    pieces: list[Evidence | Gap] | Iterator[Evidence | Gap],
    environment: Environment,
) -> Verdict:
    dossier = Dossier(subject, pieces)
    return judge(dossier, all_checks(), environment.policy, environment.now)
