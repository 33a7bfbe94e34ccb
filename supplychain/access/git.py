"""Git, asked for facts only.

Nothing that the checkout configures runs: hooks, filters and monitors are off, and so is fetching
what a partial clone lacks, which would start the program of a remote (gitprotocol: ``uploadpack``).
The configuration of the user and the system is not read.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from supplychain.access.failures import Unreachable
from supplychain.access.process import Finished, run
from supplychain.core.limits import MAX_TREE_NAMES, MIB

GIT_SECONDS = 60  # for listing 200,000 files on a slow disk
MAX_OUTPUT = 256 * MIB  # bytes of names, 1,300 for each of MAX_TREE_NAMES; a path has at most 4,096
_QUIET = (
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.excludesFile=/dev/null",
    "-c",
    "core.untrackedCache=false",
    "-c",
    "submodule.recurse=false",
)
_ENVIRONMENT = (
    "LC_ALL=C",
    "GIT_CONFIG_NOSYSTEM=1",
    f"GIT_CONFIG_GLOBAL={os.devnull}",
    "GIT_OPTIONAL_LOCKS=0",
    "GIT_TERMINAL_PROMPT=0",
    "GIT_ALLOW_PROTOCOL=none",  # no transport is named so: every fetch fails before it starts
    "GIT_NO_LAZY_FETCH=1",  # git 2.45 and later do not even try
)
# dir.c ``open_cached_dir`` and setup.c ``die_upon_dubious_ownership``, git 2.39
_UNREADABLE = re.compile(r"warning: could not open directory '(.*)': [^']*")
_FOREIGN = ("detected dubious ownership", "unsafe repository")


class GitUnavailableError(Exception):
    """Git is not installed, this is no checkout, or git refuses to read it."""


class ForeignOwnerError(GitUnavailableError):
    """Git refuses the checkout as it belongs to somebody else (``safe.directory``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """File names and the folders that git could not read, relative to the folder asked about."""

    names: list[str]
    unreadable: list[str]


def listed_files(folder: Path) -> Listed:
    """Return the files below ``folder`` that git tracks or would offer to track.

    Paths are relative to ``folder``, with forward slashes; ignored files are left out.

    Raises:
        ForeignOwnerError: the checkout belongs to another user.
        GitUnavailableError: git cannot tell, or its files are those of another folder, which
            ``core.worktree`` can make it list.
    """
    shown = _git(folder, "rev-parse", "--show-toplevel").output
    top = os.fsdecode(shown).removesuffix("\n")
    if not folder.resolve().is_relative_to(top):
        message = f"its files lie in {top!r}"
        raise GitUnavailableError(message)
    finished = _git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = os.fsdecode(finished.output).split("\0")
    return Listed(
        names=sorted({name for name in names if name})[: MAX_TREE_NAMES + 1],
        unreadable=_unreadable(folder.resolve(), Path(top), os.fsdecode(finished.errors)),
    )


def _unreadable(folder: Path, top: Path, errors: str) -> list[str]:
    """Return the folders that git warned about, which it names from the checkout's root."""
    found = (_UNREADABLE.fullmatch(line) for line in errors.split("\n"))
    paths = {os.path.relpath(top / match[1], folder) for match in found if match}
    return sorted(Path(path).as_posix() for path in paths)


def _git(folder: Path, *arguments: str) -> Finished:
    """Run git in ``folder`` with nothing of this process's environment but PATH and HOME."""
    kept = (
        f"PATH={os.environ.get('PATH', os.defpath)}",
        f"HOME={os.environ.get('HOME', os.devnull)}",
    )
    command = ("env", "-i", *kept, *_ENVIRONMENT, "git", "-C", str(folder), *_QUIET, *arguments)
    try:
        finished = run(command, b"", seconds=GIT_SECONDS, limit=MAX_OUTPUT)
    except Unreachable as error:
        raise GitUnavailableError(str(error)) from None
    if finished.code != 0:
        reason = finished.errors[:MIB].decode("utf-8", "replace").strip()[:500]
        foreign = any(sign in reason for sign in _FOREIGN)
        raise (ForeignOwnerError if foreign else GitUnavailableError)(reason)
    return finished
