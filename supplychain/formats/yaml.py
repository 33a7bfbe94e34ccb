"""YAML from strangers: a place for every node, a limit on every size, and one error type.

Built on PyYAML's events (libyaml 0.2.5), not on its composer: that one recurses and keeps the last
of two equal keys in silence. Nodes that an alias names are shared, not copied; a walker that
follows them all still meets at most ``MAX_EXPANDED`` nodes and ``MAX_DEPTH`` levels.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import yaml

from supplychain.formats.text import MalformedError, printable
from supplychain.formats.yaml_nodes import Mapping, Node, Scalar, Sequence, is_merge_key, merged

__all__ = [
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "is_merge_key",
    "merged",
    "read",
    "read_documents",
]

MAX_DEPTH = 100  # nested collections, aliases followed; real files nest below 20
MAX_NODES = 200_000  # scalars, collections and aliases of one text, as written
MAX_EXPANDED = 1_000_000  # nodes counted again at each alias; a dozen aliases can stand for 10**12
MAX_TAG_DIRECTIVES = 100  # libyaml compares each with all before it: 300,000 of them take minutes

_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_BYTE_ORDER_MARK = "\ufeff"
# What libyaml's reader.c and PyYAML's reader.py let through, less U+FEFF: at the start of a line
# libyaml skips it where go-yaml v4.0.0-rc.6, which Compose reads with, takes it for text.
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]",
)
_TAG_DIRECTIVE = re.compile("^%TAG", re.MULTILINE)


def read(text: str) -> Node:
    """Return the root of a text that holds exactly one document.

    Raises:
        MalformedError: it holds none or several, or :func:`read_documents` refuses it.
    """
    documents = read_documents(text)
    if not documents:
        reason = "is empty"
        raise MalformedError(reason, line=1)
    if len(documents) > 1:
        reason = f"holds {len(documents)} YAML documents where one is expected"
        raise MalformedError(reason, line=documents[1].line, column=documents[1].column)
    return documents[0]


def read_documents(text: str) -> tuple[Node, ...]:
    """Return the roots of all documents. The caller bounds the length of the text.

    Raises:
        MalformedError: it is not YAML, a key is repeated or no scalar, an alias names nothing or
            what it stands in, or a limit of this module is passed.
    """
    text = text.removeprefix(_BYTE_ORDER_MARK)
    positions = _Positions(text)
    _refuse_before_parsing(text, positions)
    composer = _Composer(positions)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            composer.take(event)
    except yaml.MarkedYAMLError as error:
        raise _malformed(error, positions) from None
    except yaml.YAMLError as error:
        reason = f"is not YAML: {printable(str(error))}"
        raise MalformedError(reason) from None
    return tuple(composer.documents)


class _Positions:
    """Turns an index into the text into a line and column as editors count them: by line feeds."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def at(self, index: int) -> tuple[int, int]:
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1

    def error(self, reason: str, index: int) -> MalformedError:
        line, column = self.at(index)
        return MalformedError(reason, line=line, column=column)


def _refuse_before_parsing(text: str, positions: _Positions) -> None:
    bad = _UNPRINTABLE.search(text)
    if bad is not None:
        reason = f"holds the character U+{ord(bad[0]):04X}, which YAML does not allow"
        raise positions.error(reason, bad.start())
    for number, directive in enumerate(_TAG_DIRECTIVE.finditer(text)):
        if number == MAX_TAG_DIRECTIVES:
            reason = f"has more than {MAX_TAG_DIRECTIVES} %TAG directives"
            raise positions.error(reason, directive.start())


def _malformed(error: yaml.MarkedYAMLError, positions: _Positions) -> MalformedError:
    parts = [part for part in (error.context, error.problem) if part]
    reason = f"is not YAML: {printable(', '.join(parts))}"
    return positions.error(reason, _index(error.problem_mark or error.context_mark))


class _Mark(Protocol):
    """What PyYAML's two kinds of mark have in common."""

    @property
    def index(self) -> int: ...


def _index(mark: _Mark | None) -> int:
    """Return the index into the text; PyYAML gives every event of a text both its marks."""
    return 0 if mark is None else mark.index


@dataclass(frozen=True, slots=True, kw_only=True)
class _Composed:
    """A finished node, and what a walker that follows aliases meets in it."""

    node: Node
    size: int  # nodes, itself included
    height: int  # levels of collections, itself included; 0 for a scalar


@dataclass(slots=True, kw_only=True)
class _Open:
    """A collection whose end has not come yet."""

    start: yaml.CollectionStartEvent
    children: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 1


class _Composer:
    """Builds nodes from events, bottom-up and without recursion."""

    def __init__(self, positions: _Positions) -> None:
        self.documents: list[Node] = []
        self._positions = positions
        self._open: list[_Open] = []
        self._anchors: dict[str, _Composed | _Open] = {}
        self._nodes = 0
        self._expanded = 0

    def take(self, event: yaml.Event) -> None:
        """Add what one event says."""
        if isinstance(event, yaml.NodeEvent):
            self._nodes += 1
            if self._nodes > MAX_NODES:
                reason = f"has more than {MAX_NODES} nodes"
                raise self._error(reason, event)
        if isinstance(event, yaml.ScalarEvent):
            composed = _Composed(node=self._scalar(event), size=1, height=0)
            if event.anchor is not None:
                self._anchors[event.anchor] = composed
            self._add(composed, event)
        elif isinstance(event, yaml.AliasEvent):
            self._add(self._named(event), event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._anchors.clear()

    def _error(self, reason: str, event: yaml.Event) -> MalformedError:
        return self._positions.error(reason, _index(event.start_mark))

    def _named(self, alias: yaml.AliasEvent) -> _Composed:
        name = alias.anchor or ""
        found = self._anchors.get(name)
        if found is None:
            reason = f"has the alias '*{printable(name)}', which names no anchor before it"
            raise self._error(reason, alias)
        if isinstance(found, _Open):
            reason = f"has the alias '*{printable(name)}', which names what it stands in"
            raise self._error(reason, alias)
        return found

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        opened = _Open(start=event)
        if event.anchor is not None:
            self._anchors[event.anchor] = opened
        self._open.append(opened)
        self._check_depth(len(self._open), event)

    def _end(self, event: yaml.CollectionEndEvent) -> None:
        opened = self._open.pop()
        node = self._sequence if isinstance(event, yaml.SequenceEndEvent) else self._mapping
        composed = _Composed(node=node(opened, event), size=opened.size, height=opened.height)
        anchor = opened.start.anchor
        if anchor is not None and self._anchors[anchor] is opened:
            self._anchors[anchor] = composed
        self._add(composed, opened.start)

    def _add(self, child: _Composed, event: yaml.Event) -> None:
        self._check_depth(len(self._open) + child.height, event)
        if not self._open:
            self.documents.append(child.node)
            self._expanded += child.size
            self._check_size(self._expanded, event)
            return
        parent = self._open[-1]
        parent.children.append(child.node)
        parent.height = max(parent.height, child.height + 1)
        parent.size += child.size
        self._check_size(parent.size, event)

    def _check_depth(self, depth: int, event: yaml.Event) -> None:
        if depth > MAX_DEPTH:
            reason = f"is nested deeper than {MAX_DEPTH} levels"
            raise self._error(reason, event)

    def _check_size(self, size: int, event: yaml.Event) -> None:
        if size > MAX_EXPANDED:
            reason = f"has aliases that stand for more than {MAX_EXPANDED} nodes"
            raise self._error(reason, event)

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        line, column = self._positions.at(_index(event.start_mark))
        end_line, end_column = self._positions.at(_index(event.end_mark))
        return Scalar(
            value=event.value,
            style=event.style or "",
            tag=event.tag,
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
        )

    def _sequence(self, opened: _Open, end: yaml.CollectionEndEvent) -> Sequence:
        line, column = self._positions.at(_index(opened.start.start_mark))
        end_line, end_column = self._positions.at(_index(end.end_mark))
        return Sequence(
            items=tuple(opened.children),
            tag=opened.start.tag,
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
        )

    def _mapping(self, opened: _Open, end: yaml.CollectionEndEvent) -> Mapping:
        line, column = self._positions.at(_index(opened.start.start_mark))
        end_line, end_column = self._positions.at(_index(end.end_mark))
        return Mapping(
            entries=tuple(_entries(opened.children)),
            tag=opened.start.tag,
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
        )


def _entries(children: list[Node]) -> Iterator[tuple[Scalar, Node]]:
    """Pair the keys and values that stand in turn."""
    lines: dict[str, int] = {}
    for key, value in zip(children[::2], children[1::2], strict=True):
        if not isinstance(key, Scalar):
            reason = "has a list or mapping as a key"
            raise MalformedError(reason, line=key.line, column=key.column)
        if key.value in lines:
            reason = f"has the key '{printable(key.value)}' again, first on line {lines[key.value]}"
            raise MalformedError(reason, line=key.line, column=key.column)
        lines[key.value] = key.line
        yield key, value
