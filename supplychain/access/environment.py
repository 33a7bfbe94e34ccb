"""What a collector may use besides its subject and the tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from supplychain.access.files import TooLargeError, UnreadableError
from supplychain.access.lanes import MAX_CONNECTIONS
from supplychain.access.tree import Tree
from supplychain.core.evidence import Producer
from supplychain.core.limits import MAX_TEXT_FILE
from supplychain.core.lock import Lock
from supplychain.core.policy import Policy
from supplychain.core.reference import DEFAULT_PLATFORM, Platform
from supplychain.formats.compose import ComposeFile
from supplychain.formats.text import MalformedError, decode

MAX_BUILDS = 32  # ways in which one Dockerfile is built: distinct builds, each with its platforms


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredBuild:
    """How something builds a Dockerfile: a compose service's ``build:``, or nothing in special.

    ``contexts`` are names that mean something else than an image of that name.
    """

    arguments: Mapping[str, str] = field(default_factory=dict)
    platform: Platform | None = None
    target: str | None = None
    contexts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The clock, the policy and the fleet of one run, and the files that several collectors read.

    ``lock`` is ``None`` where the project has no lock file; ``mirrors`` maps a registry to the
    address that is asked in its place; ``compose`` holds the compose files read, ``builds`` what
    they declare of a Dockerfile, both by the path of the subject.
    """

    now: datetime
    tool: Producer
    policy: Policy
    lock: Lock | None = None
    lock_path: str = "supplychain.lock"
    platforms: tuple[Platform, ...] = (DEFAULT_PLATFORM,)
    mirrors: Mapping[str, str] = field(default_factory=dict)
    connections: int = MAX_CONNECTIONS
    offline: bool = False
    compose: Mapping[str, ComposeFile | MalformedError | UnreadableError] = field(
        default_factory=dict
    )
    builds: Mapping[str, tuple[DeclaredBuild, ...]] = field(default_factory=dict)


def read_text(tree: Tree, name: str, limit: int = MAX_TEXT_FILE) -> str:
    """Return a file's text.

    Raises:
        UnreadableError: it is missing or may not be read.
        MalformedError: it is larger than ``limit`` bytes or no UTF-8 text.
    """
    try:
        return decode(tree.read(name, limit))
    except TooLargeError as error:
        reason = f"has more than {error.limit} bytes"
        raise MalformedError(reason) from None
