"""What the header of a GGUF file says. Values only; :mod:`supplychain.models.gguf` reads them.

A header may lie: keys twice, tensors that overlap or lie outside the file. What can still be read
is kept as it stands, for checks to judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import prod

from supplychain.models.gguf_tables import TENSOR_TYPES, ValueType

ALIGNMENT_KEY = "general.alignment"


class ModelKind(StrEnum):
    """What a GGUF file is for."""

    MODEL = "model"
    VOCAB = "vocab"
    ADAPTER = "adapter"
    MMPROJ = "mmproj"
    IMATRIX = "imatrix"
    SPLIT = "split"


class Flaw(StrEnum):
    """What is wrong with the bytes of a value that has a type and a length."""

    BOOL_BYTE = "bool-byte"
    NUL_BYTE = "nul-byte"
    NOT_UTF8 = "not-utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class StringSummary:
    """A string too long to keep: its bytes and where in the file they start."""

    length: int
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArraySummary:
    """An array: its elements' type and count, where they start in the file and their bytes."""

    element_type: ValueType
    count: int
    position: int
    span: int


Value = int | float | bool | str | StringSummary | ArraySummary


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyValue:
    """One entry of the metadata.

    Bytes that are not UTF-8 stand in ``key`` and ``value`` as lone surrogates (Python's
    ``surrogateescape``). A bool whose byte is neither 0 nor 1 has that number as its value.
    ``index`` counts entries from 0; ``position`` is the offset of the entry in the file.
    """

    key: str
    type: ValueType
    value: Value
    index: int
    position: int
    flaw: Flaw | None = None

    @property
    def at(self) -> str:
        """The entry's place in the header: ``kv[7]``."""
        return f"kv[{self.index}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorInfo:
    """One tensor: ``dimensions`` innermost first, ``offset`` in bytes from the start of the data.

    ``size`` is in bytes, ``None`` where the type is unknown or its blocks do not fill a row.
    ``index`` counts tensors from 0; ``position`` is the offset of the entry in the file.
    """

    name: str
    dimensions: tuple[int, ...]
    ggml_type: int
    offset: int
    size: int | None
    index: int
    position: int

    @property
    def at(self) -> str:
        """The tensor's place in the header: ``tensor[3]``."""
        return f"tensor[{self.index}]"

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return prod(self.dimensions)

    @property
    def type_name(self) -> str:
        """The name of its type, ``type 99`` where there is none."""
        known = TENSOR_TYPES.get(self.ggml_type)
        return known.name if known else f"type {self.ggml_type}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufHeader:
    """The header of one file; sizes and offsets in bytes from the start of the file.

    ``alignment`` is what the data is laid out by: the file's own where it is a 32-bit power of
    two, else the format's default. ``size`` is that of the whole file.
    """

    version: int
    metadata: tuple[KeyValue, ...]
    tensors: tuple[TensorInfo, ...]
    alignment: int
    data_offset: int
    size: int

    def get(self, key: str) -> KeyValue | None:
        """Return the first entry with this key."""
        return next((entry for entry in self.metadata if entry.key == key), None)

    def text(self, key: str) -> str | None:
        """Return the value of this key where it is a string that was kept."""
        entry = self.get(key)
        return entry.value if entry and isinstance(entry.value, str) else None

    def integer(self, key: str) -> int | None:
        """Return the value of this key where it is an integer of any width."""
        entry = self.get(key)
        if entry is None or entry.type is ValueType.BOOL or not isinstance(entry.value, int):
            return None
        return entry.value

    @property
    def architecture(self) -> str | None:
        """``general.architecture``."""
        return self.text("general.architecture")

    @property
    def name(self) -> str | None:
        """``general.name``."""
        return self.text("general.name")

    @property
    def file_type(self) -> int | None:
        """``general.file_type``, a number of :data:`~supplychain.models.gguf_tables.FILE_TYPES`."""
        return self.integer("general.file_type")

    @property
    def parameters(self) -> int:
        """How many numbers all tensors of this file hold."""
        return sum(tensor.elements for tensor in self.tensors)

    @property
    def split_count(self) -> int:
        """How many files the model is split into; 1 where it is not."""
        return max(self.integer("split.count") or 1, 1)

    @property
    def model_kind(self) -> ModelKind:
        """What the file is for, by ``general.type``, then architecture, split and tensors.

        gguf-py, constants.py ``GGUFType``; "clip" and "controlvector" are architectures of old
        files without a type (llama.cpp, tools/mtmd/clip.cpp and common/common.cpp).
        """
        by_name = {
            "adapter": ModelKind.ADAPTER,
            "imatrix": ModelKind.IMATRIX,
            "mmproj": ModelKind.MMPROJ,
            "clip": ModelKind.MMPROJ,
            "controlvector": ModelKind.ADAPTER,
        }
        for stated in (self.text("general.type"), self.architecture):
            if stated in by_name:
                return by_name[stated]
        if self.split_count > 1:
            return ModelKind.SPLIT
        if not self.tensors and self.get("tokenizer.ggml.tokens"):
            return ModelKind.VOCAB
        return ModelKind.MODEL

    @property
    def data_end(self) -> int:
        """Where the last byte of the last tensor ends; the start of the data without tensors."""
        ends = (self.data_offset + one.offset + (one.size or 0) for one in self.tensors)
        return max(ends, default=self.data_offset)
