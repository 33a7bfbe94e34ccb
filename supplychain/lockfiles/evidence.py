"""Evidence of the lock file stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from supplychain.core.evidence import Evidence, MalformedFile
from supplychain.core.finding import Location
from supplychain.lockfiles.commands.model import InstallCommand
from supplychain.lockfiles.model import Comparison, LockFile


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLock(Evidence):
    """A lock file as read, and compared with its manifest.

    ``path`` is the lock's, ``manifest`` the manifest's, both as shown to people; ``others`` are
    the locks of other managers in the same folder.
    """

    path: str
    lock: LockFile
    manifest: str | None
    comparison: Comparison
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRules(Evidence):
    """What the policy accepts in lock files: hosts an ecosystem, and hash algorithms."""

    allowed_hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    algorithms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingLock(Evidence):
    """A manifest with dependencies and no lock. ``wanted`` names the lock its manager writes."""

    location: Location
    wanted: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MalformedLock(MalformedFile):
    """A lock file, or the manifest beside it, that is not what its format allows.

    ``code`` is ``unparseable`` or ``merge-conflict``.
    """

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallStep(Evidence):
    """A command of a Dockerfile that installs, or may install, something."""

    command: InstallCommand
    location: Location
