"""``RUN --mount`` values: comma-separated fields, quoted as in CSV.

Rules: BuildKit v0.34.2, instructions/commands_runmount.go ``parseMount``.
"""

from __future__ import annotations

import csv

from supplychain.formats.text import MalformedError, printable

_KEYS = frozenset(
    [
        "type",
        "from",
        "source",
        "target",
        "readonly",
        "id",
        "sharing",
        "required",
        "size",
        "mode",
        "uid",
        "gid",
        "src",
        "dst",
        "destination",
        "ro",
        "rw",
        "readwrite",
        "env",
    ]
)
_LONE_KEYS = frozenset({"readonly", "ro", "readwrite", "rw", "required"})
_TYPES = frozenset({"bind", "cache", "tmpfs", "secret", "ssh"})


def mount_source(value: str, line: int) -> str | None:
    """Return the image or stage that a mount is ``from``, if it names one.

    Raises:
        MalformedError: BuildKit would refuse the mount.
    """
    source, kind = None, "bind"
    for field in _fields(value, line):
        key, sign, text = field.partition("=")
        key = key.strip().lower() if not sign else key.lower()
        if not sign and key not in _LONE_KEYS:
            _refuse(f"mount field '{field}' is no key=value pair", line)
        if key not in _KEYS:
            _refuse(f"unexpected mount key '{key}'", line)
        if key == "from":
            if "$" in text[:-1]:
                _refuse("a mount's 'from' does not support variables; name a stage", line)
            source = text
        elif key == "type" and "$" not in text:
            kind = text.lower()
            if kind not in _TYPES:
                _refuse(f"unsupported mount type '{text}'", line)
    if kind == "secret" and source:
        _refuse("a secret mount has no 'from'", line)
    return source or None


def _fields(value: str, line: int) -> list[str]:
    try:
        rows = list(csv.reader([value], strict=True))
    except csv.Error as error:
        _refuse(f"mount '{value}' is no list of fields: {error}", line)
    return rows[0] if rows else []


def _refuse(reason: str, line: int) -> None:
    raise MalformedError(printable(reason), line=line)
