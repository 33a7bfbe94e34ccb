"""The files of one model on this machine: those of a folder, or a few that are named."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Self

from supplychain.access.files import open_regular
from supplychain.core.limits import MAX_TREE_NAMES


class ModelFiles:
    """Names within a model, and the path of each file as the user gave it.

    Links are followed, also out of the folder: caches of Hugging Face clients are made of them.
    """

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = dict(sorted(paths.items()))

    @classmethod
    def below(cls, folder: Path) -> Self:
        """Return all files of a folder, hidden ones too.

        A folder that is a link or cannot be listed stands among them by its own name: opening it
        fails, so that nobody takes what it holds for seen.
        """
        found: dict[str, Path] = {}

        def keep(path: Path) -> None:
            found[path.relative_to(folder).as_posix()] = path

        def keep_unlisted(error: OSError) -> None:
            keep(Path(error.filename))

        for place, folders, files in os.walk(folder, onerror=keep_unlisted, followlinks=False):
            folders.sort()
            for name in (*files, *(one for one in folders if (Path(place) / one).is_symlink())):
                keep(Path(place) / name)
            if len(found) > MAX_TREE_NAMES:
                break
        return cls(found)

    @classmethod
    def of(cls, paths: Sequence[Path]) -> Self:
        """Return a model of single files, which lie in one folder."""
        return cls({path.name: path for path in paths})

    def names(self) -> Sequence[str]:
        """Return the names of all files relative to the model, sorted."""
        return tuple(self._paths)

    def path(self, name: str) -> str:
        """Return the path of a file as reports name it."""
        return self._paths[name].as_posix()

    def open(self, name: str) -> BinaryIO:
        """Return a file's bytes as a seekable stream.

        Raises:
            UnreadableError: it is missing, no regular file, or may not be read.
        """
        return open_regular(self._paths[name])
