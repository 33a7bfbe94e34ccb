"""Names of models on a Hugging Face hub: ``hf.co/OWNER/REPO[@REVISION][:FILE|GLOB|QUANT,…]``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Self

from supplychain.errors import UsageError
from supplychain.formats import paths
from supplychain.formats.text import printable

HOST = "hf.co"  # how the hub is written in a reference, whatever address is asked
DEFAULT_REVISION = "main"
MAX_PATTERNS = 64  # in one reference

_PREFIXES = ("https://huggingface.co/", "https://hf.co/", "huggingface.co/", "hf.co/")
# huggingface_hub 2.4.0, utils/_validators.py, validate_repo_id.
_NAME = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?"
_REPOSITORY = re.compile(rf"(?:{_NAME}/)?{_NAME}")
_PARTS = re.compile(r"(?P<repository>[^@:]+)(?:@(?P<revision>[^:]*))?(?::(?P<files>.*))?")
_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}")  # git check-ref-format, and stricter
_COMMIT = re.compile(r"[0-9a-f]{40}")
_QUANTISATION = re.compile(r"[A-Za-z0-9_]{2,20}")
_HINT = "write hf.co/OWNER/REPO, hf.co/OWNER/REPO@REVISION or hf.co/OWNER/REPO:FILE"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ModelReference:
    """A model of a hub at a revision, and which of its files; no patterns mean all of them."""

    repository: str
    revision: str = DEFAULT_REVISION
    patterns: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a reference.

        Raises:
            UsageError: it is none, or could mean two things.
        """
        prefix = next((one for one in _PREFIXES if text.startswith(one)), None)
        found = _PARTS.fullmatch(text.removeprefix(prefix)) if prefix else None
        if found is None:
            message = f"{printable(text)!r} is no model of a hub"
            raise UsageError(message, _HINT)
        revision, files = found["revision"], found["files"]
        return cls.of(
            found["repository"],
            DEFAULT_REVISION if revision is None else revision,
            () if files is None else files.split(","),
        )

    @classmethod
    def of(cls, repository: str, revision: str, patterns: Sequence[str]) -> Self:
        """Return the reference to files of a repository at a revision.

        Raises:
            UsageError: a part is not what a hub allows, or what may become a path.
        """
        shown = printable(repository)
        doubled = "--" in repository or ".." in repository or repository.endswith(".git")
        if not _REPOSITORY.fullmatch(repository) or doubled:
            message = f"{shown!r} is no name of a model"
            raise UsageError(message, _HINT)
        is_range = ".." in revision or "//" in revision or revision.endswith(("/", ".", ".lock"))
        if not _REVISION.fullmatch(revision) or is_range:
            message = f"{printable(revision)!r} is no revision"
            raise UsageError(message, "name a branch, a tag or a commit behind '@'")
        if len(patterns) > MAX_PATTERNS:
            message = f"more than {MAX_PATTERNS} patterns of files"
            raise UsageError(message, "use patterns such as '*.gguf'")
        for pattern in patterns:
            flaw = paths.flaw_of(pattern)
            if flaw is not None:
                message = f"the file {printable(pattern)!r} {flaw}"
                raise UsageError(message, "name a file of the model, or a pattern behind ':'")
        chosen = tuple(dict.fromkeys(patterns))
        return cls(repository=repository, revision=revision, patterns=chosen)

    @property
    def source(self) -> str:
        """The model without revision and files."""
        return f"{HOST}/{self.repository}"

    @property
    def publisher(self) -> str:
        """The account it is published under; empty for the few models that have none."""
        return self.repository.rpartition("/")[0]

    @property
    def is_pinned(self) -> bool:
        """Whether the revision is a whole commit."""
        return _COMMIT.fullmatch(self.revision) is not None

    def __str__(self) -> str:
        revision = "" if self.revision == DEFAULT_REVISION else f"@{self.revision}"
        files = f":{','.join(self.patterns)}" if self.patterns else ""
        return f"{self.source}{revision}{files}"


def selected(names: Sequence[str], patterns: Sequence[str]) -> tuple[frozenset[str], list[str]]:
    """Return the names that patterns choose, and the patterns that choose none.

    A pattern is a file's name, a shell pattern over names in which ``*`` also crosses folders, or
    a quantisation such as ``Q4_K_M``, which chooses the GGUF files that carry it in their name.
    """
    if not patterns:
        return frozenset(names), []
    chosen: set[str] = set()
    without: list[str] = []
    known = frozenset(names)
    for pattern in patterns:
        found = {pattern} if pattern in known else _matching(names, pattern)
        chosen |= found
        if not found:
            without.append(pattern)
    return frozenset(chosen), without


def _matching(names: Sequence[str], pattern: str) -> set[str]:
    found = {name for name in names if fnmatchcase(name, pattern)}
    if not found and _QUANTISATION.fullmatch(pattern):
        part = re.compile(rf"(?:^|[-._/]){re.escape(pattern)}(?:$|[-./])", re.IGNORECASE)
        found = {name for name in names if name.lower().endswith(".gguf") and part.search(name)}
    return found
