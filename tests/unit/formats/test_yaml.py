from __future__ import annotations

import pytest

from supplychain.formats import yaml
from supplychain.formats.text import MalformedError
from supplychain.formats.yaml import MAX_DEPTH, MAX_EXPANDED, MAX_NODES, MAX_TAG_DIRECTIVES

Place = tuple[int, int, int, int]


def mapping(text: str) -> yaml.Mapping:
    node = yaml.read(text)
    assert isinstance(node, yaml.Mapping)
    return node


def place(node: yaml.Node | None) -> Place:
    assert node is not None
    return node.line, node.column, node.end_line, node.end_column


def scalar(node: yaml.Node | None) -> yaml.Scalar:
    assert isinstance(node, yaml.Scalar)
    return node


def refusal(text: str) -> tuple[str, int | None, int | None]:
    with pytest.raises(MalformedError) as caught:
        yaml.read(text)
    return caught.value.reason, caught.value.line, caught.value.column


def shape(node: yaml.Node) -> object:
    """Return a node as plain lists, texts and pairs."""
    if isinstance(node, yaml.Scalar):
        return node.value
    if isinstance(node, yaml.Sequence):
        return [shape(item) for item in node.items]
    return [(key.value, shape(value)) for key, value in node.entries]


def test_collections_keep_their_order() -> None:
    text = "b: [x, {y: z}]\na:\n- 1\n- - 2\n"
    assert shape(yaml.read(text)) == [("b", ["x", [("y", "z")]]), ("a", ["1", ["2"]])]


@pytest.mark.parametrize("text", ["1.10", "no", "22:30", "010", "~", "null", "1e3", "2024-01-01"])
def test_plain_text_stays_what_is_written(text: str) -> None:
    assert yaml.read(text + "\n") == yaml.Scalar(
        value=text, style="", tag=None, line=1, column=1, end_line=1, end_column=len(text) + 1
    )


@pytest.mark.parametrize(
    ("text", "value", "style"),
    [
        ("a: x", "x", ""),
        ("a: 'it''s'", "it's", "'"),
        (r'a: "t\tx"', "t\tx", '"'),
        ("a: |\n  x\n  y\n", "x\ny\n", "|"),
        ("a: >-\n  x\n  y\n", "x y", ">"),
        ("a:", "", ""),
    ],
)
def test_style_is_the_opening_sign(text: str, value: str, style: str) -> None:
    found = scalar(mapping(text).get("a"))
    assert (found.value, found.style, found.plain) == (value, style, not style)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: x", (1, 4, 1, 5)),
        ("b: 1\na:   'x y' # c\n", (2, 6, 2, 11)),
        ("b: 😀\r\na: [x,\r\n  y]\r\n", (2, 4, 3, 5)),
        ("b: '\u2028'\na: x", (2, 4, 2, 5)),
        ("\ufeffa: x", (1, 4, 1, 5)),
        ("a: |\n  x\n  y\nb: 1\n", (1, 4, 4, 1)),
        ("a: &n !t x", (1, 4, 1, 11)),
    ],
)
def test_places_count_as_editors_do(text: str, expected: Place) -> None:
    assert place(mapping(text).get("a")) == expected


@pytest.mark.parametrize(
    ("text", "line"), [("a: x", 1), ("a:\n  x", 2), ("a: |\n\n  x\n", 2), ("b: 1\na: >-\n  x\n", 3)]
)
def test_text_of_a_block_starts_below_its_sign(text: str, line: int) -> None:
    assert scalar(mapping(text).get("a")).text_line == line


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("a: !reset x", "!reset"),
        ("a: !override [x]", "!override"),
        ("a: !reset {b: c}", "!reset"),
        ("a: !!str x", "tag:yaml.org,2002:str"),
        ("a: ! x", "!"),
        ("a: 'x'", None),
        ("a: [x]", None),
    ],
)
def test_tags_are_kept(text: str, tag: str | None) -> None:
    found = mapping(text).get("a")
    assert found is not None
    assert found.tag == tag


def test_an_alias_is_the_node_it_names() -> None:
    root = mapping("a: &n [x]\nb: *n\nc: &n y\nd: *n\n")
    assert root.get("b") is root.get("a")
    assert root.get("d") is root.get("c")


def test_an_anchor_inside_may_take_the_name_of_the_one_around_it() -> None:
    assert shape(yaml.read("[&n [&n x, *n], *n]")) == [["x", "x"], "x"]


def test_an_absent_key_has_no_value() -> None:
    assert mapping("a: b").get("c") is None


def test_documents_come_in_order_and_share_no_anchors() -> None:
    assert [shape(one) for one in yaml.read_documents("a\n---\n- b\n...\n")] == ["a", ["b"]]
    with pytest.raises(MalformedError, match="names no anchor"):
        yaml.read_documents("&n a\n---\n*n\n")


def test_comments_alone_are_no_document() -> None:
    assert yaml.read_documents("# nothing\n\n") == ()


def test_merge_takes_the_nearest() -> None:
    text = """\
a: &a {x: a, y: a}
b: &b {<<: *a, y: b, z: b}
c: {z: c, <<: [*b, {w: d, x: d}]}
"""
    found = mapping(text).get("c")
    assert isinstance(found, yaml.Mapping)
    expected = [("z", "c"), ("y", "b"), ("x", "a"), ("w", "d")]
    assert shape(yaml.merged(found)) == expected


def test_merge_leaves_out_what_is_tagged_before_it_merges() -> None:
    text = "{<<: [!no {x: a}, {x: b, y: b}], y: !no c, z: !no d}"
    assert shape(yaml.merged(mapping(text), without=frozenset({"!no"}))) == [("x", "b"), ("y", "b")]


@pytest.mark.parametrize("key", ["'<<'", '"<<"', "!!str <<", "! <<"])
def test_a_merge_sign_that_is_text_is_a_key(key: str) -> None:
    found = mapping(f"{key}: {{a: b}}")
    assert shape(yaml.merged(found)) == [("<<", [("a", "b")])]


@pytest.mark.parametrize("value", ["x", "~", "[{a: b}, x]", "[[]]"])
def test_a_merge_of_something_else_is_refused(value: str) -> None:
    found = mapping(f"<<: {value}")
    with pytest.raises(MalformedError, match="merge key '<<'"):
        yaml.merged(found)


@pytest.mark.parametrize(
    ("text", "reason", "line", "column"),
    [
        ("", "is empty", 1, None),
        ("# c\n", "is empty", 1, None),
        ("a\n---\nb\n", "holds 2 YAML documents where one is expected", 3, 1),
        ("x: 1\na: b\na: c\n", "has the key 'a' again, first on line 2", 3, 1),
        ("a: b\n'a': c\n", "has the key 'a' again, first on line 1", 2, 1),
        ("<<: {}\n<<: {}\n", "has the key '<<' again, first on line 1", 2, 1),
        ("a: b\n? [x]\n: c\n", "has a list or mapping as a key", 2, 3),
        ("a:\n  *x", "has the alias '*x', which names no anchor before it", 2, 3),
        ("a: *x\nb: &x y\n", "has the alias '*x', which names no anchor before it", 1, 4),
        ("a: &x\n  b: *x\n", "has the alias '*x', which names what it stands in", 2, 6),
        ("a: &x [[*x]]\n", "has the alias '*x', which names what it stands in", 1, 9),
        ("a: \x07\n", "holds the character U+0007, which YAML does not allow", 1, 4),
        ("a: b\n\ufeffc: d\n", "holds the character U+FEFF, which YAML does not allow", 2, 1),
        ("a: \ud800", "holds the character U+D800, which YAML does not allow", 1, 4),
    ],
)
def test_what_is_refused_is_named_with_its_place(
    text: str, reason: str, line: int, column: int | None
) -> None:
    assert refusal(text) == (reason, line, column)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: [b\n", 2, 1),
        ("a:\n\t- b\n", 2, 1),
        ('a: "b\n', 2, 1),
        ("a: b: c\n", 1, 5),
        ("a: @b\n", 1, 4),
        ("%YAML 9.9\n---\na\n", 1, 1),
    ],
)
def test_what_is_no_yaml_says_where(text: str, line: int, column: int) -> None:
    reason, *where = refusal(text)
    assert reason.startswith("is not YAML: ")
    assert where == [line, column]


def test_a_long_message_of_the_parser_is_cut_and_printable() -> None:
    reason, _, _ = refusal("a: !<\x85" + "x" * 1000)
    assert reason.isprintable()
    assert len(reason) < 300


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[? "])
def test_depth_is_bounded(opening: str) -> None:
    assert refusal(opening * 100_000)[0] == f"is nested deeper than {MAX_DEPTH} levels"


def test_depth_up_to_the_limit_is_read() -> None:
    assert yaml.read("[" * MAX_DEPTH + "]" * MAX_DEPTH).line == 1
    assert refusal("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))[1:] == (1, MAX_DEPTH + 1)


def test_depth_counts_through_aliases() -> None:
    chain = "".join(f"- &a{number} [*a{number - 1}]\n" for number in range(1, MAX_DEPTH))
    assert refusal(f"- &a0 []\n{chain}")[0] == f"is nested deeper than {MAX_DEPTH} levels"


def test_nodes_are_bounded() -> None:
    assert refusal("- a\n" * MAX_NODES) == (f"has more than {MAX_NODES} nodes", MAX_NODES, 3)


def test_nodes_of_all_documents_count() -> None:
    with pytest.raises(MalformedError, match=f"more than {MAX_NODES} nodes"):
        yaml.read_documents("--- a\n" * (MAX_NODES + 1))


def test_aliases_of_aliases_are_counted_as_what_they_stand_for() -> None:
    lines = ["- &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"- &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]" for n in range(8)]
    reason, line, _ = refusal("\n".join(lines))
    assert reason == f"has aliases that stand for more than {MAX_EXPANDED} nodes"
    assert line == 6


def test_aliases_of_all_documents_count() -> None:
    document = "---\n- &a [" + "x," * 1000 + "]\n- [" + "*a," * 600 + "]\n"
    assert len(yaml.read_documents(document)) == 1
    with pytest.raises(MalformedError, match=f"more than {MAX_EXPANDED} nodes"):
        yaml.read_documents(document * 2)


def test_tag_directives_are_bounded() -> None:
    directives = "".join(f"%TAG !a{number}! !b\n" for number in range(MAX_TAG_DIRECTIVES + 1))
    reason, line, _ = refusal(f"{directives}---\na\n")
    assert reason == f"has more than {MAX_TAG_DIRECTIVES} %TAG directives"
    assert line == MAX_TAG_DIRECTIVES + 1
