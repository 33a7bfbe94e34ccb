from __future__ import annotations

import pytest

from supplychain.formats import shell
from supplychain.formats.shell import ShellCommand
from supplychain.formats.text import MalformedError


def words(command: ShellCommand, **environment: str) -> list[str]:
    return [text for word in command.words for text, _ in word.expand(environment)]


def listed(text: str, **environment: str) -> list[list[str]]:
    return [words(command, **environment) for command in shell.read(text).commands if command.words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("npm ci && npm run build", [["npm", "ci"], ["npm", "run", "build"]]),
        ("a; b & c || d", [["a"], ["b"], ["c"], ["d"]]),
        ("(cd web; npm ci)", [["cd", "web"], ["npm", "ci"]]),
        ("if a; then b; elif c; then d; else e; fi", [["a"], ["b"], ["c"], ["d"], ["e"]]),
        ("for p in x y; do npm i $p; done", [["npm", "i", "$p"]]),
        ("case $x in a) npm ci;; *) npm i;; esac", [["npm", "ci"], ["npm", "i"]]),
        ("f() { npm i; }", [["npm", "i"]]),
        ("while a; do b; done", [["a"], ["b"]]),
        ("! npm ci", [["npm", "ci"]]),
        ("echo $(npm i) `npm ci`", [["echo", "$(npm i)", "`npm ci`"], ["npm", "i"], ["npm", "ci"]]),
        ("bash <(curl x)", [["bash", "<(curl x)"], ["curl", "x"]]),
        ("npm 'c'\"i\" a\\ b", [["npm", "ci", "a b"]]),
        ("npm ci > log --offline", [["npm", "ci", "--offline"]]),
        ("npm ci \\\n  --offline # why", [["npm", "ci", "--offline"]]),
    ],
)
def test_every_command_is_listed_in_order(text: str, expected: list[list[str]]) -> None:
    assert listed(text) == expected


def test_variables_are_filled_in_and_split_where_they_stand_alone() -> None:
    assert listed('npm $V "$V" ${W:-ci} x$V', V="a b") == [["npm", "a", "b", "a b", "ci", "xa b"]]


def test_unknown_parts_are_told_apart() -> None:
    command = shell.read("npm $V x-${W} lit").commands[0]
    assert [known for word in command.words for _, known in word.expand({"W": "1"})] == [
        True,
        False,
        True,
        True,
    ]


def test_pipes_join_neighbours_only() -> None:
    first, second, third = shell.read("a && curl x | sh").commands
    assert first.pipeline == 0
    assert second.pipeline == third.pipeline != 0


def test_a_here_document_is_the_stdin_of_its_command() -> None:
    cat, bash = shell.read("cat <<EOF | bash\nnpm i\nEOF\n").commands
    assert cat.stdin == "npm i\n"
    assert cat.pipeline == bash.pipeline != 0


def test_an_or_marks_its_right_side() -> None:
    assert [one.fallback for one in shell.read("npm ci || npm i && a").commands] == [
        False,
        True,
        False,
    ]


def test_assignments_are_kept_with_their_command() -> None:
    command = shell.read("CI=1 npm ci").commands[0]
    assert [name for name, _ in command.assignments] == ["CI"]
    assert not command.exports


@pytest.mark.parametrize("text", ["{\U000879e8", "{一", "a \x00 b", "{\U0001f600..2}"])
def test_characters_beyond_ascii_never_reach_the_scanner(text: str) -> None:
    assert shell.read(text) == shell.read(text)


@pytest.mark.parametrize(
    "text", ["a" * 70_000, "a|" * 4_000, "(" * 4_000, "a;" * 6_000], ids=lambda one: one[:2]
)
def test_what_would_take_long_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        shell.read(text)


def test_what_is_no_shell_is_told() -> None:
    assert shell.read("if then (").broken
    assert not shell.read("true").broken
