"""A writer of GGUF bytes, good and broken: it writes what it is told, true or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from struct import pack

from supplychain.models.gguf_tables import SCALARS, TENSOR_TYPES, ValueType

F32 = 0
Q4_K = 12
I8 = 24


@dataclass(frozen=True, slots=True)
class Typed:
    """A metadata value: its type's number and its bytes."""

    type: int
    data: bytes


def scalar(value: float, kind: ValueType = ValueType.UINT32) -> Typed:
    """Return a number of the given type."""
    return Typed(kind, SCALARS[kind].pack(value))


def counted(text: str | bytes) -> bytes:
    """Return a string after its length."""
    data = text.encode() if isinstance(text, str) else text
    return pack("<Q", len(data)) + data


def text(value: str | bytes) -> Typed:
    """Return a string."""
    return Typed(ValueType.STRING, counted(value))


def array(
    kind: int, items: Iterable[float | str | bytes] = (), *, count: int | None = None
) -> Typed:
    """Return an array; ``count`` is claimed in place of the true number of items."""
    listed = list(items)
    parts = [
        counted(item) if isinstance(item, (str, bytes)) else SCALARS[ValueType(kind)].pack(item)
        for item in listed
    ]
    claimed = len(listed) if count is None else count
    return Typed(ValueType.ARRAY, pack("<IQ", kind, claimed) + b"".join(parts))


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor; without ``offset`` it lies behind the one before it, as it should."""

    name: str | bytes
    dimensions: tuple[int, ...] = (16,)
    type: int = F32
    offset: int | None = None

    @property
    def size(self) -> int:
        """The bytes that type and dimensions need, 0 for an unknown type."""
        known = TENSOR_TYPES.get(self.type)
        return prod(self.dimensions) // known.block * known.bytes if known else 0


Keys = Sequence[tuple[str | bytes, Typed]]
KEYS: Keys = (
    ("general.architecture", text("llama")),
    ("general.name", text("Tiny")),
    ("general.file_type", scalar(0)),
    ("llama.block_count", scalar(1)),
    ("llama.rope.freq_base", scalar(10_000.0, ValueType.FLOAT32)),
    ("tokenizer.ggml.add_bos_token", scalar(1, ValueType.BOOL)),
    ("tokenizer.ggml.tokens", array(ValueType.STRING, ["<s>", "</s>", "a", "ü", ""])),
    ("tokenizer.ggml.scores", array(ValueType.FLOAT32, [0.0, -1.0, -2.0, -3.5, 0.25])),
    ("tokenizer.ggml.token_type", array(ValueType.INT32, [3, 3, 1, 1, 1])),
)
TENSORS = (Tensor("token_embd.weight", (8, 5)), Tensor("blk.0.attn_q.weight", (256, 2), Q4_K))


def gguf(  # noqa: PLR0913 -- each is a part of the file that a test may want otherwise
    keys: Keys = KEYS,
    tensors: Sequence[Tensor] = TENSORS,
    *,
    magic: bytes = b"GGUF",
    version: int = 3,
    key_count: int | None = None,
    tensor_count: int | None = None,
    alignment: int = 32,
    data_size: int | None = None,
    tail: bytes = b"",
) -> bytes:
    """Return the bytes of a file.

    ``alignment`` is what the data is laid out by; a key of that name is the caller's to add.
    ``data_size`` cuts or fills the tensors' data, ``tail`` follows it.
    """
    header = bytearray(magic + pack("<I", version))
    header += pack("<Q", len(tensors) if tensor_count is None else tensor_count)
    header += pack("<Q", len(keys) if key_count is None else key_count)
    for key, value in keys:
        header += counted(key) + pack("<I", value.type) + value.data
    end = 0
    for tensor in tensors:
        offset = end if tensor.offset is None else tensor.offset
        header += counted(tensor.name)
        header += pack(f"<I{len(tensor.dimensions)}Q", len(tensor.dimensions), *tensor.dimensions)
        header += pack("<IQ", tensor.type, offset % 2**64)
        end = _padded(offset + tensor.size, alignment)
    size = end if data_size is None else data_size
    return bytes(header).ljust(_padded(len(header), alignment), b"\0") + b"\0" * size + tail


def _padded(size: int, alignment: int) -> int:
    return size + -size % alignment
