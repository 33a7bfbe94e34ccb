"""Recognising pickles by their first bytes. Nothing is ever unpickled."""

from __future__ import annotations

import io
import pickletools
import re

HIGHEST_PROTOCOL = 5  # of Python 3.8 to 3.14
MAX_OPCODES = 4096  # looked at in the first bytes of a file
MAX_DEEP_OPCODES = 1_048_576  # looked at behind padding, one for every byte of 1 MiB
_PROTOCOL = 0x80
_LEAST_OPCODES = 3  # of a pickle that ends in sight; "N." and the like are words in a text
_NAMED = re.compile(r"[A-Za-z_][\w.]* [A-Za-z_][\w.]*")


def hides_pickle(data: bytes, *, cut: bool) -> bool:
    """Say whether ``data``, much of a file, is a pickle that pads what it imports.

    ``cut`` says that the file goes on: then what unpickles as far as it is seen counts as one.
    """
    return _walked(data, MAX_DEEP_OPCODES, otherwise=cut)


def looks_like_pickle(data: bytes) -> bool:
    """Say whether ``data``, the first bytes of a file, starts a pickle of any protocol.

    Protocol 2 and later say so; the text of 0 and 1 is walked until it ends, stops making sense
    or leaves the bytes at hand: then something that it imports must have been in it.
    """
    if len(data) > 1 and data[0] == _PROTOCOL:
        return data[1] <= HIGHEST_PROTOCOL
    return _walked(data, MAX_OPCODES, otherwise=False)


def _walked(data: bytes, most: int, *, otherwise: bool) -> bool:
    """Walk opcodes up to the end, ``most`` of them, or the first that makes no sense."""
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
            if count >= most:
                return imports or otherwise
    except (ValueError, KeyError, IndexError, OverflowError):
        is_enough = imports or (otherwise and count >= _LEAST_OPCODES)
        return is_enough and stream.tell() == len(data)
    return False
