"""Any bytes are a header or malformed; what we pass the official library reads alike."""

from __future__ import annotations

import io
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.core.check import checks_in
from supplychain.core.finding import Hit
from supplychain.formats.text import MalformedError, printable
from supplychain.models import inspect
from supplychain.models import safetensors as reader
from supplychain.models.checks import safetensors_files
from supplychain.models.safetensors import DTYPE_BITS, SafetensorsHeader
from supplychain.models.window import HeaderIncompleteError
from tests.checks.model_evidence import safetensors_file
from tests.generators.safetensors import header, safetensors, tensor

CHECKS = checks_in(vars(safetensors_files))
ONE_MEGABYTE = 1_000_000  # bytes; the largest input below has 5 kB

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)
NAMES = st.one_of(st.sampled_from(["a", "b", "__metadata__", ""]), st.text(max_size=4))
ENTRIES = st.builds(
    tensor,
    NAMES,
    st.integers(0, 40),
    st.integers(0, 40),
    shape=st.one_of(st.none(), st.lists(st.integers(0, 40), max_size=3)),
    dtype=st.sampled_from([*DTYPE_BITS, "X"]),
)


@st.composite
def laid_out(draw: st.DrawFn) -> bytes:
    """Return a file of tensors that follow each other, most often as they should."""
    entries, end = [], 0
    for index, size in enumerate(draw(st.lists(st.integers(0, 16), max_size=4))):
        entries.append(tensor(draw(st.sampled_from(["a", f"t{index}"])), end, end + size))
        end += size
    metadata = draw(st.lists(st.tuples(st.text(max_size=4), st.text(max_size=4)), max_size=3))
    return safetensors(
        draw(st.permutations(entries)),
        metadata=metadata,
        data_size=max(end + draw(st.sampled_from([0, 0, 0, 1, -1])), 0),
    )


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Return a good file with some bytes changed, cut out or put in."""
    data = bytearray(safetensors())
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data) - 1))
        new = draw(
            st.one_of(st.binary(max_size=4), st.sampled_from([b'"', b"0", b",", b" ", b"}"]))
        )
        data[at : at + draw(st.integers(0, 4))] = new
    return bytes(data)


FILES = st.one_of(
    st.binary(max_size=200),
    st.builds(header, st.binary(max_size=200)),
    st.builds(lambda value: header(json.dumps(value)), JSON),
    st.builds(lambda value: header(json.dumps({"a": value})), JSON),
    st.builds(safetensors, st.lists(ENTRIES, max_size=4)),
    laid_out(),
    mutated(),
)
Outcome = SafetensorsHeader | MalformedError | HeaderIncompleteError


def outcome(data: bytes, size: int | None = None) -> Outcome:
    """Return what reading gives; nothing else may happen."""
    try:
        return reader.read(io.BytesIO(data), size=size)
    except (MalformedError, HeaderIncompleteError) as error:
        return error


def hits_of(data: bytes) -> list[Hit]:
    file = safetensors_file(data)
    return [hit for item in CHECKS for hit in item.run(file)]


@given(FILES)
def test_any_bytes_are_a_header_or_malformed(data: bytes) -> None:
    found = outcome(data)
    assert not isinstance(found, HeaderIncompleteError)
    if isinstance(found, MalformedError):
        assert found.at
        assert found.reason == printable(found.reason, 1000)
    else:
        assert found.size == len(data)
        assert found.data_offset == 8 + int.from_bytes(data[:8], "little")


@given(FILES, st.integers(0, 400))
def test_the_first_bytes_of_a_file_never_give_another_header(data: bytes, cut: int) -> None:
    part = outcome(data[:cut], size=len(data))
    if isinstance(part, HeaderIncompleteError):
        assert min(cut, len(data)) < part.needed_at_least <= len(data)
    elif isinstance(part, SafetensorsHeader):
        assert part == outcome(data)
    else:
        assert isinstance(outcome(data), MalformedError)


@given(FILES)
def test_memory_stays_small_whatever_is_claimed(data: bytes) -> None:
    tracemalloc.start()
    try:
        outcome(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < ONE_MEGABYTE


@given(FILES)
def test_checks_and_items_hold_for_any_header(data: bytes) -> None:
    found = outcome(data)
    if not isinstance(found, SafetensorsHeader):
        return
    for hit in hits_of(data):
        assert hit.message == printable(hit.message, 1000)
        assert hit.location.at is not None
    assert inspect.safetensors_item(found, "m")["tensors"] == len(found.tensors)


@pytest.fixture(scope="module")
def official() -> Any:  # noqa: ANN401 -- an optional package without types of its own
    return pytest.importorskip("safetensors", reason="the official library is not installed")


@given(data=FILES)
def test_what_passes_every_check_the_official_library_reads_alike(
    official: Any,  # noqa: ANN401 -- an optional package without types of its own
    data: bytes,
) -> None:
    found = outcome(data)
    if not isinstance(found, SafetensorsHeader) or hits_of(data):
        return
    theirs = dict(official.deserialize(data))
    assert theirs.keys() == {one.name for one in found.tensors}
    for one in found.tensors:
        assert tuple(theirs[one.name]["shape"]) == one.shape
        assert len(theirs[one.name]["data"]) == one.end - one.begin


@given(data=FILES)
def test_what_the_official_library_refuses_does_not_pass(
    official: Any,  # noqa: ANN401 -- an optional package without types of its own
    data: bytes,
) -> None:
    try:
        official.deserialize(data)
    except official.SafetensorError:
        found = outcome(data)
        assert isinstance(found, MalformedError) or hits_of(data)


def test_the_good_file_of_these_tests_is_good() -> None:
    assert hits_of(safetensors()) == []
