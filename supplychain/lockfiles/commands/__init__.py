"""Commands of Dockerfiles: do they install only what was agreed on?

:func:`classify` is public; see the machine contract for verdicts and reasons.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from supplychain.formats.dockerfile.model import Instruction
from supplychain.formats.text import MalformedError, printable
from supplychain.lockfiles.commands.call import Context
from supplychain.lockfiles.commands.instructions import commands_of, parse_one
from supplychain.lockfiles.commands.model import InstallCommand, Verdict

__all__ = ["Context", "InstallCommand", "Verdict", "classify"]


def classify(
    instruction: str | Instruction, *, context: Context | Mapping[str, Any] | None = None
) -> list[InstallCommand]:
    """Return the commands of one Dockerfile instruction that matter, worst first.

    Args:
        instruction: RUN, CMD, ENTRYPOINT, HEALTHCHECK, ADD, COPY or ONBUILD, with its
            continuation lines and here-documents.
        context: what the lines before leave behind: ``env``, ``shell``, ``files`` (name to text of
            files that the line names), ``lock_present`` (default true), ``yarn`` (classic, the
            default, or berry).
    """
    given = context if isinstance(context, Context) else _context(context or {})
    if isinstance(instruction, Instruction):
        return commands_of(instruction, given)
    try:
        read = parse_one(instruction)
    except MalformedError:
        return [
            InstallCommand(
                line=1,
                text=printable(instruction, 300),
                ecosystem=None,
                verdict=Verdict.UNREAD,
                reason="dynamic",
            )
        ]
    return commands_of(read, given)


def _context(given: Mapping[str, Any]) -> Context:
    shell = given.get("shell") or Context().shell
    return Context(
        env=dict(given.get("env") or {}),
        shell=tuple(shell.split()) if isinstance(shell, str) else tuple(shell),
        files=dict(given.get("files") or {}),
        lock_present=bool(given.get("lock_present", True)),
        yarn=str(given.get("yarn") or "classic"),
    )
