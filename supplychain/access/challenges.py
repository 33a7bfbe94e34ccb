"""The ``WWW-Authenticate`` header, RFC 9110 §11.6.1, read in one pass over at most 8 KiB.

More lenient than the grammar in one place: an unquoted value may hold any visible character but a
comma, because registries are met that leave a realm's quotes out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from supplychain.formats.text import MalformedError

MAX_HEADER = 8192  # characters; registries send about 150
MAX_PARAMETERS = 32  # of all challenges together; registries send four

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_SEPARATORS = re.compile(r"[ \t,]*+")
_SPACES = re.compile(r"[ \t]*+")
_PARAMETER = re.compile(
    rf"""(?P<name>{_WORD})[ \t]*+=[ \t]*+
    (?: "(?P<quoted>(?:[^"\\]|\\.)*+)" | (?P<plain>[^\s,"]++) )(?=[ \t,]|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_SCHEME = re.compile(rf"(?P<scheme>{_WORD})(?=[ \t,]|\Z)")
_SINGLE_TOKEN = re.compile(  # RFC 9110 §11.2, token68
    r"[A-Za-z0-9._~+/-]+=*+(?=[ \t]*+(?:,|\Z))"
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """One way of authentication that a server offers; names are in lower case."""

    scheme: str
    parameters: Mapping[str, str]


def read_challenges(header: str) -> tuple[Challenge, ...]:
    """Return the challenges of a header's value, all fields of that name joined by commas.

    Raises:
        MalformedError: it is longer than ``MAX_HEADER``, not of the grammar, or names a parameter
            of one challenge twice, so that two readers could see two realms.
    """
    if len(header) > MAX_HEADER:
        reason = f"has a challenge of more than {MAX_HEADER} characters"
        raise MalformedError(reason)
    found: list[tuple[str, dict[str, str]]] = []
    position, count = _skip(_SEPARATORS, header, 0), 0
    while position < len(header):
        parameter = _PARAMETER.match(header, position) if found else None
        if parameter is not None:
            count += 1
            _add(found[-1][1], parameter, count)
            position = parameter.end()
        else:
            scheme, position = _scheme(header, position)
            found.append((scheme, {}))
        position = _skip(_SEPARATORS, header, position)
    return tuple(Challenge(scheme=scheme, parameters=known) for scheme, known in found)


def _scheme(header: str, position: int) -> tuple[str, int]:
    """Read a scheme, and the single token that may stand in the place of its parameters."""
    match = _SCHEME.match(header, position)
    if match is None:
        reason = "has a challenge that is not of the form of RFC 9110"
        raise MalformedError(reason, column=position + 1)
    end = _skip(_SPACES, header, match.end())
    token = _SINGLE_TOKEN.match(header, end) if end > match.end() else None
    return match["scheme"].lower(), token.end() if token else end


def _add(known: dict[str, str], match: re.Match[str], count: int) -> None:
    name, quoted = match["name"].lower(), match["quoted"]
    if name in known or count > MAX_PARAMETERS:
        reason = "has a challenge with a parameter twice, or with too many of them"
        raise MalformedError(reason, column=match.start() + 1)
    known[name] = match["plain"] if quoted is None else _ESCAPE.sub(r"\1", quoted)


def _skip(pattern: re.Pattern[str], header: str, position: int) -> int:
    match = pattern.match(header, position)
    return match.end() if match else position
