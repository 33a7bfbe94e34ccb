"""Any text is a Dockerfile or malformed, and words expand as they are composed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from supplychain.core.reference import ImageReference
from supplychain.formats import wildcard
from supplychain.formats.dockerfile import read
from supplychain.formats.text import MalformedError
from supplychain.formats.words import SubstitutionError, expand

LINES = st.sampled_from(
    [
        "FROM a:1 AS b",
        "FROM ${V:-x}",
        "ARG V=2",
        "COPY --from=b /x /y",
        "COPY --from=img:3 /x /y",
        "RUN --mount=from=c,target=/c x \\",
        "RUN <<EOF",
        "EOF",
        "# escape=`",
        "ONBUILD RUN <<-E",
        'CMD ["x", "y"]',
        "\t# comment",
        "ENV A=b C='d e'",
        "USER $A",
    ]
)
WORDS = st.text(alphabet="$ {}:-+?#%/\\'\"ab*", max_size=40)
VALUES = st.text(alphabet="ab/.-", max_size=12)


@given(st.one_of(st.text(max_size=300), st.lists(LINES, max_size=12).map("\n".join)))
def test_any_text_is_read_or_malformed(text: str) -> None:
    try:
        found = read(text)
    except MalformedError:
        return
    assert found.stages[-1].final
    lines = text.count("\n") + 1
    for reference in found.references:
        assert 1 <= reference.line <= lines
        assert (reference.image is None) == (reference.reason is not None)
        if reference.image is not None:
            assert ImageReference.parse(reference.image).repository


@given(WORDS, st.dictionaries(st.sampled_from("ab"), VALUES))
def test_any_word_expands_or_is_refused(word: str, environment: dict[str, str]) -> None:
    try:
        expansion = expand(word, environment)
    except SubstitutionError:
        return
    assert set(expansion.used) <= set(environment)
    assert not set(expansion.missing) & set(environment)


@given(st.text(alphabet="ab.", max_size=10), st.text(alphabet="ab.", max_size=10))
def test_trimming_undoes_appending(value: str, suffix: str) -> None:
    assert wildcard.without_suffix(value + suffix, suffix, longest=False) == value
    assert wildcard.without_prefix(suffix + value, suffix, longest=True) == value


@given(VALUES)
def test_the_longest_star_takes_all_and_the_shortest_nothing(value: str) -> None:
    assert wildcard.without_prefix(value, "*", longest=True) == ""
    assert wildcard.without_prefix(value, "*", longest=False) == value
    assert wildcard.replaced(value, "?", "x", every=True) == "x" * len(value)
