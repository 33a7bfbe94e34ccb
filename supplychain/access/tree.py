"""The files of a project, listed once and read under limits."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Protocol

from supplychain.access.files import TooLargeError, UnreadableError, read_bounded
from supplychain.access.git import ForeignOwnerError, GitUnavailableError, listed_files
from supplychain.core.limits import MAX_TREE_NAMES, MIB
from supplychain.core.run import LeftOut
from supplychain.errors import UsageError

MAX_REMEMBERED = 64 * MIB  # bytes of files kept, so that all who read one see the same

_FOREIGN = "git refuses this folder's owner, so ignored files are judged too"

# Folders that tools fill with other people's files; what lies there is judged through its lock.
VENDORED = frozenset({"node_modules", "site-packages", ".venv", "venv", ".tox", "vendor"})


class Tree(Protocol):
    """What collectors read a project through. Paths are relative, with forward slashes."""

    def names(self) -> Sequence[str]:
        """Return all files, sorted."""

    def has(self, name: str) -> bool:
        """Say whether a file is among :meth:`names`."""

    def read(self, name: str, limit: int) -> bytes:
        """Return a file's bytes.

        Raises:
            UnreadableError: it is missing, leads out of the tree, or may not be read.
            TooLargeError: it has more than ``limit`` bytes.
        """


class WorkingTree:
    """A folder on disk. Links that lead out of it are not followed."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._names: tuple[str, ...] | None = None
        self._name_set: frozenset[str] = frozenset()
        self._left_out: Counter[str] = Counter()
        self._unreadable: list[str] = []
        self._remembered: dict[str, bytes] = {}
        self._memory = MAX_REMEMBERED

    def names(self) -> Sequence[str]:
        """Return all files that are neither git-ignored nor vendored, sorted.

        What git tracks and the folder does not hold, and what lies in a git repository of its own,
        is left out and counted. Folders that cannot be read are listed in :attr:`unreadable`.

        Raises:
            UsageError: there are more than ``MAX_TREE_NAMES``.
        """
        if self._names is None:
            listed = self._listed()
            if len(listed) + len(self._unreadable) > MAX_TREE_NAMES:
                message = f"more than {MAX_TREE_NAMES} files below {str(self._root)!r}"
                raise UsageError(message, "name the folder of one project")
            kept = [name for name in listed if not VENDORED & set(name.split("/")[:-1])]
            self._left_out["vendored"] += len(listed) - len(kept)
            self._names = tuple(name for name in kept if self._holds(name))
            self._name_set = frozenset(self._names)
        return self._names

    def has(self, name: str) -> bool:
        """Say whether a file is among :meth:`names`."""
        self.names()
        return name in self._name_set

    def read(self, name: str, limit: int) -> bytes:
        """Return a file's bytes, the same ones each time; see :meth:`Tree.read`."""
        remembered = self._remembered.get(name)
        if remembered is not None:
            if len(remembered) > limit:
                raise TooLargeError(limit)
            return remembered
        path = Path(os.path.realpath(self._root / name))
        if not path.is_relative_to(self._root):
            reason = "leads out of the project"
            raise UnreadableError(reason)
        data = read_bounded(path, limit)
        if len(data) <= self._memory:
            self._memory -= len(data)
            self._remembered[name] = data
        return data

    @property
    def left_out(self) -> list[LeftOut]:
        """What :meth:`names` left out, by reason."""
        counts = sorted(self._left_out.items())
        return [LeftOut(reason=reason, count=count) for reason, count in counts if count]

    @property
    def unreadable(self) -> list[str]:
        """The folders that :meth:`names` could not look into, sorted; ``.`` is the root."""
        return sorted(self._unreadable)

    def _holds(self, name: str) -> bool:
        """Say whether a listed name is a file here, and count it where it is not."""
        try:
            mode = os.lstat(os.path.join(self._root, name)).st_mode  # noqa: PTH118 -- 200,000 times
        except (FileNotFoundError, NotADirectoryError):
            self._left_out["not checked out"] += 1
            return False
        except OSError:
            return True  # it is there; reading it tells what is wrong
        if stat.S_ISDIR(mode):
            self._left_out["git repositories of their own"] += 1
            return False
        return True

    def _listed(self) -> list[str]:
        try:
            listed = listed_files(self._root)
        except ForeignOwnerError:
            self._left_out[_FOREIGN] += 1
            return self._walked()
        except GitUnavailableError:
            return self._walked()
        self._unreadable = [
            folder for folder in listed.unreadable if not VENDORED & set(folder.split("/"))
        ]
        return listed.names

    def _walked(self) -> list[str]:
        found: list[str] = []
        for folder, folders, files in os.walk(self._root, onerror=self._unread):
            self._left_out["vendored folders"] += len(VENDORED.intersection(folders))
            folders[:] = sorted(set(folders) - {".git"} - VENDORED)
            base = PurePosixPath(os.path.relpath(folder, self._root))
            found += [str(base / name) for name in files]
            if len(found) + len(self._unreadable) > MAX_TREE_NAMES:
                break
        return sorted(found)

    def _unread(self, error: OSError) -> None:
        self._unreadable.append(Path(os.path.relpath(error.filename, self._root)).as_posix())
