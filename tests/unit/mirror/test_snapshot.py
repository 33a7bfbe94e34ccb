from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.core.digest import Digest
from supplychain.formats.text import MalformedError
from supplychain.mirror.reference import ModelReference
from supplychain.mirror.snapshot import (
    HubFacts,
    Snapshot,
    StoredFile,
    digest_of,
    read_snapshot,
    snapshot_text,
)

FILES = (
    StoredFile(name="a.json", size=3, sha256=Digest.of(b"abc"), git_sha1="a" * 40),
    StoredFile(name="ü/b.gguf", size=5, sha256=Digest.of(b"bcdef")),
)
SNAPSHOT = Snapshot(
    reference=ModelReference.parse("hf.co/a/b@v1:*.gguf,a.json"),
    source="https://huggingface.co",
    revision="c" * 40,
    files=FILES,
    admitted_at=datetime(2026, 11, 25, 10, 0, tzinfo=UTC),
    policy_name="default",
    policy_digest=str(Digest.of(b"policy")),
    decision="pass",
    hub=HubFacts(licences=("mit",), scanned=True, issues=(("a.json", "caution"),)),
)
KEYS = st.sampled_from(list(json.loads(snapshot_text(SNAPSHOT))))
JSON = st.recursive(
    st.none() | st.text() | st.integers(), lambda one: st.lists(one) | st.dictionaries(KEYS, one)
)


def test_a_document_says_all_of_a_snapshot() -> None:
    text = snapshot_text(SNAPSHOT)
    assert read_snapshot(text.encode()) == SNAPSHOT
    assert snapshot_text(read_snapshot(text.encode())) == text


def test_the_digest_is_over_the_sorted_list_whatever_its_order() -> None:
    lines = [
        f'["a.json",3,"{Digest.of(b"abc").hex}"]\n',
        f'["\\u00fc/b.gguf",5,"{Digest.of(b"bcdef").hex}"]\n',
    ]
    assert digest_of(FILES) == digest_of(FILES[::-1]) == Digest.of("".join(lines).encode())
    assert digest_of(FILES[:1]) != digest_of(FILES)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("schema", "supplychain.snapshot/2"),
        ("digest", str(Digest.of(b"other"))),
        ("repository", "../x"),
        ("patterns", ["/etc"]),
        ("admitted_at", "yesterday"),
        ("state", "perhaps"),
        ("files", [{"path": "../x", "size": 1, "sha256": "0" * 64, "git_sha1": None}]),
        ("files", [{"path": "x", "size": -1, "sha256": "0" * 64, "git_sha1": None}]),
        ("files", [{"path": "x", "size": 1, "sha256": "0", "git_sha1": None}]),
        ("hub", None),
    ],
)
def test_a_document_that_was_changed_is_malformed(key: str, value: object) -> None:
    document = {**json.loads(snapshot_text(SNAPSHOT)), key: value}
    with pytest.raises(MalformedError):
        read_snapshot(json.dumps(document).encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_a_document_or_malformed(data: bytes) -> None:
    with pytest.raises(MalformedError):
        read_snapshot(data)


@given(JSON)
def test_any_json_is_a_document_or_malformed(value: object) -> None:
    with pytest.raises(MalformedError):
        read_snapshot(json.dumps(value).encode())


def test_the_size_is_that_of_all_files() -> None:
    assert SNAPSHOT.size == 8
    assert replace(SNAPSHOT, files=()).size == 0
