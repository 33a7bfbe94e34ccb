"""A bounded reader of safetensors headers.

Rules are those of safetensors 0.8.0, safetensors/src/tensor.rs, and its README, "Format": eight
bytes of length, a JSON object of that many bytes, then the tensors. The object is read entry by
entry against the one grammar it may have: general JSON from a stranger could grow to many times
its size in memory before anybody looked at it. Offsets are kept as they stand, for checks to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from struct import Struct
from typing import NoReturn

from supplychain.formats import json
from supplychain.formats.text import MalformedError, printable
from supplychain.models.window import HeaderIncompleteError, Source, opened

__all__ = ["HeaderIncompleteError", "SafetensorsHeader", "SafetensorsTensor", "read"]

MAX_HEADER = 100_000_000  # bytes; tensor.rs, MAX_HEADER_SIZE
MAX_TENSORS = 100_000  # in one file; all of DeepSeek V3 has 92,000, over 163 files
MAX_METADATA = 10_000  # entries of __metadata__; real files have below 20
MAX_DIMENSIONS = 32  # of a tensor; numpy 1 has at most 32 (NPY_MAXDIMS), models at most 6
MAX_STRING = 1_048_576  # bytes of one JSON string; real ones have below 10,000
METADATA = "__metadata__"

# Bits of one element; tensor.rs, Dtype::bitsize.
DTYPE_BITS = {
    "BOOL": 8,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "U8": 8,
    "I8": 8,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "C64": 64,
    "F64": 64,
    "I64": 64,
    "U64": 64,
}

_LENGTH = Struct("<Q")
_PLAIN = rb'[^"\\\x00-\x1f]*+'
_ESCAPE = rb'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})'
_PARTS = {
    b"STRING": rb'"' + _PLAIN + rb"(?:" + _ESCAPE + _PLAIN + rb')*+"',
    b"NUMBERS": rb"\[SPACE((?:NUMBERSPACE(?:,SPACENUMBERSPACE){0,%d}+)?)\]" % (MAX_DIMENSIONS - 1),
    b"NUMBER": rb"(?:0|[1-9][0-9]{0,19}+)",  # 20 digits: an unsigned 64-bit integer
    b"PLAIN": _PLAIN,
    b"COLON": rb"SPACE:SPACE",
    b"COMMA": rb"SPACE,SPACE",
    b"SPACE": rb"[ \t\r\n]*+",
}


def _pattern(source: bytes) -> re.Pattern[bytes]:
    for name, part in _PARTS.items():
        source = source.replace(name, part)
    return re.compile(source)


_OPEN = _pattern(rb"\{SPACE")
_CLOSE = _pattern(rb"SPACE\}SPACE")
_NAME = _pattern(rb"SPACE(STRING)COLON\{")
_FIELD = _pattern(rb"SPACE(STRING)COLON(?:(STRING)|NUMBERS)SPACE")
_NEXT = _pattern(rb"SPACE([,}])")
_REST = _pattern(rb"SPACE")
# A whole tensor as safetensors writes it; matching it at once is five times as fast.
_USUAL = _pattern(
    rb'SPACE"(PLAIN)"COLON\{SPACE"dtype"COLON"(PLAIN)"COMMA'
    rb'"shape"COLONNUMBERSCOMMA"data_offsets"COLONNUMBERSSPACE\}'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetensorsTensor:
    """One tensor: ``begin`` and ``end`` in bytes from the start of the data."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)

    @property
    def size(self) -> int | None:
        """The bytes that shape and type need; ``None`` for an unknown type or a partial byte."""
        bits = DTYPE_BITS.get(self.dtype)
        if bits is None or self.elements * bits % 8:
            return None
        return self.elements * bits // 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetensorsHeader:
    """The header of one file, in the order in which it stands there; a name may stand twice.

    ``data_offset`` and ``size``, that of the whole file, are in bytes from the start of the file.
    """

    tensors: tuple[SafetensorsTensor, ...]
    metadata: tuple[tuple[str, str], ...]
    data_offset: int
    size: int

    @property
    def data_size(self) -> int:
        """Bytes after the header."""
        return self.size - self.data_offset

    @property
    def parameters(self) -> int:
        """How many numbers all tensors hold."""
        return sum(tensor.elements for tensor in self.tensors)


def read(source: Source, *, size: int | None = None) -> SafetensorsHeader:
    """Read the header of a file, given by its path or as a seekable binary stream.

    ``size`` is that of the whole file in bytes, where the stream holds only its first bytes.

    Raises:
        MalformedError: the bytes are no safetensors header.
        HeaderIncompleteError: the header goes on after the bytes at hand.
        OSError: the path cannot be opened or read.
    """
    with opened(source, size=size, limit=MAX_HEADER + _LENGTH.size) as window:
        (length,) = window.unpack(_LENGTH, "header.length")
        if length > MAX_HEADER:
            reason = f"claims a header of {length} bytes, more than {MAX_HEADER}"
            raise MalformedError(reason, at="header.length")
        data = window.take(length, "header")
        tensors, metadata = _Text(data).entries()
        return SafetensorsHeader(
            tensors=tensors, metadata=metadata, data_offset=window.position, size=window.size
        )


class _Text:
    """One pass over the JSON text of a header."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def entries(self) -> tuple[tuple[SafetensorsTensor, ...], tuple[tuple[str, str], ...]]:
        tensors: list[SafetensorsTensor] = []
        metadata: list[tuple[str, str]] = []
        self._expect(_OPEN, "'{'")
        more = not self._accept(_CLOSE)
        while more:
            usual = self._accept(_USUAL)
            if usual:
                tensors.append(self._usual_tensor(usual))
            else:
                name = self._string(self._expect(_NAME, "a name and '{'"), 1)
                if name == METADATA:
                    metadata += self._metadata()
                else:
                    tensors.append(self._tensor(name))
            if len(tensors) > MAX_TENSORS or len(metadata) > MAX_METADATA:
                self._refuse("fewer entries")
            more = self._comma()
        self._accept(_REST)
        if self._position != len(self._data):
            self._refuse("the end of the header")
        return tuple(tensors), tuple(metadata)

    def _metadata(self) -> list[tuple[str, str]]:
        entries: list[tuple[str, str]] = []
        for field in self._fields():
            if field[2] is None or len(entries) > MAX_METADATA:
                self._refuse(f"strings in {METADATA}, at most {MAX_METADATA}")
            entries.append((self._string(field, 1), self._string(field, 2)))
        return entries

    def _tensor(self, name: str) -> SafetensorsTensor:
        dtype: str | None = None
        numbers: dict[str, tuple[int, ...]] = {}
        for field in self._fields():
            key = self._string(field, 1)
            if key == "dtype" and dtype is None and field[2] is not None:
                dtype = self._string(field, 2)
            elif key in {"shape", "data_offsets"} - numbers.keys() and field[3] is not None:
                numbers[key] = _numbers(field[3])
            else:
                self._refuse(f"no field '{printable(key)}' in '{printable(name)}'")
        if dtype is None or len(numbers) < 2:  # noqa: PLR2004 -- shape and data_offsets
            self._refuse(f"dtype, shape and data_offsets in '{printable(name)}'")
        return self._checked(name, dtype, numbers["shape"], numbers["data_offsets"])

    def _usual_tensor(self, match: re.Match[bytes]) -> SafetensorsTensor:
        name, dtype, shape, offsets = match.groups()
        return self._checked(
            self._decoded(name), self._decoded(dtype), _numbers(shape), _numbers(offsets)
        )

    def _checked(
        self, name: str, dtype: str, shape: tuple[int, ...], offsets: tuple[int, ...]
    ) -> SafetensorsTensor:
        if len(offsets) != 2 or name == METADATA:  # noqa: PLR2004 -- begin and end
            self._refuse(f"two data_offsets in '{printable(name)}'")
        begin, end = offsets
        return SafetensorsTensor(name=name, dtype=dtype, shape=shape, begin=begin, end=end)

    def _fields(self) -> Iterator[re.Match[bytes]]:
        more = not self._accept(_CLOSE)
        while more:
            yield self._expect(_FIELD, "a name with a string or a short list of numbers")
            more = self._comma()

    def _comma(self) -> bool:
        return self._expect(_NEXT, "',' or '}'")[1] == b","

    def _accept(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        match = pattern.match(self._data, self._position)
        if match:
            self._position = match.end()
        return match

    def _expect(self, pattern: re.Pattern[bytes], wanted: str) -> re.Match[bytes]:
        return self._accept(pattern) or self._refuse(wanted)

    def _string(self, match: re.Match[bytes], group: int) -> str:
        token = match[group]
        if b"\\" in token:
            return str(json.read(token, limit=MAX_STRING))
        return self._decoded(token[1:-1])

    def _decoded(self, data: bytes) -> str:
        if len(data) > MAX_STRING:
            self._refuse(f"strings of at most {MAX_STRING} bytes")
        try:
            return data.decode()
        except UnicodeDecodeError:
            self._refuse("UTF-8 text")

    def _refuse(self, wanted: str) -> NoReturn:
        reason = f"has a header that is not what the format allows: expected {wanted}"
        raise MalformedError(reason, at=f"header[{self._position}]")


def _numbers(text: bytes) -> tuple[int, ...]:
    return tuple(int(digits) for digits in text.split(b",") if digits)
