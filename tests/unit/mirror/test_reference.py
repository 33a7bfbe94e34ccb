from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from supplychain.errors import UsageError
from supplychain.formats import paths
from supplychain.mirror.reference import ModelReference, selected

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("hf.co/google/gemma-3-270m", "hf.co/google/gemma-3-270m"),
        ("huggingface.co/google/gemma-3-270m@main", "hf.co/google/gemma-3-270m"),
        ("https://huggingface.co/a/b@refs/pr/1", "hf.co/a/b@refs/pr/1"),
        ("hf.co/gpt2", "hf.co/gpt2"),
        (f"hf.co/a/b@{COMMIT}:sub/x.gguf", f"hf.co/a/b@{COMMIT}:sub/x.gguf"),
        ("hf.co/a/b:*.gguf,config.json,*.gguf", "hf.co/a/b:*.gguf,config.json"),
        ("hf.co/a/b:Q4_K_M", "hf.co/a/b:Q4_K_M"),
    ],
)
def test_a_reference_is_written_out_in_one_way(text: str, canonical: str) -> None:
    reference = ModelReference.parse(text)
    assert str(reference) == canonical
    assert ModelReference.parse(str(reference)) == reference


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a/b",
        "hf.co/",
        "hf.co//b",
        "hf.co/a/b/c",
        "hf.co/a/..",
        "hf.co/a/b..c",
        "hf.co/a/b--c",
        "hf.co/-a/b",
        "hf.co/a/b.",
        "hf.co/a/b.git",
        "hf.co/a/b@",
        "hf.co/a/b@..",
        "hf.co/a/b@x//y",
        "hf.co/a/b@x y",
        "hf.co/a/b@../../api",
        "hf.co/a/b:",
        "hf.co/a/b:/etc/passwd",
        "hf.co/a/b:../x",
        "hf.co/a/b:x,",
        "hf.co/a/b:x\n",
        "hf.co/a\n/b",
        "ollama.com/a/b",
        "http://hf.co/a/b",
        "hf.co/a/b:" + ",".join(map(str, range(65))),
    ],
)
def test_anything_else_is_a_usage_error_with_a_hint(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        ModelReference.parse(text)
    assert caught.value.hint
    assert caught.value.message.isprintable()


@given(st.text(max_size=80))
@example("\ud800")
def test_any_text_is_a_reference_or_a_usage_error(text: str) -> None:
    try:
        reference = ModelReference.parse(f"hf.co/{text}")
    except UsageError:
        return
    assert ModelReference.parse(str(reference)) == reference
    assert all(paths.flaw_of(pattern) is None for pattern in reference.patterns)


def test_a_reference_knows_its_publisher_and_whether_it_is_pinned() -> None:
    assert ModelReference.parse("hf.co/google/x").publisher == "google"
    assert ModelReference.parse("hf.co/gpt2").publisher == ""
    assert ModelReference.parse(f"hf.co/a/b@{COMMIT}").is_pinned
    assert not ModelReference.parse("hf.co/a/b@main").is_pinned


NAMES = (
    "README.md",
    "m-Q4_K_M.gguf",
    "m-Q4_K_S.gguf",
    "Q8_0/m-Q8_0-00001-of-00002.gguf",
    "sub/config.json",
    "[x].json",
)


@pytest.mark.parametrize(
    ("patterns", "chosen", "without"),
    [
        ((), set(NAMES), []),
        (("README.md",), {"README.md"}, []),
        (("*.json",), {"sub/config.json", "[x].json"}, []),
        (("[x].json",), {"[x].json"}, []),
        (("Q4_K_M",), {"m-Q4_K_M.gguf"}, []),
        (("q8_0",), {"Q8_0/m-Q8_0-00001-of-00002.gguf"}, []),
        (("Q4_K",), set(), ["Q4_K"]),
        (("*.bin", "README.md"), {"README.md"}, ["*.bin"]),
    ],
)
def test_patterns_choose_files(
    patterns: tuple[str, ...], chosen: set[str], without: list[str]
) -> None:
    assert selected(NAMES, patterns) == (frozenset(chosen), without)
