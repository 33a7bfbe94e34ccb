from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.formats.paths import clash_of, flaw_of


@pytest.mark.parametrize("name", ["a", "sub/model.gguf", "ü.json", ".gitattributes", "a b/c-d_e"])
def test_an_ordinary_name_has_no_flaw(name: str) -> None:
    assert flaw_of(name) is None


@pytest.mark.parametrize(
    ("name", "flaw"),
    [
        ("", "is empty"),
        ("a\0", "NUL"),
        ("a\x1b[0m", "control"),
        ("/a", "absolute"),
        ("a\\b", "backslash"),
        ("../a", "leads out"),
        ("a/..", "leads out"),
        ("./a", "a part that"),
        ("a//b", "a part that"),
        ("a/.GIT/config", "a part that"),
        ("a /b", "a space"),
        ("a./b", "a dot"),
        ("a" * 256, "longer"),
        ("/".join("a" * 33), "deeper"),
    ],
)
def test_a_flaw_is_named(name: str, flaw: str) -> None:
    assert flaw in (flaw_of(name) or "")


@given(st.text(max_size=300))
def test_a_name_without_a_flaw_stays_in_its_folder(name: str) -> None:
    if flaw_of(name) is None:
        path = PurePosixPath(name)
        assert not path.is_absolute()
        assert ".." not in path.parts
        assert str(path) == name
        assert name.isprintable()


@pytest.mark.parametrize(
    "names", [["a", "A"], ["a", "a"], ["a", "a/b"], ["A/b", "a"], ["ﬁ", "fi"], ["é", "é"]]
)
def test_names_that_cannot_lie_together_clash(names: list[str]) -> None:
    assert clash_of(names)
    assert clash_of(names[::-1])


def test_names_that_can_lie_together_do_not_clash() -> None:
    assert clash_of(["a/b", "a/c", "ab", "b"]) is None
