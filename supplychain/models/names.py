"""What may stand in the name of a key or a tensor."""

from __future__ import annotations


def flaw_of(name: str) -> str | None:
    """Return what makes a name one that two programs may read differently, else ``None``.

    GGUF keys are ASCII (docs/gguf.md); C programs end a name at a NUL, terminals obey control
    characters, and letters of other scripts look like ours. Lone surrogates stand for bytes that
    are not UTF-8.
    """
    if not name:
        return "is empty"
    if "\0" in name:
        return "holds a NUL byte"
    if any("\ud800" <= sign <= "\udfff" for sign in name):
        return "is not UTF-8"
    if not name.isprintable():
        return "holds a control character or one that cannot be seen"
    if not name.isascii():
        return "holds a character that is not ASCII"
    return None
