"""Git, asked for facts only: the checkout's hooks, filters, monitors and configuration stay off."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from supplychain.core.limits import MAX_TREE_NAMES

GIT_SECONDS = 60  # for listing 200,000 files on a slow disk
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


class GitUnavailableError(Exception):
    """Git is not installed, this is no checkout, or git refuses to read it."""


def listed_files(folder: Path) -> list[str]:
    """Return the files below ``folder`` that git tracks or would offer to track.

    Paths are relative to ``folder``, with forward slashes; ignored files are left out.

    Raises:
        GitUnavailableError: git cannot tell, or its files are those of another folder, which
            ``core.worktree`` can make it list.
    """
    top = os.fsdecode(_git(folder, "rev-parse", "--show-toplevel")).removesuffix("\n")
    if not folder.resolve().is_relative_to(top):
        message = f"its files lie in {top!r}"
        raise GitUnavailableError(message)
    command = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    output = _git(folder, *command)
    names = os.fsdecode(output).split("\0")
    return sorted({name for name in names if name})[: MAX_TREE_NAMES + 1]


def _git(folder: Path, *arguments: str) -> bytes:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "HOME": os.environ.get("HOME", os.devnull),
    }
    try:
        finished = subprocess.run(  # noqa: S603 -- a fixed argument list, no shell
            ["git", *_QUIET, *arguments],  # noqa: S607 -- the user's own git
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitUnavailableError(str(error)) from None
    if finished.returncode != 0:
        raise GitUnavailableError(finished.stderr.decode("utf-8", "replace").strip()[:500])
    return finished.stdout
