"""Files beside a compose file; ``compose_cases`` compares more of them with Compose."""

from __future__ import annotations

import pytest

from supplychain.formats import dotenv
from supplychain.formats.dotenv import MAX_ENTRIES
from supplychain.formats.text import MalformedError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("\n # c\n", {}),
        ("A=1\nB=2\nA=3\n", {"A": "3", "B": "2"}),
        ("A=\nB=''\nC=\"\"\n", {"A": "", "B": "", "C": ""}),
        ("a.b-c[0]=1\n", {"a.b-c[0]": "1"}),
        ("1A=x\n", {"1A": "x"}),
        ("é=x\n", {"é": "x"}),
        ("A='x\ny'\n", {"A": "x\ny"}),
        ("A='it\\'s'\n", {"A": "it's"}),
        ("A='x\\n$B'\n", {"A": "x\\n$B"}),
        ('A="x\\n\\t\\$B\\\\n"\n', {"A": "x\n\t$B\\n"}),
        ('A="\\0101\\0777\\012\\0"\n', {"A": "A\\777\\12\\"}),
        ("A=x'y'\n", {"A": "x'y'"}),
        ("A=x\\ny\n", {"A": "x\\ny"}),
        ("A=$$x\n", {"A": "$x"}),
        ("A=1\nB=${A}2\nC=\"$B 3\"\nD='$C'\n", {"A": "1", "B": "12", "C": "12 3", "D": "$C"}),
        ("A=${B:-x} # ${\n", {"A": "x"}),
        ("export A=1\nexport\tB=2\nexported=3\n", {"A": "1", "B": "2", "exported": "3"}),
        ("HOME\n", {"HOME": "/root"}),
        ("HOME=x\nA=$HOME\n", {"HOME": "x", "A": "/root"}),
        ("A", {}),
    ],
)
def test_entries(text: str, expected: dict[str, str]) -> None:
    assert dotenv.read(text, environment={"HOME": "/root"}) == expected


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("A=1\nB C=2\n", "has a blank in the name of a variable: 'B C'", 2),
        ("\n\n@=1\n", "has '@' in the name of a variable", 3),
        ("A=1\nB\x07=2\n", "has '\\x07' in the name of a variable", 2),
        ("A='1\n2", "has a quote ' that is not closed", 1),
        ('A=1\nB="\\"\n', 'has a quote " that is not closed', 2),
        ("A=1\n\nB=${\n", "has a '${' that opens no variable (a plain dollar is '$$')", 3),
        ("A=${B:?set B}\n", "variable 'B' must be set: set B", 1),
        ("A=1\nexport ", "ends after 'export'", 2),
    ],
)
def test_what_compose_refuses_is_malformed(text: str, reason: str, line: int) -> None:
    with pytest.raises(MalformedError) as caught:
        dotenv.read(text)
    assert (caught.value.reason, caught.value.line) == (reason, line)


def test_expansion_is_bounded_over_the_whole_file() -> None:
    doubling = "".join(f"A{number + 1}=$A{number}$A{number}\n" for number in range(40))
    with pytest.raises(MalformedError, match="expands variables to more than"):
        dotenv.read(f"A0={'x' * 1000}\n{doubling}")


def test_entries_are_bounded() -> None:
    entries = "".join(f"A{number}=1\n" for number in range(MAX_ENTRIES))
    assert len(dotenv.read(entries)) == MAX_ENTRIES
    with pytest.raises(MalformedError, match=f"has more than {MAX_ENTRIES} entries"):
        dotenv.read(f"{entries}B=1\n")


@pytest.mark.parametrize(
    "text",
    [
        "A" * 300_000,
        " " * 300_000,
        "#\n" * 150_000,
        "A=" + " " * 300_000 + "x",
        "A='" + "\\" * 300_000 + "'",
    ],
)
def test_long_files_are_read(text: str) -> None:
    assert len(dotenv.read(text)) <= 1
