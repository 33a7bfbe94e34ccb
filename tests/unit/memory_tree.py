"""A project's files in memory: an implementation of ``access.tree.Tree`` for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from supplychain.access.files import MissingError, TooLargeError, UnreadableError


class MemoryTree:
    """Files by name; one whose content is text in the place of bytes cannot be read for it."""

    def __init__(self, files: Mapping[str, bytes | str]) -> None:
        self._files = dict(files)

    def names(self) -> Sequence[str]:
        """Return all files, sorted."""
        return sorted(self._files)

    def has(self, name: str) -> bool:
        """Say whether a file is among them."""
        return name in self._files

    def read(self, name: str, limit: int) -> bytes:
        """Return a file's bytes; see ``Tree.read``."""
        if name not in self._files:
            reason = "no such file or directory"
            raise MissingError(reason)
        content = self._files[name]
        if isinstance(content, str):
            raise UnreadableError(content)
        if len(content) > limit:
            raise TooLargeError(limit)
        return content
