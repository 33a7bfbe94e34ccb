"""A bounded reader of GGUF headers, versions 2 and 3, little-endian.

Rules are those of llama.cpp 0c1e57098, ggml/src/gguf.cpp, and of ggml's docs/gguf.md. Nothing is
allocated because a file claims it: a claim is first compared with the bytes that are left.
Elements of arrays are not kept; :func:`elements` reads them where somebody asks.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from math import prod
from struct import Struct

from supplychain.core.limits import MIB
from supplychain.formats.text import MalformedError, printable
from supplychain.models.gguf_header import (
    ALIGNMENT_KEY,
    ArraySummary,
    Flaw,
    GgufHeader,
    KeyValue,
    StringSummary,
    TensorInfo,
    Value,
)
from supplychain.models.gguf_tables import (
    DEFAULT_ALIGNMENT,
    MAX_DIMENSIONS,
    SCALARS,
    TENSOR_TYPES,
    ValueType,
)
from supplychain.models.window import HeaderIncompleteError, Source, Window, opened

__all__ = ["GgufHeader", "HeaderIncompleteError", "elements", "read", "string"]

MAGIC = b"GGUF"
MAX_HEADER = 256 * MIB  # bytes; the largest seen, the vocabulary of Gemma 4, has 15.8 MB
MAX_KEY_VALUES = 65_536  # entries; real files have below 100
MAX_TENSORS = 100_000  # in one file; the largest mixtures of experts have about 2,000
MAX_KEY = 65_535  # bytes; docs/gguf.md, "at most 2^16-1 bytes long"
MAX_NAME = 65_535  # bytes of a tensor's name that are read; a check allows 63
MAX_KEPT_STRING = 64 * 1024  # bytes; the largest of 70 real chat templates has 16.7 kB
MAX_KEPT_STRINGS = 4 * MIB  # bytes of all strings that a header keeps

_LEAST_KEY_VALUE = 13  # bytes: a length, a type, one byte of value
_LEAST_TENSOR = 24  # bytes: a length, a count of dimensions, a type, an offset
_VERSIONS = (2, 3)
_VERSION = Struct("<I")
_COUNT = Struct("<Q")
_TYPE = Struct("<I")
_ARRAY = Struct("<IQ")
_TYPE_AND_OFFSET = Struct("<IQ")
_DIMENSIONS = tuple(Struct(f"<{count}Q") for count in range(MAX_DIMENSIONS + 1))
_TYPES = {int(value_type): value_type for value_type in ValueType}


def read(source: Source, *, size: int | None = None) -> GgufHeader:
    """Read the header of a file, given by its path or as a seekable binary stream.

    ``size`` is that of the whole file in bytes, where the stream holds only its first bytes.

    Raises:
        MalformedError: the bytes are no GGUF header that could be read further.
        HeaderIncompleteError: the header goes on after the bytes at hand.
        OSError: the path cannot be opened or read.
    """
    with opened(source, size=size, limit=MAX_HEADER) as window:
        return _Reader(window).header()


def elements(source: Source, array: ArraySummary) -> Iterator[bytes | int | float]:
    """Yield the elements of an array that :func:`read` found in the same file, strings as bytes.

    Raises:
        MalformedError: the file has changed.
        OSError: the path cannot be opened or read.
    """
    with opened(source, size=None, limit=MAX_HEADER) as window:
        window.skip(array.position, "header")
        if array.element_type is ValueType.STRING:
            for _ in range(array.count):
                (length,) = window.unpack(_COUNT, "header")
                yield window.take(length, "header")
        else:
            layout = SCALARS[array.element_type]
            for piece in window.pieces(array.count * layout.size, "header"):
                yield from (value for (value,) in layout.iter_unpack(piece))


def string(source: Source, summary: StringSummary) -> bytes:
    """Return a string that :func:`read` did not keep; raises what :func:`elements` does."""
    with opened(source, size=None, limit=MAX_HEADER) as window:
        window.skip(summary.position, "header")
        return window.take(summary.length, "header")


class _Reader:
    """One pass over one header."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._kept = 0

    def header(self) -> GgufHeader:
        version = self._version()
        tensor_count, entry_count = self._counts()
        metadata = tuple(self._entry(index) for index in range(entry_count))
        tensors = tuple(self._tensor(index) for index in range(tensor_count))
        alignment = _alignment(metadata)
        end = self._window.position
        return GgufHeader(
            version=version,
            metadata=metadata,
            tensors=tensors,
            alignment=alignment,
            data_offset=end + -end % alignment,
            size=self._window.size,
        )

    def _version(self) -> int:
        magic = self._window.take(len(MAGIC), "header.magic")
        if magic != MAGIC:
            reason = f"starts with '{printable(magic.decode('latin-1'))}', not with 'GGUF'"
            raise MalformedError(reason, at="header.magic")
        version: int
        (version,) = self._window.unpack(_VERSION, "header.version")
        if version in _VERSIONS:
            return version
        if version and not version & 0xFFFF:
            reason = "is a big-endian GGUF file, which no host of a fleet like this one loads"
        elif version == 1:
            reason = "has GGUF version 1, which llama.cpp no longer reads"
        else:
            reason = f"has GGUF version {version}, not 2 or 3"
        raise MalformedError(reason, at="header.version")

    def _counts(self) -> tuple[int, int]:
        (tensors,) = self._window.unpack(_COUNT, "header.tensor_count")
        (entries,) = self._window.unpack(_COUNT, "header.metadata_kv_count")
        for count, least, limit, at in (
            (tensors, _LEAST_TENSOR, MAX_TENSORS, "header.tensor_count"),
            (entries, _LEAST_KEY_VALUE, MAX_KEY_VALUES, "header.metadata_kv_count"),
        ):
            if count * least > self._window.left:
                reason = f"claims {count} entries where {self._window.left} bytes are left"
                raise MalformedError(reason, at=at)
            if count > limit:
                reason = f"claims {count} entries, more than {limit}"
                raise MalformedError(reason, at=at)
        return tensors, entries

    def _entry(self, index: int) -> KeyValue:
        at = f"kv[{index}]"
        position = self._window.position
        key = self._text(f"{at}.key", MAX_KEY)
        (number,) = self._window.unpack(_TYPE, f"{at}.type")
        value_type = _TYPES.get(number)
        value: Value
        flaw: Flaw | None = None
        if value_type is None:
            reason = f"has value type {number}, which does not exist"
            raise MalformedError(reason, at=f"{at}.type")
        if value_type is ValueType.STRING:
            value, flaw = self._string(f"{at}.value")
        elif value_type is ValueType.ARRAY:
            value, flaw = self._array(f"{at}.value")
        else:
            (value,) = self._window.unpack(SCALARS[value_type], f"{at}.value")
            if value_type is ValueType.BOOL:
                if value in (0, 1):
                    value = bool(value)
                else:
                    flaw = Flaw.BOOL_BYTE
        return KeyValue(
            key=key, type=value_type, value=value, index=index, position=position, flaw=flaw
        )

    def _text(self, at: str, limit: int) -> str:
        length = self._length(at)
        if length > limit:
            reason = f"has {length} bytes, more than {limit}"
            raise MalformedError(reason, at=at)
        return self._window.take(length, at).decode("utf-8", "surrogateescape")

    def _length(self, at: str) -> int:
        length: int
        (length,) = self._window.unpack(_COUNT, at)
        if length > self._window.left:
            reason = f"claims a string of {length} bytes where {self._window.left} are left"
            raise MalformedError(reason, at=at)
        return length

    def _string(self, at: str) -> tuple[str | StringSummary, Flaw | None]:
        length = self._length(at)
        if length > MAX_KEPT_STRING or self._kept + length > MAX_KEPT_STRINGS:
            summary = StringSummary(length=length, position=self._window.position)
            return summary, _text_flaw(self._window.pieces(length, at))
        self._kept += length
        data = self._window.take(length, at)
        return data.decode("utf-8", "surrogateescape"), _text_flaw([data])

    def _array(self, at: str) -> tuple[ArraySummary, Flaw | None]:
        number, count = self._window.unpack(_ARRAY, at)
        element_type = _TYPES.get(number)
        if element_type is None:
            reason = f"has element type {number}, which does not exist"
            raise MalformedError(reason, at=at)
        if element_type is ValueType.ARRAY:
            reason = "is an array of arrays, which llama.cpp and Ollama refuse"
            raise MalformedError(reason, at=at)
        is_text = element_type is ValueType.STRING
        width = _COUNT.size if is_text else SCALARS[element_type].size
        if count * width > self._window.left:
            reason = f"claims {count} elements where {self._window.left} bytes are left"
            raise MalformedError(reason, at=at)
        position = self._window.position
        flaw = None
        if is_text:
            self._window.skip_strings(count, at)
        elif element_type is ValueType.BOOL:
            flaw = _bool_flaw(self._window.pieces(count, at))
        else:
            self._window.skip(count * width, at)
        span = self._window.position - position
        return (
            ArraySummary(element_type=element_type, count=count, position=position, span=span),
            flaw,
        )

    def _tensor(self, index: int) -> TensorInfo:
        at = f"tensor[{index}]"
        position = self._window.position
        name = self._text(f"{at}.name", MAX_NAME)
        (count,) = self._window.unpack(_TYPE, f"{at}.dimensions")
        if count > MAX_DIMENSIONS:
            reason = f"has {count} dimensions, more than {MAX_DIMENSIONS}"
            raise MalformedError(reason, at=f"{at}.dimensions")
        dimensions = self._window.unpack(_DIMENSIONS[count], f"{at}.dimensions")
        ggml_type, offset = self._window.unpack(_TYPE_AND_OFFSET, f"{at}.type")
        return TensorInfo(
            name=name,
            dimensions=dimensions,
            ggml_type=ggml_type,
            offset=offset,
            size=_tensor_size(dimensions, ggml_type),
            index=index,
            position=position,
        )


def _tensor_size(dimensions: tuple[int, ...], ggml_type: int) -> int | None:
    """Return a tensor's bytes, in integers that do not wrap; a scalar has one element."""
    known = TENSOR_TYPES.get(ggml_type)
    row = dimensions[0] if dimensions else 1
    if known is None or row % known.block:
        return None
    return prod(dimensions) // known.block * known.bytes


def _alignment(metadata: tuple[KeyValue, ...]) -> int:
    """Return the file's own alignment where llama.cpp would take it, else the default."""
    stated = next((entry for entry in metadata if entry.key == ALIGNMENT_KEY), None)
    if stated is None or stated.type is not ValueType.UINT32:
        return DEFAULT_ALIGNMENT
    value = stated.value
    if isinstance(value, int) and value and not value & (value - 1):
        return value
    return DEFAULT_ALIGNMENT


def _text_flaw(pieces: Iterator[bytes] | list[bytes]) -> Flaw | None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    flaw = None
    for piece in pieces:
        if flaw is Flaw.NOT_UTF8:
            continue
        if b"\0" in piece:
            flaw = Flaw.NUL_BYTE
        try:
            decoder.decode(piece)
        except UnicodeDecodeError:
            flaw = Flaw.NOT_UTF8
    if flaw is not Flaw.NOT_UTF8 and decoder.getstate()[0]:
        flaw = Flaw.NOT_UTF8
    return flaw


def _bool_flaw(pieces: Iterator[bytes]) -> Flaw | None:
    flaw = None
    for piece in pieces:
        if piece.translate(None, b"\0\1"):
            flaw = Flaw.BOOL_BYTE
    return flaw
