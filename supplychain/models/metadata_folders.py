"""Folders in which git and Hugging Face's clients keep what is no part of a model.

What lies there is left out only as long as it is what these programs write: objects, indexes and
notes. Anything that a loader could use, or that is code, is judged like every other file.
"""

from __future__ import annotations

import re

from supplychain.models.sniff import FileKind

_FOLDERS = re.compile(r"(?:.*/)?(?:\.git|\.cache/huggingface)/.+", re.DOTALL)
# The examples that git puts into every checkout; git runs none under this name.
_SAMPLE_HOOK = re.compile(r"(?:.*/)?\.git/hooks/[a-z-]+\.sample", re.DOTALL)
_NOTES = frozenset({FileKind.EMPTY, FileKind.TEXT, FileKind.JSON, FileKind.UNKNOWN})


def is_metadata(name: str, kind: FileKind, *, opens_as_zip: bool) -> bool:
    """Say whether a file of a model is only git's or a client's own note."""
    if opens_as_zip or not _FOLDERS.fullmatch(name):
        return False
    return kind in _NOTES or (kind is FileKind.SCRIPT and bool(_SAMPLE_HOOK.fullmatch(name)))
