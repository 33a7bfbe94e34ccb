"""A lock file of any format as one model: entries, where each comes from, and how it is hashed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

MAX_LOCK_BYTES = 32 * 1024 * 1024  # bytes; the largest npm lock seen has 5 MB
MAX_ENTRIES = 200_000  # packages in one lock; the largest seen has about 5,000


class Format(StrEnum):
    """The formats of lock files, by the names that ``inspect`` gives them."""

    NPM = "npm"
    YARN = "yarn"
    PNPM = "pnpm"
    BUN = "bun"
    REQUIREMENTS = "requirements"
    UV = "uv"
    POETRY = "poetry"
    PDM = "pdm"
    PIPENV = "pipenv"
    PYLOCK = "pylock"
    CONDA = "conda"
    PIXI = "pixi"
    GO = "go"
    CARGO = "cargo"
    BUNDLER = "bundler"
    COMPOSER = "composer"
    GRADLE = "gradle"
    NUGET = "nuget"


class Sync(StrEnum):
    """Whether a manifest asks for what its lock holds."""

    IN_SYNC = "in-sync"
    OUT_OF_SYNC = "out-of-sync"
    UNDECIDABLE = "undecidable"


class Source(StrEnum):
    """Where the bytes of an entry come from."""

    REGISTRY = "registry"
    URL = "url"
    GIT = "git"
    FILE = "file"
    BUNDLED = "bundled"
    OWN = "own"  # the project itself, or a member of its workspace


class Level(StrEnum):
    """How bad a problem is: it rejects, it warns, or it is told only."""

    BLOCKING = "blocking"
    WARN = "warn"
    INFO = "info"

    @property
    def rank(self) -> int:
        """Position when sorted, worst first."""
        return list(Level).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One file that an entry may be installed from.

    ``url`` is ``None`` where the lock leaves the address to the installer; ``hashes`` are
    ``algorithm:value`` as written, hexadecimal or base64.
    """

    url: str | None
    hashes: tuple[str, ...]
    filename: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One locked package.

    ``name`` is the name it is asked for by, ``package`` the one it is published under; they differ
    for aliases. ``place`` is its key in the file, ``line`` its line where the reader knows it.
    ``commit`` is what a git source is fixed to, ``location`` where the entry itself says it is
    from; two entries with the same ``identity`` are one too many.
    """

    name: str
    package: str
    version: str | None
    source: Source
    place: str
    artifacts: tuple[Artifact, ...] = ()
    commit: str | None = None
    line: int | None = None
    runs_scripts: bool = False
    pinned: bool = True
    location: str | None = None
    identity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong with a lock: a code, what it is about, and where.

    ``place`` is the key of an entry, ``line`` a line that is known already.
    """

    code: str
    level: Level
    name: str
    message: str
    hint: str
    place: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A package index that a lock names for itself; an extra one is asked beside the default."""

    url: str
    line: int
    extra: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LockFile:
    """A lock file as read.

    ``problems`` are those that only the reader of the format can see; ``ecosystem`` says whose
    allow list of hosts holds, ``text`` is there to find lines in when somebody asks.
    """

    format: Format
    version: str | None
    ecosystem: str
    entries: tuple[Entry, ...]
    text: str = field(repr=False)
    problems: tuple[Problem, ...] = ()
    indexes: tuple[Index, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A lock compared with its manifest.

    ``problems`` say what differs; ``reason`` why it could not be decided.
    """

    sync: Sync
    problems: tuple[Problem, ...] = ()
    reason: str | None = None
