"""What a command of a Dockerfile is judged to be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Whether a command installs only what was agreed on."""

    UNLOCKED = "unlocked"
    UNREAD = "unread"
    LOCK_ONLY = "lock-only"
    LOCKED = "locked"
    NOT_AN_INSTALL = "not-an-install"

    @property
    def rank(self) -> int:
        """Position when sorted, worst first."""
        return list(Verdict).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallCommand:
    """One command, and how firmly it holds to a lock.

    ``text`` is the command without its wrappers, ``line`` its 1-based line in what was read;
    ``reason`` is one of the codes of the inspect contract; ``exact`` says that every package named
    has an exact version.
    """

    line: int
    text: str
    ecosystem: str | None
    verdict: Verdict
    reason: str | None
    exact: bool = False
