"""The nodes of a YAML document, each with its place; text stays text.

``1.10`` and ``no`` are read as what is written: what plain text means differs from reader to reader
(:mod:`supplychain.formats.yaml_scalars` says it for Compose). Columns and lines are 1-based and
counted by line feeds, ends exclusive; the end of a block collection may lie past comments.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from supplychain.formats.text import MalformedError

MERGE_TAG = "tag:yaml.org,2002:merge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """Text. ``style`` is the sign that opens it: ``'``, ``"``, ``|``, ``>``, or nothing.

    ``tag`` is ``None`` where none is written, here and in collections.
    """

    value: str
    style: str
    tag: str | None
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def plain(self) -> bool:
        """Whether it stands without quotes, so that a reader may take it for a number."""
        return not self.style

    @property
    def text_line(self) -> int:
        """The line on which its text starts: after ``|`` and ``>`` the next one."""
        return self.line + (self.style in {"|", ">"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A list of nodes."""

    items: tuple[Node, ...]
    tag: str | None
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Keys and values in the order written; keys are scalars and differ in their text."""

    entries: tuple[tuple[Scalar, Node], ...]
    tag: str | None
    line: int
    column: int
    end_line: int
    end_column: int

    def get(self, key: str) -> Node | None:
        """Return the value of ``key``; merge keys are not followed (see :func:`merged`)."""
        for name, value in self.entries:
            if name.value == key:
                return value
        return None


Node = Scalar | Sequence | Mapping


def is_merge_key(key: Scalar) -> bool:
    """Say whether a key is ``<<``, which pulls in other mappings (yaml.org/type/merge.html)."""
    if key.tag is not None:
        return key.tag == MERGE_TAG
    return key.plain and key.value == "<<"


def merged(mapping: Mapping, *, without: frozenset[str] = frozenset()) -> Mapping:
    """Return the mapping with the entries that its merge keys pull in.

    An entry of the mapping itself wins over a merged one, an earlier source over a later one;
    values are taken whole. Values and sources with a tag of ``without`` are left out first.

    Raises:
        MalformedError: the value of a merge key is neither a mapping nor a list of mappings.
    """
    entries: dict[str, tuple[Scalar, Node]] = {}
    pending = [mapping]
    while pending:
        sources: list[Mapping] = []
        for key, value in pending.pop().entries:
            if value.tag in without:
                continue
            if is_merge_key(key):
                sources += _merge_sources(value, without)
            else:
                entries.setdefault(key.value, (key, value))
        pending += reversed(sources)
    return replace(mapping, entries=tuple(entries.values()))


def _merge_sources(value: Node, without: frozenset[str]) -> Iterator[Mapping]:
    for source in value.items if isinstance(value, Sequence) else (value,):
        if source.tag in without:
            continue
        if not isinstance(source, Mapping):
            reason = "has a merge key '<<' whose value is neither a mapping nor a list of mappings"
            raise MalformedError(reason, line=source.line, column=source.column)
        yield source
