"""Recognising pickles by their first bytes. Nothing is ever unpickled."""

from __future__ import annotations

import io
import pickletools
import re

HIGHEST_PROTOCOL = 5  # of Python 3.8 to 3.14
MAX_OPCODES = 4096  # looked at; no file needs as many to be recognised
_PROTOCOL = 0x80
_LEAST_OPCODES = 3  # of a pickle that ends in sight; "N." and the like are words in a text
_NAMED = re.compile(r"[A-Za-z_][\w.]* [A-Za-z_][\w.]*")


def looks_like_pickle(data: bytes) -> bool:
    """Say whether ``data``, the first bytes of a file, starts a pickle of any protocol.

    Protocol 2 and later say so; the text of 0 and 1 is walked until it ends, stops making sense
    or leaves the bytes at hand: then something that it imports must have been in it.
    """
    if len(data) > 1 and data[0] == _PROTOCOL:
        return data[1] <= HIGHEST_PROTOCOL
    stream = io.BytesIO(data)
    count, imports = 0, False
    try:
        for opcode, argument, _ in pickletools.genops(stream):
            count += 1
            if opcode.name in {"GLOBAL", "INST"}:
                if not _NAMED.fullmatch(str(argument)):
                    return False
                imports = True
            if opcode.name == "STOP":
                return count >= _LEAST_OPCODES
            if count >= MAX_OPCODES:
                return imports
    except (ValueError, KeyError, IndexError, OverflowError):
        return imports and stream.tell() == len(data)
    return False
