"""Names of files that a stranger gives, which become paths on hosts and in other programs."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable

from supplychain.core.text import visible
from supplychain.formats.text import printable

MAX_PATH = 1024  # bytes of a whole name; PATH_MAX is 4096, and clients put it below a folder
MAX_SEGMENT = 255  # bytes between two slashes; NAME_MAX of Linux
MAX_DEPTH = 32  # segments; the deepest of real models has five

_FORBIDDEN_SEGMENTS = frozenset({"", ".", "..", ".git"})


def flaw_of(name: str) -> str | None:
    """Return why a name is not safe to use as a relative path, ``None`` where it is.

    Refused is what leads out of a folder, what programs end at or read differently, and what a
    terminal obeys.
    """
    return next((flaw for flaw, has in _FLAWS if has(name)), None)


def clash_of(names: Iterable[str]) -> str | None:
    """Return what keeps safe names from lying in one folder together, ``None`` where nothing does.

    Two names clash when they are equal, also where letter case or the Unicode form is ignored, as
    some file systems do, and when one is a folder of the other.
    """
    files: dict[str, str] = {}
    for name in names:
        folded = _folded(name)
        if folded in files:
            shown = f"'{printable(files[folded])}' and '{printable(name)}'"
            return f"{shown} are one name to some systems"
        files[folded] = name
    for folded, name in files.items():
        segments = folded.split("/")
        for count in range(1, len(segments)):
            folder = files.get("/".join(segments[:count]))
            if folder is not None:
                return f"'{printable(folder)}' is a file and the folder of '{printable(name)}'"
    return None


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _has_edge(name: str) -> bool:
    segments = name.split("/")
    return any(segment != segment.strip() or segment.endswith(".") for segment in segments)


def _is_long(name: str) -> bool:
    segments = name.split("/")
    longest = max(len(segment.encode()) for segment in segments)
    return len(segments) > MAX_DEPTH or len(name.encode()) > MAX_PATH or longest > MAX_SEGMENT


_FLAWS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("is empty", lambda name: not name),
    ("holds a NUL byte", lambda name: "\0" in name),
    (
        "holds a control character or one that cannot be seen",
        lambda name: visible(name) != name,
    ),
    ("is absolute", lambda name: name.startswith("/")),
    ("holds a backslash, which some programs take for a slash", lambda name: "\\" in name),
    ("leads out of its folder", lambda name: ".." in name.split("/")),
    (
        "has a part that no file of a model has",
        lambda name: not _FORBIDDEN_SEGMENTS.isdisjoint(name.lower().split("/")),
    ),
    ("has a part that begins or ends with a space or ends with a dot", _has_edge),
    ("is longer than a name may be, or deeper in folders", _is_long),
)
