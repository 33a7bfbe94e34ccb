"""Hostile text made safe to show."""

from __future__ import annotations


def visible(text: str) -> str:
    """Return the text with every character that is not printable written as its escape.

    Control characters, line breaks, lone surrogates and marks that turn the reading direction all
    become backslash sequences; what is left is one line and valid UTF-8.
    """
    if text.isprintable():
        return text
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
    )
