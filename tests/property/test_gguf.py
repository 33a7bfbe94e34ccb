"""Any bytes are a header, malformed or incomplete; what we pass the official reader reads alike."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path
from struct import pack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.core.check import checks_in
from supplychain.core.finding import Hit, Severity
from supplychain.formats.text import MalformedError, printable
from supplychain.models import gguf as reader
from supplychain.models import inspect
from supplychain.models.checks import gguf_layout, gguf_metadata, gguf_tensors
from supplychain.models.gguf_header import ArraySummary, GgufHeader, StringSummary
from supplychain.models.gguf_tables import FILE_TYPES, TENSOR_TYPES, ValueType
from supplychain.models.window import HeaderIncompleteError
from tests.checks.model_evidence import gguf_file
from tests.generators.gguf import KEYS, Tensor, Typed, array, gguf, scalar, text

CHECKS = [
    item
    for module in (gguf_layout, gguf_metadata, gguf_tensors)
    for item in checks_in(vars(module))
]
ONE_MEGABYTE = 1_000_000  # bytes; the largest input below has 20 kB

KEY_NAMES = st.sampled_from(
    ["general.architecture", "general.name", "general.alignment", "a", "a.b", "", "é", "x\0y"]
)
NUMBERS = [kind for kind in ValueType if kind not in (ValueType.STRING, ValueType.ARRAY)]
WHOLE = [kind for kind in NUMBERS if kind not in (ValueType.FLOAT32, ValueType.FLOAT64)]
SMALL = st.integers(0, 100)
VALUES = st.one_of(
    st.builds(scalar, SMALL, st.sampled_from(NUMBERS)),
    st.builds(text, st.text(max_size=20)),
    st.builds(text, st.binary(max_size=20)),
    st.builds(array, st.sampled_from(WHOLE), st.lists(SMALL, max_size=5)),
    st.builds(array, st.just(ValueType.STRING), st.lists(st.text(max_size=5), max_size=5)),
    st.builds(
        array, st.sampled_from(WHOLE), st.lists(SMALL, max_size=2), count=st.integers(0, 2**64 - 1)
    ),
    st.builds(Typed, st.integers(0, 20), st.binary(max_size=20)),
)
TENSORS = st.builds(
    Tensor,
    st.one_of(st.sampled_from(["a", "b", "", "c" * 64]), st.text(max_size=4)),
    st.lists(st.one_of(st.integers(0, 4), st.just(256), st.integers(0, 2**64 - 1)), max_size=5).map(
        tuple
    ),
    st.one_of(st.sampled_from([0, 1, 12, 24]), st.integers(0, 2**32 - 1)),
    st.one_of(st.none(), st.sampled_from([0, 32, 64, 33]), st.integers(0, 2**64 - 1)),
)
FILES = st.builds(
    gguf,
    st.lists(st.tuples(KEY_NAMES, VALUES), max_size=5),
    st.lists(TENSORS, max_size=4),
    data_size=st.integers(0, 600),
    alignment=st.sampled_from([1, 8, 32, 64]),
)
COUNTS = st.integers(0, 3)
STARTED = st.builds(
    lambda tensors, keys, rest: b"GGUF" + pack("<IQQ", 3, tensors, keys) + rest,
    COUNTS,
    COUNTS,
    st.binary(max_size=300),
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Return a good file with some bytes changed, cut out or put in."""
    data = bytearray(gguf())
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data) - 1))
        new = draw(st.one_of(st.binary(min_size=1, max_size=8), st.just(b"\xff" * 8), st.just(b"")))
        data[at : at + draw(st.integers(0, 8))] = new
    return bytes(data)


Outcome = GgufHeader | MalformedError | HeaderIncompleteError


def outcome(data: bytes, size: int | None = None) -> Outcome:
    """Return what reading gives; nothing else may happen."""
    try:
        return reader.read(io.BytesIO(data), size=size)
    except (MalformedError, HeaderIncompleteError) as error:
        return error


def hits_of(data: bytes) -> list[tuple[Severity, Hit]]:
    file = gguf_file(data)
    return [(hit.severity or item.severity, hit) for item in CHECKS for hit in item.run(file)]


@given(st.one_of(st.binary(max_size=400), STARTED, FILES, mutated()))
def test_any_bytes_are_a_header_or_malformed(data: bytes) -> None:
    found = outcome(data)
    assert not isinstance(found, HeaderIncompleteError)
    if isinstance(found, MalformedError):
        assert found.at
        assert found.reason == printable(found.reason)
        return
    assert found.size == len(data)
    assert found.data_offset % found.alignment == 0
    entries = [entry.position for entry in found.metadata]
    positions = [*entries, *(tensor.position for tensor in found.tensors)]
    assert positions == sorted(set(positions))
    assert all(24 <= position < len(data) for position in positions)


@given(st.one_of(STARTED, FILES, mutated()), st.integers(0, 2000))
def test_the_first_bytes_of_a_file_never_give_another_header(data: bytes, cut: int) -> None:
    part = outcome(data[:cut], size=len(data))
    if isinstance(part, HeaderIncompleteError):
        assert min(cut, len(data)) < part.needed_at_least <= len(data)
    elif isinstance(part, GgufHeader):
        assert part == outcome(data)
    else:
        assert isinstance(outcome(data), MalformedError)


@given(st.one_of(STARTED, FILES, mutated()))
def test_asking_for_what_is_needed_comes_to_an_end(data: bytes) -> None:
    found = outcome(b"", size=len(data))
    while isinstance(found, HeaderIncompleteError):
        have = found.needed_at_least
        found = outcome(data[:have], size=len(data))
        if isinstance(found, HeaderIncompleteError):
            assert have < found.needed_at_least <= len(data)
    whole = outcome(data)
    assert found == whole if isinstance(whole, GgufHeader) else isinstance(found, MalformedError)


@given(st.one_of(STARTED, FILES, mutated()))
def test_memory_stays_small_whatever_is_claimed(data: bytes) -> None:
    tracemalloc.start()
    try:
        outcome(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < ONE_MEGABYTE


@given(st.one_of(FILES, mutated()))
def test_checks_and_items_hold_for_any_header(data: bytes) -> None:
    header = outcome(data)
    if not isinstance(header, GgufHeader):
        return
    for _, hit in hits_of(data):
        assert hit.message == printable(hit.message, 1000)
        assert hit.location.at
    assert inspect.gguf_item(header, "m")["tensors"] == len(header.tensors)


@given(st.one_of(FILES, mutated()))
def test_elements_and_strings_are_read_from_any_header(data: bytes) -> None:
    header = outcome(data)
    for entry in header.metadata if isinstance(header, GgufHeader) else ():
        value = entry.value
        if isinstance(value, ArraySummary):
            assert len(list(reader.elements(io.BytesIO(data), value))) == value.count
        assert not isinstance(value, StringSummary)


@pytest.fixture(scope="module")
def official() -> Any:  # noqa: ANN401 -- an optional package without types of its own
    return pytest.importorskip("gguf", reason="the official reader is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gguf")


@given(data=st.one_of(FILES, mutated()))
def test_what_passes_every_check_the_official_reader_reads_alike(
    official: Any,  # noqa: ANN401 -- an optional package without types of its own
    folder: Path,
    data: bytes,
) -> None:
    header = outcome(data)
    if not isinstance(header, GgufHeader):
        return
    if any(severity in (Severity.CRITICAL, Severity.HIGH) for severity, _ in hits_of(data)):
        return
    path = folder / "model.gguf"
    path.write_bytes(data)
    theirs = official.GGUFReader(path)
    keys = [key for key in theirs.fields if not key.startswith("GGUF.")]
    assert keys == [entry.key for entry in header.metadata]
    for entry in header.metadata:
        if isinstance(entry.value, (str, int, float)):
            value = theirs.fields[entry.key].contents()
            same_nan = value != value and entry.value != entry.value  # noqa: PLR0124 -- NaN
            assert value == entry.value or same_nan
    assert [tensor.name for tensor in theirs.tensors] == [one.name for one in header.tensors]
    for tensor, ours in zip(theirs.tensors, header.tensors, strict=True):
        assert tensor.data_offset == header.data_offset + ours.offset
        assert (tensor.n_bytes, tensor.n_elements) == (ours.size, ours.elements)
        assert [int(extent) for extent in tensor.shape] == list(ours.dimensions)


def test_a_file_of_the_official_writer_is_read_alike(official: Any, tmp_path: Path) -> None:  # noqa: ANN401 -- as above
    path = tmp_path / "model.gguf"
    writer = official.GGUFWriter(path, "llama")
    writer.add_name("Tiny é")
    writer.add_custom_alignment(64)
    writer.add_array("x.numbers", [1.5, 2.5])
    writer.add_array("x.texts", ["a", "bb", ""])
    numpy = pytest.importorskip("numpy")
    for index in range(3):
        writer.add_tensor(f"blk.{index}.weight", numpy.ones((3, 5), dtype=numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    header = reader.read(path)
    assert (header.architecture, header.name, header.alignment) == ("llama", "Tiny é", 64)
    assert header.parameters == 45
    assert hits_of(path.read_bytes()) == []


def test_our_tables_are_those_of_the_official_package(official: Any) -> None:  # noqa: ANN401 -- as above
    theirs = {int(kind): tuple(size) for kind, size in official.GGML_QUANT_SIZES.items()}
    theirs[9] = (32, 36)  # gguf 0.19.0 says 40; block_q8_1 has two halves, ggml-common.h
    ours = {number: (kind.block, kind.bytes) for number, kind in TENSOR_TYPES.items()}
    assert {number: ours[number] for number in theirs if number in ours} == {
        number: size for number, size in theirs.items() if number in ours
    }
    assert set(theirs) <= set(ours)
    names = {int(kind): kind.name for kind in official.GGMLQuantizationType}
    assert {number: TENSOR_TYPES[number].name for number in names} == names
    file_types = {int(kind): kind.name.partition("_")[2] for kind in official.LlamaFileType}
    assert {n: FILE_TYPES[n] for n in file_types if n != 1024} == {
        n: name for n, name in file_types.items() if n != 1024
    }
    assert {kind.name: kind.value for kind in official.GGUFValueType} == {
        kind.name: kind.value for kind in ValueType
    }


def test_the_good_file_of_these_tests_is_good() -> None:
    assert hits_of(gguf(KEYS)) == []
