"""Checks on where the tensors of a GGUF file lie in it (MDL).

Together they ask for what llama.cpp's gguf.cpp asks for since 2025: each tensor starts where the
one before it ends, rounded up to the alignment, and the last ends within the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from supplychain.core.check import check
from supplychain.core.finding import Hit, Location, Severity
from supplychain.formats.text import printable
from supplychain.models.evidence import GgufFile
from supplychain.models.gguf_header import ALIGNMENT_KEY, KeyValue, TensorInfo
from supplychain.models.gguf_tables import DEFAULT_ALIGNMENT, ValueType
from supplychain.models.hits import capped
from supplychain.models.sniff import FileKind

MIN_ALIGNMENT = 8  # bytes; docs/gguf.md, "must be a multiple of 8"
MAX_ALIGNMENT = 65_536  # bytes; the largest page of a processor that runs models
_CONVERT = "convert the model again with a current converter; do not use it if it came this way"
_FETCH = "fetch the file again, and do not use it if it is the same"

# What nobody puts after a model by accident.
_HIDDEN = frozenset(
    {
        FileKind.GGUF,
        FileKind.SAFETENSORS,
        FileKind.PICKLE,
        FileKind.SCRIPT,
        FileKind.PYTHON,
        FileKind.EXECUTABLE,
        FileKind.ZIP,
        FileKind.ARCHIVE,
        FileKind.HDF5,
    }
)


@check("MDL110", "gguf-alignment", on=GgufFile, severity=Severity.HIGH)
def gguf_alignment(file: GgufFile) -> Iterator[Hit]:
    """A GGUF file states an alignment that cannot be used.

    ## What it does
    Asks `general.alignment`, where it stands, to be a 32-bit unsigned power of two from 8 to
    65,536. Below 32 it warns.

    ## Why it matters
    Alignment 0 is a division by zero in Ollama (CVE-2025-0317), candle and gguf-tools; another type
    made llama.cpp abort (#26318), and 2^31 wraps on 32-bit hosts (#24997). Ollama takes any value
    of any type, so the same file has its tensors elsewhere there. HIGH for what moves the data,
    MEDIUM below 32: ggml's CPU code asserts 32-byte pointers in a mapped file.

    ## Example
    `general.alignment` = 24.

    ## How to fix
    Convert the model again with a current converter, which writes 32 or nothing.
    """
    entry = file.header.get(ALIGNMENT_KEY)
    trouble = _alignment_trouble(entry) if entry else None
    if entry and trouble:
        yield _alignment_hit(file, entry, trouble, None)
    elif entry and file.header.alignment < DEFAULT_ALIGNMENT:
        trouble = f"is {file.header.alignment}, less than {DEFAULT_ALIGNMENT}"
        yield _alignment_hit(file, entry, trouble, Severity.MEDIUM)


@check("MDL111", "gguf-tensor-misaligned", on=GgufFile, severity=Severity.HIGH)
def gguf_tensor_misaligned(file: GgufFile) -> Iterator[Hit]:
    """A tensor of a GGUF file starts between two multiples of the alignment.

    ## What it does
    Divides each tensor's offset by the file's alignment.

    ## Why it matters
    docs/gguf.md requires it, llama.cpp refuses the file ("has offset … expected"), Ollama loads it
    and hands unaligned pointers to code that assumes aligned ones. HIGH, because only a tool that
    lies about sizes or alignment writes it.

    ## Example
    `tensor[1].offset` = 100 in a file of alignment 32.

    ## How to fix
    Convert the model again with a current converter; if it came this way, do not use it.
    """
    alignment = file.header.alignment
    yield from capped(
        _hit(file, tensor, f"starts at {tensor.offset}, no multiple of {alignment}", _CONVERT)
        for tensor in file.header.tensors
        if tensor.offset % alignment
    )


@check("MDL112", "gguf-tensor-overlap", on=GgufFile, severity=Severity.HIGH)
def gguf_tensor_overlap(file: GgufFile) -> Iterator[Hit]:
    """Two tensors of a GGUF file share bytes.

    ## What it does
    Sorts the tensors by offset and compares each with the one before it.

    ## Why it matters
    llama.cpp refuses such a file, Ollama takes it: two names for the same weights let a small file
    claim to be a large model, and let one tensor be judged while another is run. HIGH, because no
    converter writes it.

    ## Example
    Two tensors of 64 bytes at offsets 0 and 32.

    ## How to fix
    Convert the model again with a current converter; if it came this way, do not use it.
    """
    yield from capped(_overlaps(file))


@check("MDL113", "gguf-tensor-gap", on=GgufFile, severity=Severity.HIGH)
def gguf_tensor_gap(file: GgufFile) -> Iterator[Hit]:
    """A GGUF file has bytes between its tensors that belong to none, or tensors out of order.

    ## What it does
    Sorts the tensors by offset and asks each to start where the one before ends, rounded up to the
    alignment, the first at 0; and asks the list itself to be in this order.

    ## Why it matters
    llama.cpp refuses both since it computes the offsets itself ("has offset … expected"); Ollama
    takes them. Bytes that no tensor names are a place to carry something. HIGH, because no
    converter leaves one.

    ## Example
    A tensor of 64 bytes at offset 0, the next at 4,096.

    ## How to fix
    Convert the model again with a current converter; if it came this way, do not use it.
    """
    yield from capped(_gaps(file))


@check("MDL114", "gguf-tensor-out-of-bounds", on=GgufFile, severity=Severity.HIGH)
def gguf_tensor_out_of_bounds(file: GgufFile) -> Iterator[Hit]:
    """A tensor of a GGUF file ends after the file does.

    ## What it does
    Adds offset and size of each tensor, in integers that do not wrap, to where the data starts, and
    compares with the size of the file.

    ## Why it matters
    It is a download cut short or an attack: Ollama before 0.17.1 copied what lies behind the buffer
    into a new model, which could then be pushed out (CVE-2026-7482, "Bleeding Llama"); llama.cpp
    checked it for adapters only since #27056. HIGH, because it reads the memory of the host.

    ## Example
    A tensor of 1 GiB in a file of 4 KiB.

    ## How to fix
    Fetch the file again and compare its sha256 with the publisher's; if it is the same, do not use
    it.
    """
    yield from capped(
        _hit(
            file,
            tensor,
            f"ends at byte {_end(file, tensor)} of a file of {file.header.size}",
            _FETCH,
        )
        for tensor in file.header.tensors
        if _end(file, tensor) > file.header.size
    )


@check("MDL115", "gguf-trailing-bytes", on=GgufFile, severity=Severity.MEDIUM)
def gguf_trailing_bytes(file: GgufFile) -> Iterator[Hit]:
    """A GGUF file goes on after its last tensor.

    ## What it does
    Allows zeros up to the next multiple of the alignment. Reports more of them, other bytes, and
    names what the other bytes are.

    ## Why it matters
    Every loader ignores what comes after the last tensor, so it is a place to carry a payload that
    moves with the model through caches and mirrors. MEDIUM for bytes that say nothing, which a
    careless tool may leave; HIGH for an executable, archive, pickle, script or second model, which
    nobody leaves by accident.

    ## Example
    An ELF file appended to a model.

    ## How to fix
    Fetch the file again from its publisher; cutting it at its last tensor changes its digest.
    """
    extra = file.trailing
    padding = -file.header.data_end % file.header.alignment
    has_an_end = all(tensor.size is not None for tensor in file.header.tensors)
    if extra and has_an_end and extra.size > (padding if extra.is_zero else 0):
        what = "zeros" if extra.is_zero else f"{extra.kind.value} data"
        path = printable(file.path)
        yield Hit(
            message=f"'{path}' goes on for {extra.size} bytes after its tensors: {what}",
            location=Location(path=file.path, at=f"byte {file.header.data_end}"),
            hint=_FETCH,
            key=extra.kind.value,
            severity=Severity.HIGH if extra.kind in _HIDDEN else None,
        )


def _alignment_trouble(entry: KeyValue) -> str | None:
    value = entry.value
    if entry.type is not ValueType.UINT32 or not isinstance(value, int):
        return f"has type {entry.type.label}, not uint32"
    if value <= 0 or value & (value - 1):
        return f"is {value}, no power of two"
    if not MIN_ALIGNMENT <= value <= MAX_ALIGNMENT:
        return f"is {value}, not between {MIN_ALIGNMENT} and {MAX_ALIGNMENT}"
    return None


def _alignment_hit(file: GgufFile, entry: KeyValue, trouble: str, severity: Severity | None) -> Hit:
    return Hit(
        message=f"'{ALIGNMENT_KEY}' {trouble}",
        location=Location(path=file.path, at=f"{entry.at}.value"),
        hint=_CONVERT,
        key=ALIGNMENT_KEY,
        severity=severity,
    )


def _overlaps(file: GgufFile) -> Iterator[Hit]:
    furthest: TensorInfo | None = None
    for tensor in _by_offset(file):
        if furthest and tensor.size and tensor.offset < _span_end(furthest):
            name = printable(furthest.name, 80)
            yield _hit(file, tensor, f"shares bytes with '{name}' ({furthest.at})", _CONVERT)
        if tensor.size and (furthest is None or _span_end(tensor) > _span_end(furthest)):
            furthest = tensor


def _gaps(file: GgufFile) -> Iterator[Hit]:
    alignment = file.header.alignment
    end = 0
    for tensor in _by_offset(file):
        if tensor.offset > end + -end % alignment:
            what = f"starts at {tensor.offset}, {tensor.offset - end} bytes after what comes before"
            yield _hit(file, tensor, what, _CONVERT)
        end = max(end, _span_end(tensor))
    for before, tensor in pairwise(file.header.tensors):
        if tensor.offset < before.offset:
            what = f"starts before '{printable(before.name, 80)}', which is listed before it"
            yield _hit(file, tensor, what, _CONVERT)


def _by_offset(file: GgufFile) -> list[TensorInfo]:
    return sorted(file.header.tensors, key=lambda tensor: (tensor.offset, tensor.size or 0))


def _span_end(tensor: TensorInfo) -> int:
    return tensor.offset + (tensor.size or 0)


def _end(file: GgufFile, tensor: TensorInfo) -> int:
    return file.header.data_offset + _span_end(tensor)


def _hit(file: GgufFile, tensor: TensorInfo, what: str, hint: str) -> Hit:
    return Hit(
        message=f"tensor '{printable(tensor.name, 80)}' {what}",
        location=Location(path=file.path, at=f"{tensor.at}.offset"),
        hint=hint,
        key=tensor.name,
    )
