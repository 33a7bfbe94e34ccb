"""What Compose takes a YAML scalar for, and the text it makes of a number.

Source: go.yaml.in/yaml/v4 v4.0.0-rc.6, internal/libyaml/resolver.go, and Go's ``fmt.Sprint``, with
which compose-go v2.16.1 turns build arguments into text. So ``PYTHON: 3.10`` is a number whose text
is ``3.1``, ``010`` is 8, ``22:22`` and ``yes`` are strings, and a date becomes a time stamp.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from supplychain.formats.text import MalformedError, printable
from supplychain.formats.yaml_nodes import Node, Scalar, is_merge_key

MAX_NUMBER = 400  # characters; the longest text of a 64-bit float has about 330

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True} | dict.fromkeys(
    ("false", "False", "FALSE"), False
)
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_INTEGER = re.compile(
    r"(?P<sign>[-+]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<binary>[01]+)"
    r"|0[oO]?(?P<octal>[0-7]+)|(?P<decimal>0|[1-9][0-9]*))"
)
_BASES = {"hex": 16, "binary": 2, "octal": 8, "decimal": 10}
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_TIMESTAMP = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})"
    r"(?:(?: +|(?P<t>[Tt]))(?P<time>[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2})"
    r"(?:[.,](?P<fraction>[0-9]+))?(?(t)(?:Z|(?P<zone>[-+][0-9]{2}:[0-9]{2}))))?"
)
_PLAIN_EXPONENTS = range(-4, 6)  # Go strconv, ftoa.go, %e is used outside of these
_INT64 = range(-(2**63), 2**63)
_UINT64 = range(2**64)
_CORE = "tag:yaml.org,2002:"


class Kind(StrEnum):
    """The type that a scalar has for Compose."""

    NULL = "null"
    BOOLEAN = "boolean"
    NUMBER = "number"
    TIMESTAMP = "time stamp"
    STRING = "string"


def kind(scalar: Scalar) -> Kind:
    """Return the type of a scalar; quotes, ``!!str`` and tags of applications make it a string.

    Raises:
        MalformedError: it has another tag of YAML's own (``!!int``, ``!!binary`` …): nobody needs
            them here, and base64 could hide a name. Or it is a bare ``<<``, which Compose drops.
    """
    if scalar.tag is None:
        if is_merge_key(scalar):
            reason = "has '<<' where a value is expected"
            raise MalformedError(reason, line=scalar.line, column=scalar.column)
        return _plain_kind(scalar.value) if scalar.plain else Kind.STRING
    if scalar.tag.startswith(_CORE) and scalar.tag != f"{_CORE}str":
        name = printable(scalar.tag.removeprefix(_CORE), 80)
        reason = f"has the tag '!!{name}', which is not read"
        raise MalformedError(reason, line=scalar.line, column=scalar.column)
    return Kind.STRING


def is_null(node: Node) -> bool:
    """Say whether a node is ``null``, ``~`` or nothing at all."""
    return isinstance(node, Scalar) and kind(node) is Kind.NULL


def as_bool(node: Node) -> bool | None:
    """Return what ``true`` or ``false`` says, ``None`` for anything else (``yes`` is a string)."""
    if isinstance(node, Scalar) and kind(node) is Kind.BOOLEAN:
        return _BOOLEANS[node.value]
    return None


def text_of(scalar: Scalar) -> str:
    """Return the text that Compose makes of a scalar where a string is wanted.

    The zone of a time stamp with an offset depends on the machine Compose runs on; ours has none.

    Raises:
        MalformedError: it is no finite number, or :func:`kind` refuses it.
    """
    found = kind(scalar)
    if found is Kind.BOOLEAN:
        return "true" if _BOOLEANS[scalar.value] else "false"
    if found is Kind.NUMBER:
        text = _number_text(scalar.value)
        if text is None:
            reason = f"has the number '{scalar.value}', which Compose cannot pass on"
            raise MalformedError(reason, line=scalar.line, column=scalar.column)
        return text
    if found is Kind.TIMESTAMP:
        return _timestamp_text(scalar.value) or scalar.value
    return "" if found is Kind.NULL else scalar.value


def _plain_kind(value: str) -> Kind:
    if value in _NULLS:
        return Kind.NULL
    if value in _BOOLEANS:
        return Kind.BOOLEAN
    if len(value) > MAX_NUMBER:
        return Kind.STRING
    if _timestamp_text(value) is not None:
        return Kind.TIMESTAMP
    return Kind.NUMBER if _is_number(value) else Kind.STRING


def _is_number(value: str) -> bool:
    return _NOT_FINITE.fullmatch(value) is not None or _number_text(value) is not None


def _number_text(value: str) -> str | None:
    """Return how Go prints a finite number, ``None`` for anything else."""
    if value == "-0":
        return value
    plain = value if value[0] in "._" else value.replace("_", "")
    found = _INTEGER.fullmatch(plain)
    if found is not None:
        name = found.lastgroup or "decimal"
        number = int(found["sign"] + found[name], _BASES[name])
        if number in _INT64 or (not found["sign"] and number in _UINT64):
            return str(number)
    if _FLOAT.fullmatch(plain):
        decimal = float(plain)
        return _float_text(decimal) if math.isfinite(decimal) else None
    return None


def _float_text(number: float) -> str:
    """Print as Go's ``%v``: shortest digits, with an exponent below -4 and from 6 upwards."""
    if number == 0:
        return "-0" if math.copysign(1, number) < 0 else "0"
    mantissa, _, rest = f"{Decimal(repr(number)):e}".partition("e")
    exponent = int(rest)
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    if exponent in _PLAIN_EXPONENTS:
        return f"{Decimal(mantissa).scaleb(exponent):f}"
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"


def _timestamp_text(value: str) -> str | None:
    """Return how Go prints a time stamp, ``None`` for anything else."""
    found = _TIMESTAMP.fullmatch(value)
    if found is None:
        return None
    year, month, day = (int(number) for number in found["date"].split("-"))
    hour, minute, second = (int(number) for number in (found["time"] or "0:0:0").split(":"))
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    fraction = (found["fraction"] or "")[:9].rstrip("0")
    zone = (found["zone"] or "").replace(":", "")
    text = f"{moment:%Y-%m-%d %H:%M:%S}".rjust(len("2006-01-02 15:04:05"), "0")
    return f"{text}{'.' if fraction else ''}{fraction} {zone or '+0000'} {zone or 'UTC'}"
