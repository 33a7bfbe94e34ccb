"""What asking the world can end in besides an answer; pure values that pickle.

Who caused it decides the type: the environment (`Unreachable`, a gap for the caller), an attacker
or a broken registry (`Hostile`, a finding), or nobody, because the thing does not exist
(`NotFound`, a finding). No message ever holds a credential or the query of a URL.
"""

from __future__ import annotations


class AccessError(Exception):
    """Something outside this process did not give what was asked of it.

    ``reason`` is lower case and quotes hostile text only made printable.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class Unreachable(AccessError):  # noqa: N818 -- an outcome that callers match on, read as one
    """The environment kept us from an answer.

    ``hint`` is one action or ``None``; ``retryable`` says whether the same run may succeed later.
    """

    def __init__(self, reason: str, hint: str | None = None, retryable: bool = False) -> None:  # noqa: FBT001, FBT002 -- positional, so that it pickles
        super().__init__(reason)
        self.args = (reason, hint, retryable)
        self.hint = hint
        self.retryable = retryable


class Hostile(AccessError):  # noqa: N818 -- an outcome that callers match on, read as one
    """The answer is one that only an attacker or a broken server gives."""


class NotFound(AccessError):  # noqa: N818 -- an outcome that callers match on, read as one
    """The registry itself says, in its protocol, that what was asked for does not exist."""


def forbidden(registry: str, wanted: str) -> Unreachable:
    """Return what asking a registry ends in when ``--offline`` forbids it."""
    reason = f"--offline forbids asking {registry} for {wanted}"
    return Unreachable(reason, "run without --offline, or lock the reference first")
