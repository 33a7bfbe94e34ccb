"""The GGUF reader: what it reads, what it refuses, and where it says the trouble is."""

from __future__ import annotations

import io
import pickle
import tracemalloc
from pathlib import Path
from struct import pack

import pytest

from supplychain.formats.text import MalformedError
from supplychain.models import gguf as reader
from supplychain.models.gguf_header import ArraySummary, Flaw, ModelKind, StringSummary
from supplychain.models.gguf_tables import ValueType
from supplychain.models.window import WINDOW, HeaderIncompleteError
from tests.generators.gguf import (
    F32,
    I8,
    KEYS,
    Q4_K,
    Keys,
    Tensor,
    Typed,
    array,
    counted,
    gguf,
    scalar,
    text,
)

HUGE = 2**61


def read(data: bytes, size: int | None = None) -> reader.GgufHeader:
    return reader.read(io.BytesIO(data), size=size)


def refusal(data: bytes) -> MalformedError:
    with pytest.raises(MalformedError) as caught:
        read(data)
    return caught.value


def one_key(value: Typed) -> bytes:
    return gguf([("x", value)], [])


class TestGoodFiles:
    def test_header_says_what_was_written(self) -> None:
        header = read(gguf())
        assert (header.version, header.alignment, header.size) == (3, 32, len(gguf()))
        assert (header.architecture, header.name, header.file_type) == ("llama", "Tiny", 0)
        assert header.parameters == 8 * 5 + 256 * 2
        assert header.model_kind is ModelKind.MODEL
        assert [entry.key for entry in header.metadata] == [key for key, _ in KEYS]

    def test_data_starts_at_the_next_multiple_of_the_alignment(self) -> None:
        header = read(gguf([*KEYS, ("general.alignment", scalar(4096))], alignment=4096))
        assert (header.alignment, header.data_offset % 4096) == (4096, 0)
        assert header.data_end == header.data_offset + 4096 + 288

    def test_tensors_have_place_type_and_size(self) -> None:
        first, second = read(gguf()).tensors
        assert (first.name, first.dimensions, first.type_name) == (
            "token_embd.weight",
            (8, 5),
            "F32",
        )
        assert (first.offset, first.size, first.at) == (0, 160, "tensor[0]")
        assert (second.offset, second.size, second.type_name) == (160, 2 * 144, "Q4_K")

    def test_version_2_is_read_like_version_3(self) -> None:
        assert read(gguf(version=2)).metadata == read(gguf(version=3)).metadata

    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            (ValueType.UINT8, 255),
            (ValueType.INT8, -128),
            (ValueType.UINT16, 65_535),
            (ValueType.INT16, -32_768),
            (ValueType.UINT32, 2**32 - 1),
            (ValueType.INT32, -(2**31)),
            (ValueType.FLOAT32, 0.5),
            (ValueType.UINT64, 2**64 - 1),
            (ValueType.INT64, -(2**63)),
            (ValueType.FLOAT64, 1e300),
        ],
    )
    def test_scalars_keep_their_value(self, kind: ValueType, value: float) -> None:
        (entry,) = read(one_key(scalar(value, kind))).metadata
        assert (entry.type, entry.value, entry.flaw) == (kind, value, None)

    def test_bools_are_bools_and_other_bytes_a_flaw(self) -> None:
        keys = [(name, scalar(n, ValueType.BOOL)) for n, name in enumerate("abc")]
        entries = read(gguf(keys, [])).metadata
        assert [entry.value for entry in entries] == [False, True, 2]
        assert [entry.flaw for entry in entries] == [None, None, Flaw.BOOL_BYTE]

    def test_arrays_are_summed_up_and_read_when_asked(self) -> None:
        data = gguf()
        header = read(data)
        entry = header.get("tokenizer.ggml.tokens")
        assert entry is not None
        tokens = entry.value
        assert isinstance(tokens, ArraySummary)
        assert (tokens.element_type, tokens.count) == (ValueType.STRING, 5)
        assert tokens.span == 5 * 8 + 3 + 4 + 1 + 2
        found = list(reader.elements(io.BytesIO(data), tokens))
        assert found == [b"<s>", b"</s>", b"a", "ü".encode(), b""]

    def test_numbers_of_an_array_are_read_when_asked(self) -> None:
        data = one_key(array(ValueType.INT16, range(-3, 1000)))
        (entry,) = read(data).metadata
        assert isinstance(entry.value, ArraySummary)
        assert list(reader.elements(io.BytesIO(data), entry.value)) == list(range(-3, 1000))

    def test_a_long_string_is_summed_up_and_read_when_asked(self) -> None:
        long = "é" * 40_000
        data = one_key(text(long))
        (entry,) = read(data).metadata
        assert isinstance(entry.value, StringSummary)
        assert (entry.value.length, entry.flaw) == (80_000, None)
        assert reader.string(io.BytesIO(data), entry.value) == long.encode()

    def test_strings_are_kept_up_to_a_total(self) -> None:
        keys = [(f"k{n}", text("x" * 60_000)) for n in range(100)]
        values = [entry.value for entry in read(gguf(keys, [])).metadata]
        kept = [value for value in values if isinstance(value, str)]
        assert len(kept) == reader.MAX_KEPT_STRINGS // 60_000
        assert sum(isinstance(value, StringSummary) for value in values) == 100 - len(kept)

    def test_strings_longer_than_the_window_are_passed(self) -> None:
        items = ["a", "b" * (WINDOW + 7), "", "c" * WINDOW, "d"]
        data = gguf([("x", array(ValueType.STRING, items)), ("y", scalar(7))], [])
        header = read(data)
        assert header.integer("y") == 7
        summary = header.metadata[0].value
        assert isinstance(summary, ArraySummary)
        found = list(reader.elements(io.BytesIO(data), summary))
        assert found == [item.encode() for item in items]

    @pytest.mark.parametrize("count", [131_071, 131_072, 131_073, 300_000])
    def test_vocabularies_are_passed_wherever_the_window_ends(self, count: int) -> None:
        keys = [("x", array(ValueType.STRING, ["", "ab", "c"] * (count // 3))), ("y", scalar(1))]
        assert read(gguf(keys, [])).integer("y") == 1

    def test_a_path_and_a_stream_give_the_same(self, tmp_path: Path) -> None:
        path = tmp_path / "model.gguf"
        path.write_bytes(gguf())
        assert reader.read(path) == reader.read(str(path)) == read(gguf())

    def test_a_missing_path_is_the_callers_trouble(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            reader.read(tmp_path / "none.gguf")

    def test_a_header_survives_a_process_boundary(self) -> None:
        header = read(gguf())
        assert pickle.loads(pickle.dumps(header)) == header  # noqa: S301 -- our own bytes


@pytest.mark.parametrize(
    ("keys", "tensors", "kind"),
    [
        (KEYS, [], ModelKind.VOCAB),
        (KEYS[:2], [], ModelKind.MODEL),
        ([("general.type", text("adapter"))], [Tensor("a")], ModelKind.ADAPTER),
        ([("general.type", text("imatrix"))], [Tensor("a")], ModelKind.IMATRIX),
        ([("general.type", text("mmproj"))], [Tensor("a")], ModelKind.MMPROJ),
        ([("general.architecture", text("clip"))], [Tensor("a")], ModelKind.MMPROJ),
        ([("general.architecture", text("controlvector"))], [Tensor("a")], ModelKind.ADAPTER),
        ([*KEYS, ("split.count", scalar(2, ValueType.UINT16))], [], ModelKind.SPLIT),
        ([*KEYS, ("split.count", scalar(1, ValueType.UINT16))], [Tensor("a")], ModelKind.MODEL),
    ],
)
def test_the_kind_of_model_follows_type_architecture_split_and_tensors(
    keys: Keys, tensors: list[Tensor], kind: ModelKind
) -> None:
    assert read(gguf(keys, tensors)).model_kind is kind


class TestLiesThatAreKept:
    def test_a_key_twice_stays_twice_and_the_first_counts(self) -> None:
        header = read(gguf([("a", scalar(1)), ("a", scalar(2))], []))
        assert [entry.value for entry in header.metadata] == [1, 2]
        assert header.integer("a") == 1

    def test_bytes_that_are_not_utf8_stay_in_keys_and_values(self) -> None:
        (entry,) = read(gguf([(b"a\xff", text(b"\xfe"))], [])).metadata
        assert entry.key.encode("utf-8", "surrogateescape") == b"a\xff"
        assert (entry.value, entry.flaw) == ("\udcfe", Flaw.NOT_UTF8)

    @pytest.mark.parametrize("length", [10, 70_000, 2 * WINDOW])
    def test_a_nul_and_broken_text_are_flaws_at_any_length(self, length: int) -> None:
        filler = b"x" * length
        values = [filler + b"\0", filler + b"\xe2\x82", b"\xff" + filler, filler]
        flaws = [read(one_key(text(value))).metadata[0].flaw for value in values]
        assert flaws == [Flaw.NUL_BYTE, Flaw.NOT_UTF8, Flaw.NOT_UTF8, None]

    @pytest.mark.parametrize(
        "value", [scalar(0), scalar(24), scalar(64, ValueType.UINT64), text("64")]
    )
    def test_an_unusable_alignment_leaves_the_default(self, value: Typed) -> None:
        assert read(gguf([("general.alignment", value)])).alignment == 32

    def test_sizes_do_not_wrap(self) -> None:
        header = read(gguf(tensors=[Tensor("a", (2**32,) * 4)], data_size=0))
        assert header.tensors[0].size == 2**130
        assert header.parameters == 2**128

    @pytest.mark.parametrize("tensor", [Tensor("a", (255,), Q4_K), Tensor("a", type=99)])
    def test_a_size_that_nobody_can_know_is_none(self, tensor: Tensor) -> None:
        assert read(gguf(tensors=[tensor])).tensors[0].size is None

    def test_a_tensor_without_dimensions_has_one_element(self) -> None:
        (tensor,) = read(gguf(tensors=[Tensor("a", (), F32)])).tensors
        assert (tensor.elements, tensor.size) == (1, 4)


START = gguf([], [])[:24]


@pytest.mark.parametrize(
    ("data", "at"),
    [
        (b"", "header.magic"),
        (b"GGU", "header.magic"),
        (b"ggjt" + START[4:], "header.magic"),
        (b"FUGG" + START[4:], "header.magic"),
        (b"GGUF", "header.version"),
        (gguf(version=0), "header.version"),
        (gguf(version=1), "header.version"),
        (gguf(version=4), "header.version"),
        (gguf(version=0x0300_0000), "header.version"),
        (gguf(version=2**32 - 1), "header.version"),
        (START[:15], "header.tensor_count"),
        (START[:23], "header.metadata_kv_count"),
        (gguf(tensor_count=HUGE), "header.tensor_count"),
        (gguf(tensor_count=2**64 - 1), "header.tensor_count"),
        (gguf(key_count=HUGE), "header.metadata_kv_count"),
        (gguf(key_count=len(KEYS) + 1, tensors=[], alignment=1), "kv[9].key"),
        (gguf([("a" * 30, scalar(1))], [], key_count=2, alignment=1), "kv[1].key"),
        (gguf([("a" * 65_536, scalar(1))], []), "kv[0].key"),
        (gguf([("x", Typed(13, b""))], []), "kv[0].type"),
        (gguf([("x", Typed(2**32 - 1, b""))], []), "kv[0].type"),
        (one_key(Typed(ValueType.STRING, pack("<Q", 2**64 - 1))), "kv[0].value"),
        (gguf([("x", Typed(ValueType.UINT64, b""))], [], alignment=1), "kv[0].value"),
        (one_key(array(ValueType.UINT8, count=HUGE)), "kv[0].value"),
        (one_key(array(ValueType.UINT64, [1], count=2**61 + 1)), "kv[0].value"),
        (one_key(array(ValueType.STRING, count=HUGE)), "kv[0].value"),
        (one_key(array(ValueType.BOOL, count=HUGE)), "kv[0].value"),
        (one_key(array(99)), "kv[0].value"),
        (
            one_key(Typed(ValueType.ARRAY, pack("<IQ", ValueType.ARRAY, 1) + b"\0" * 99)),
            "kv[0].value",
        ),
        (gguf(tensors=[Tensor("a", (1,) * 5)]), "tensor[0].dimensions"),
        (gguf(tensors=[Tensor("a" * 65_536)]), "tensor[0].name"),
        (gguf([], [Tensor("a" * 20)])[:60], "tensor[0].dimensions"),
    ],
)
def test_what_cannot_be_read_on_is_malformed_at_its_place(data: bytes, at: str) -> None:
    assert refusal(data).at == at


@pytest.mark.parametrize(
    ("lengths", "index"),
    [
        ([2**64 - 1], 0),
        ([1, 1, 2**63], 2),
        ([1, 40], 1),
        ([0, 0, 0, 2**40, 0], 3),
    ],
)
def test_a_string_in_an_array_that_claims_too_much_is_named(lengths: list[int], index: int) -> None:
    body = b"".join(pack("<Q", length) + b"x" * min(length, 1) for length in lengths)
    value = Typed(ValueType.ARRAY, pack("<IQ", ValueType.STRING, len(lengths)) + body)
    error = refusal(gguf([("x", value)], [], alignment=1))
    assert error.at == f"kv[0].value[{index}]"


def test_a_string_in_an_array_whose_length_is_cut_is_named() -> None:
    body = pack("<Q", 4) + b"abcd" + b"\0" * 4
    value = Typed(ValueType.ARRAY, pack("<IQ", ValueType.STRING, 2) + body)
    assert refusal(gguf([("x", value)], [], alignment=1)).at == "kv[0].value[1]"


def test_an_incomplete_header_says_what_it_needs() -> None:
    with pytest.raises(HeaderIncompleteError, match="at least the first 24 bytes"):
        read(gguf()[:20], size=1000)


def test_big_endian_files_are_named_so() -> None:
    assert "big-endian" in refusal(b"GGUF" + pack(">IQQ", 3, 0, 0)).reason


def test_a_magic_is_printed_escaped() -> None:
    assert refusal(b"\x1b[2J" + bytes(20)).reason == r"starts with '\x1b[2J', not with 'GGUF'"


@pytest.mark.parametrize(
    "data",
    [
        gguf(tensor_count=HUGE),
        gguf(key_count=HUGE),
        gguf([(b"", Typed(ValueType.STRING, pack("<Q", HUGE)))], []),
        *(one_key(array(kind, count=HUGE)) for kind in ValueType if kind is not ValueType.ARRAY),
        *(
            one_key(array(kind, count=2**64 - 1))
            for kind in ValueType
            if kind is not ValueType.ARRAY
        ),
        gguf([], [Tensor("a")]).replace(counted("a"), pack("<Q", HUGE) + b"a"),
    ],
)
def test_a_claim_of_any_size_allocates_nothing(data: bytes) -> None:
    tracemalloc.start()
    try:
        refusal(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


class TestFirstBytes:
    DATA = gguf()
    END = reader.read(io.BytesIO(DATA)).data_offset

    def test_any_cut_in_the_header_is_incomplete_not_malformed(self) -> None:
        last = 0
        for cut in range(self.END - 32):
            with pytest.raises(HeaderIncompleteError) as caught:
                read(self.DATA[:cut], size=len(self.DATA))
            assert cut < caught.value.needed_at_least <= self.END
            assert caught.value.needed_at_least >= last
            last = caught.value.needed_at_least

    def test_asking_for_what_is_needed_ends_at_the_whole_header(self) -> None:
        have = 1
        for _ in range(200):
            try:
                header = read(self.DATA[:have], size=len(self.DATA))
            except HeaderIncompleteError as error:
                have = error.needed_at_least
            else:
                break
        assert header == read(self.DATA)

    def test_the_header_is_enough(self) -> None:
        assert read(self.DATA[: self.END], size=len(self.DATA)) == read(self.DATA)

    def test_a_lie_is_malformed_before_the_rest_has_come(self) -> None:
        data = one_key(array(ValueType.UINT8, count=HUGE))
        with pytest.raises(MalformedError):
            read(data, size=40 * 2**30)

    def test_an_array_that_the_whole_file_could_hold_is_waited_for(self) -> None:
        data = one_key(array(ValueType.STRING, count=1000))
        with pytest.raises(HeaderIncompleteError) as caught:
            read(data, size=10**6)
        assert caught.value.needed_at_least > len(data.rstrip(b"\0"))

    def test_a_header_beyond_the_limit_is_malformed(self) -> None:
        data = one_key(array(ValueType.UINT8, count=reader.MAX_HEADER))
        with pytest.raises(MalformedError, match="makes the header larger than"):
            read(data, size=2**40)


def test_a_stream_that_ends_early_is_malformed() -> None:
    class Shrinking(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(size)[:10] if self.tell() < 10 else b""

    with pytest.raises(MalformedError, match="ended while it was read"):
        reader.read(Shrinking(gguf()))


def test_a_stream_that_gives_little_at_once_is_read_whole() -> None:
    class Trickling(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 7))

    assert reader.read(Trickling(gguf())) == read(gguf())


def test_counts_beyond_the_limits_are_malformed() -> None:
    tensors = gguf([], [], tensor_count=reader.MAX_TENSORS + 1) + bytes(3_000_000)
    keys = gguf([], [], key_count=reader.MAX_KEY_VALUES + 1) + bytes(1_000_000)
    assert refusal(tensors).reason == "claims 100001 entries, more than 100000"
    assert refusal(keys).reason == "claims 65537 entries, more than 65536"


def test_an_8_bit_tensor_is_as_large_as_its_elements() -> None:
    assert read(gguf(tensors=[Tensor("a", (3, 3), I8)])).tensors[0].size == 9
