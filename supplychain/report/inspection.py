"""What ``inspect`` saw, for machines (``supplychain.inspect/1``) and for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from supplychain.report.escape import document, line_start, one_line

INSPECT_SCHEMA = "supplychain.inspect/1"
_INDENT = "  "

_Item = Mapping[str, Any]


def render_json(items: Sequence[_Item]) -> str:
    """Return the items as one document."""
    return document({"schema": INSPECT_SCHEMA, "items": list(items)})


def render_text(items: Sequence[_Item]) -> str:
    """Return the items as indented lines: one a value, lists of records as one line each."""
    return "\n".join("\n".join(_item(item)) + "\n" for item in items)


def _item(item: _Item) -> Iterator[str]:
    yield line_start(one_line(f"{item['path']} ({item['kind']})"))
    for key, value in item.items():
        if key not in {"path", "kind"}:
            yield from _value(key, value)


def _value(key: str, value: object) -> Iterator[str]:
    if value is None or value == []:
        return
    if isinstance(value, Mapping):
        yield f"{_INDENT}{key}: {_record(value)}"
    elif isinstance(value, list):
        yield f"{_INDENT}{key}:"
        for entry in value:
            told = _record(entry) if isinstance(entry, Mapping) else one_line(str(entry))
            yield f"{_INDENT * 2}{told}"
    else:
        yield f"{_INDENT}{key}: {one_line(str(value))}"


def _record(record: Mapping[str, Any]) -> str:
    """Return the parts of a record that say something, in the order of its keys."""
    told = [
        key if value is True else f"{key} {one_line(str(value))}"
        for key, value in record.items()
        if value not in (None, False, "")
    ]
    return ", ".join(told) or "nothing"
