"""Errors that a user's input causes: each names what was wrong and one action that mends it.

Trouble that the judged thing or an attacker causes is a finding, trouble of the environment a gap
(:mod:`supplychain.core.finding`); neither is ever raised out of a collector or a check.
"""

from __future__ import annotations

import errno

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})  # the disk's trouble, not the user's


class SupplyChainError(Exception):
    """The user's input cannot be acted on; the command ends with ``exit_code``.

    ``message`` is lower case and quotes the offending value; ``hint`` is one action, or ``None``.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class UsageError(SupplyChainError):
    """An argument or an option cannot be acted on."""


class ConfigError(SupplyChainError):
    """A policy, fleet, waiver or lock file is not what its format allows."""


class UnavailableError(SupplyChainError):
    """The environment is in the way, a full disk for one; the same command may work later."""

    exit_code = 3


def unwritten(what: str, error: OSError, hint: str) -> UsageError | UnavailableError:
    """Return what a failed write is: the disk's trouble, or a place that the user chose badly.

    ``what`` says what could not be done and where, ``hint`` what to do where there is room.
    """
    message = f"{what}: {(error.strerror or str(error)).lower()}"
    if error.errno in NO_ROOM:
        return UnavailableError(message, "free some space and run again")
    return UsageError(message, hint)
