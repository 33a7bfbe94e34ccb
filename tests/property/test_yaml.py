"""Any text is YAML nodes with their places, or malformed."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.formats import yaml, yaml_scalars
from supplychain.formats.text import MalformedError
from supplychain.formats.yaml import MAX_DEPTH, MAX_EXPANDED
from supplychain.formats.yaml_scalars import Kind

BITS = st.sampled_from(
    [
        *"[]{},:-?|>'\"#&*!%@`~ab1",
        *("\n", "\n  ", "\n    ", "\n- ", "\r\n", "\r", "\t", " ", "\x85", "\u2028", "\ufeff"),
        *("a: ", "b: ", "- ", "? ", "<<: ", "&x ", "*x", "!t ", "!!str ", "---\n", "...\n", "1.10"),
        *(
            "a: &x {b: c}\n",
            "d: *x\n",
            "|\n  text\n",
            ">-\n  text\n",
            '"\\x41"',
            "'q'",
            "😀",
            "# c",
        ),
    ]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(BITS, max_size=30).map("".join))
PRINTABLE = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
TREES = st.recursive(
    PRINTABLE,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(PRINTABLE, inner, max_size=4)
    ),
    max_leaves=20,
)
BREAKS = frozenset("\r\x85\u2028\u2029")


def walk(root: yaml.Node) -> Iterator[yaml.Node]:
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, yaml.Sequence):
            pending += node.items
        elif isinstance(node, yaml.Mapping):
            pending += [part for entry in node.entries for part in entry]


def between(text: str, node: yaml.Node) -> str:
    """Return what the text has at the place of a node that stands on one line."""
    line = text.removeprefix("\ufeff").split("\n")[node.line - 1]
    return line[node.column - 1 : node.end_column - 1]


def shape(node: yaml.Node) -> object:
    if isinstance(node, yaml.Scalar):
        return node.value
    if isinstance(node, yaml.Sequence):
        return [shape(item) for item in node.items]
    return {key.value: shape(value) for key, value in node.entries}


@given(TEXTS)
def test_any_text_is_nodes_or_malformed(text: str) -> None:
    lines = text.count("\n") + 1
    try:
        documents = yaml.read_documents(text)
    except MalformedError as error:
        refused_at = error.line
    else:
        refused_at = 1
        for node in (node for document in documents for node in walk(document)):
            assert (1, 1) <= (node.line, node.column) <= (node.end_line, node.end_column)
            assert node.end_line <= lines
    assert refused_at is not None
    assert 1 <= refused_at <= lines


@given(TEXTS)
def test_a_plain_scalar_stands_where_it_says(text: str) -> None:
    try:
        documents = yaml.read_documents(text)
    except MalformedError:
        documents = ()
    for node in (node for document in documents for node in walk(document)):
        if isinstance(node, yaml.Scalar) and node.plain and node.line == node.end_line:
            written = between(text, node)
            assert BREAKS.intersection(written) or written.endswith(node.value)


@given(TEXTS)
def test_a_scalar_has_a_kind_or_is_refused(text: str) -> None:
    try:
        documents = yaml.read_documents(text)
        scalars = [node for one in documents for node in walk(one) if isinstance(node, yaml.Scalar)]
        texts = [yaml_scalars.text_of(node) for node in scalars]
    except MalformedError:
        return
    for node, found in zip(scalars, texts, strict=True):
        assert yaml_scalars.kind(node) is not Kind.STRING or found == node.value


@given(TREES)
def test_json_is_read_as_what_it_says(tree: object) -> None:
    assert shape(yaml.read(json.dumps(tree))) == tree


@given(st.integers(1, 3 * MAX_DEPTH), st.sampled_from(["[]", "{a: }"]))
def test_depth_alone_decides_what_is_too_deep(depth: int, brackets: str) -> None:
    opening, closing = brackets[:-1], brackets[-1]
    text = opening * depth + closing * depth
    if depth <= MAX_DEPTH:
        assert yaml.read(text).end_column == len(text) + 1
    else:
        with pytest.raises(MalformedError, match="nested deeper"):
            yaml.read(text)


@given(st.integers(1, 9), st.integers(1, 60))
def test_aliases_are_read_until_they_stand_for_too_much(width: int, levels: int) -> None:
    lines = ["- &a0 x"]
    sizes = [1]
    for level in range(levels):
        lines.append(f"- &a{level + 1} [{', '.join([f'*a{level}'] * width)}]")
        sizes.append(1 + width * sizes[-1])
    text = "\n".join(lines)
    if 1 + sum(sizes) > MAX_EXPANDED:
        with pytest.raises(MalformedError, match="aliases that stand for more than"):
            yaml.read(text)
    else:
        found = yaml.read(text)
        assert isinstance(found, yaml.Sequence)
        assert len(found.items) == levels + 1
