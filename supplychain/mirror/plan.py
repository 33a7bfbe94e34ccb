"""What a pull would do: which files are wanted, and which of them the store has already."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from supplychain.access.failures import NotFound
from supplychain.access.huggingface_answers import HubFile, HubModel
from supplychain.core.digest import Digest
from supplychain.formats.text import printable
from supplychain.mirror.reference import ModelReference, selected
from supplychain.mirror.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFile:
    """A wanted file; ``stored`` is the digest of its blob where the store has it."""

    file: HubFile
    stored: Digest | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PullPlan:
    """What a pull of a reference would do at one commit; ``free`` is the disk's free bytes."""

    reference: ModelReference
    hub: HubModel
    files: tuple[PlannedFile, ...]
    free: int

    @property
    def size(self) -> int:
        """Bytes of all wanted files."""
        return sum(one.file.size for one in self.files)

    @property
    def missing(self) -> tuple[HubFile, ...]:
        """The files that the store lacks; those of equal content once."""
        return tuple({one.file.identity: one.file for one in self.files if not one.stored}.values())

    @property
    def missing_size(self) -> int:
        """Bytes to be fetched."""
        return sum(file.size for file in self.missing)


def plan_of(
    reference: ModelReference, hub: HubModel, files: Sequence[HubFile], store: Store
) -> PullPlan:
    """Return the plan for a reference, given all files of its commit.

    Raises:
        NotFound: there is no file, or a pattern chooses none.
    """
    names, without = selected([file.name for file in files], reference.patterns)
    if without:
        shown = ", ".join(f"'{printable(pattern, 80)}'" for pattern in without)
        reason = f"no file of '{reference.repository}' at {hub.commit} matches {shown}"
        raise NotFound(reason)
    if not names:
        reason = f"'{reference.repository}' has no file at {hub.commit}"
        raise NotFound(reason)
    return PullPlan(
        reference=reference,
        hub=hub,
        files=tuple(
            PlannedFile(file=file, stored=_stored(file, store))
            for file in files
            if file.name in names
        ),
        free=free_bytes(store.root),
    )


def _stored(file: HubFile, store: Store) -> Digest | None:
    digest = file.sha256 or store.sha256_of(file.git_sha1)
    return digest if digest is not None and store.has(digest, file.size) else None


def free_bytes(folder: Path) -> int:
    """Return the bytes that may still be written to a folder, or to the nearest one above it."""
    folder = folder.absolute()
    while not folder.exists():
        folder = folder.parent
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize
