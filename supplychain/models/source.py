"""Evidence about where a model comes from: what its hub says of it, and what came of asking."""

from __future__ import annotations

from dataclasses import dataclass

from supplychain.core.digest import Digest
from supplychain.core.evidence import Evidence
from supplychain.core.finding import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file that a model's publisher offers: its name and its size in bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSource(Evidence):
    """What a hub says of a model at one commit, of the files that are wanted.

    ``publisher`` is the account that it is published under, empty where it has none; ``scanned``
    says whether the hub's own scanners are done, ``None`` where it does not say; ``issues`` pairs
    a file with the level that they gave it.
    """

    repository: str
    publisher: str
    revision: str
    licences: tuple[str, ...]
    files: tuple[SourceFile, ...]
    scanned: bool | None = None
    issues: tuple[tuple[str, str], ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all wanted files."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRules(Evidence):
    """What the policy says of models. An empty tuple, or ``None``, sets no rule.

    Publishers and licences are shell patterns, letter case aside; ``formats`` are of weights.
    """

    publishers: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    max_size: int | None = None
    max_files: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedModel(Evidence):
    """A hub answered what only a broken or hostile one answers."""

    reason: str
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingModel(Evidence):
    """A hub says that a model, a revision or a file does not exist."""

    reason: str
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedModelCheck(Evidence):
    """A model beside its entry in the lock: the digests over the list of its files."""

    locked: Digest
    found: Digest
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBlob(Evidence):
    """A file of the store that is not what its name or a snapshot says; ``problem`` says how."""

    problem: str
    location: Location
