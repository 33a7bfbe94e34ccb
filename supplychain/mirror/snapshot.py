"""What the store remembers of an admitted model: one document for each reference and revision.

The document makes the blobs that it lists reachable. Its digest is over the sorted list of files
(path, size, sha256), one line a file, so that the lock can name a whole snapshot by one value.
"""

from __future__ import annotations

import json as standard_json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from supplychain.core.digest import Digest, InvalidDigestError
from supplychain.core.document import timestamp
from supplychain.core.limits import MIB
from supplychain.errors import UsageError
from supplychain.formats import json, paths
from supplychain.formats.text import MalformedError
from supplychain.mirror.reference import ModelReference

SNAPSHOT_SCHEMA = "supplychain.snapshot/1"
MAX_SNAPSHOT = 16 * MIB  # bytes of one document; 10,000 files need about 3 MB


class SnapshotState(StrEnum):
    """Whether a model may be served."""

    ADMITTED = "admitted"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file of a snapshot; ``git_sha1`` is the hub's name of a small file's content."""

    name: str
    size: int
    sha256: Digest
    git_sha1: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFacts:
    """What the hub said of a model when it was admitted."""

    licences: tuple[str, ...] = ()
    scanned: bool | None = None
    issues: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """An admitted model: what was asked for, what it was, and by which policy it may be here.

    ``source`` is the address of the hub; ``files`` are sorted by name.
    """

    reference: ModelReference
    source: str
    revision: str
    files: tuple[StoredFile, ...]
    admitted_at: datetime
    policy_name: str
    policy_digest: str
    decision: str
    hub: HubFacts
    state: SnapshotState = SnapshotState.ADMITTED

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def digest(self) -> Digest:
        """The digest over the list of files."""
        return digest_of(self.files)


def digest_of(files: Iterable[StoredFile]) -> Digest:
    """Return the digest over the sorted list of (path, size, sha256), each a line of JSON."""
    rows = sorted((file.name, file.size, file.sha256.hex) for file in files)
    lines = [standard_json.dumps(row, ensure_ascii=True, separators=(",", ":")) for row in rows]
    return Digest.of("".join(f"{line}\n" for line in lines).encode())


def snapshot_text(snapshot: Snapshot) -> str:
    """Return the document of a snapshot: the same text for the same snapshot."""
    document = {
        "schema": SNAPSHOT_SCHEMA,
        "ref": str(snapshot.reference),
        "repository": snapshot.reference.repository,
        "wanted_revision": snapshot.reference.revision,
        "patterns": list(snapshot.reference.patterns),
        "source": snapshot.source,
        "revision": snapshot.revision,
        "digest": str(snapshot.digest),
        "size": snapshot.size,
        "state": snapshot.state.value,
        "admitted_at": timestamp(snapshot.admitted_at),
        "policy": {"name": snapshot.policy_name, "digest": snapshot.policy_digest},
        "decision": snapshot.decision,
        "hub": {
            "licences": list(snapshot.hub.licences),
            "scanned": snapshot.hub.scanned,
            "issues": [list(issue) for issue in snapshot.hub.issues],
        },
        "files": [
            {
                "path": file.name,
                "size": file.size,
                "sha256": file.sha256.hex,
                "git_sha1": file.git_sha1,
            }
            for file in snapshot.files
        ],
    }
    return standard_json.dumps(document, indent=1, ensure_ascii=True) + "\n"


def read_snapshot(data: bytes) -> Snapshot:
    """Read a document.

    Raises:
        MalformedError: it is none of ours, or does not agree with itself.
    """
    document = json.read(data, limit=MAX_SNAPSHOT)
    try:
        snapshot = _snapshot(document)
        stated = document["digest"]
    except (KeyError, TypeError, ValueError, AttributeError, UsageError) as error:
        reason = f"is no document of a snapshot ({type(error).__name__})"
        raise MalformedError(reason) from None
    if document["schema"] != SNAPSHOT_SCHEMA or stated != str(snapshot.digest):
        reason = "does not agree with itself"
        raise MalformedError(reason)
    return snapshot


def _snapshot(document: Mapping[str, Any]) -> Snapshot:
    hub = document["hub"]
    return Snapshot(
        reference=ModelReference.of(
            document["repository"], document["wanted_revision"], document["patterns"]
        ),
        source=str(document["source"]),
        revision=str(document["revision"]),
        files=tuple(_file(entry) for entry in document["files"]),
        admitted_at=datetime.fromisoformat(document["admitted_at"]),
        policy_name=str(document["policy"]["name"]),
        policy_digest=str(document["policy"]["digest"]),
        decision=str(document["decision"]),
        hub=HubFacts(
            licences=tuple(map(str, hub["licences"])),
            scanned=hub["scanned"],
            issues=tuple((str(name), str(level)) for name, level in hub["issues"]),
        ),
        state=SnapshotState(document["state"]),
    )


def _file(entry: Mapping[str, Any]) -> StoredFile:
    name, size = entry["path"], entry["size"]
    if paths.flaw_of(name) is not None or not isinstance(size, int) or size < 0:
        raise InvalidDigestError(name)
    return StoredFile(
        name=name,
        size=size,
        sha256=Digest("sha256", entry["sha256"]),
        git_sha1=entry["git_sha1"],
    )
