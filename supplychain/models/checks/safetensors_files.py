"""Checks on safetensors files (MDL). Rules are those of safetensors 0.8.0, tensor.rs."""

from __future__ import annotations

from collections.abc import Iterator

from supplychain.core.check import check
from supplychain.core.finding import Hit, Location, Severity
from supplychain.formats.text import printable
from supplychain.models.evidence import SafetensorsFile
from supplychain.models.hits import capped
from supplychain.models.names import flaw_of
from supplychain.models.safetensors import DTYPE_BITS, SafetensorsTensor

MAX_UNSIGNED = 2**64 - 1  # bits of a tensor; tensor.rs counts in a usize and refuses what wraps
_CONVERT = "save the model again with the safetensors library; do not use it if it came this way"
_FETCH = "fetch the file again, and do not use it if it is the same"


@check("MDL201", "safetensors-layout", on=SafetensorsFile, severity=Severity.HIGH)
def safetensors_layout(file: SafetensorsFile) -> Iterator[Hit]:
    """The tensors of a safetensors file overlap or leave holes.

    ## What it does
    Sorts the tensors by offset and asks each to begin where the one before ends, the first at 0.

    ## Why it matters
    The format forbids both so that a file cannot carry anything but its tensors (README, "Format");
    the library refuses them, smaller readers in other languages do not. HIGH, because a hole is a
    place to carry something and no library leaves one.

    ## Example
    Two tensors with `data_offsets` [0, 16] and [8, 24].

    ## How to fix
    Save the model again with the safetensors library; if it came this way, do not use it.
    """
    yield from capped(_layout(file))


@check("MDL202", "safetensors-size", on=SafetensorsFile, severity=Severity.HIGH)
def safetensors_size(file: SafetensorsFile) -> Iterator[Hit]:
    """A safetensors file does not end where its last tensor does.

    ## What it does
    Compares the largest `data_offsets` with the bytes that follow the header.

    ## Why it matters
    A shorter file is a download cut short, or a claim on memory behind a buffer; a longer one
    carries what no tensor names. The library refuses both ("MetadataIncompleteBuffer"). HIGH,
    because nothing after the last tensor is a model's.

    ## Example
    A last tensor that ends at 4,096 where 4,000 bytes follow the header.

    ## How to fix
    Fetch the file again and compare its sha256 with the publisher's; if it is the same, do not use
    it.
    """
    end = max((tensor.end for tensor in file.header.tensors), default=0)
    if end != file.header.data_size:
        have = file.header.data_size
        yield Hit(
            message=f"'{printable(file.path)}' has {have} bytes of data, its tensors need {end}",
            location=Location(path=file.path, at="header"),
            hint=_FETCH,
            key="size",
        )


@check("MDL203", "safetensors-tensor", on=SafetensorsFile, severity=Severity.HIGH)
def safetensors_tensor(file: SafetensorsFile) -> Iterator[Hit]:
    """A tensor of a safetensors file has a type or a shape that does not fit its bytes.

    ## What it does
    Looks each type up in the library's table and compares elements times bits with `data_offsets`,
    in integers that do not wrap.

    ## Why it matters
    A reader that trusts the shape reads past the tensor, one that trusts the offsets gets another
    shape; products that wrap did that in C readers. The library refuses it ("TensorInvalidInfo").
    HIGH, because no library writes it.

    ## Example
    `{"dtype": "F32", "shape": [4], "data_offsets": [0, 8]}`

    ## How to fix
    Save the model again with the safetensors library. If the type is newer than this tool, update
    it.
    """
    yield from capped(
        _hit(file, tensor, trouble, _CONVERT)
        for tensor in file.header.tensors
        if (trouble := _tensor_trouble(tensor))
    )


@check("MDL204", "safetensors-duplicate-name", on=SafetensorsFile, severity=Severity.HIGH)
def safetensors_duplicate_name(file: SafetensorsFile) -> Iterator[Hit]:
    r"""A safetensors header has a name twice.

    ## What it does
    Compares the names of all tensors, and of all entries of `__metadata__`, after JSON's escapes.

    ## Why it matters
    The format forbids it. JSON readers differ in which of two they take, so what was reviewed is
    not what runs. HIGH, because no library writes it.

    ## Example
    `{"a": {"dtype": "F32", …}, "\u0061": {"dtype": "I8", …}}`

    ## How to fix
    Save the model again with the safetensors library; if it came this way, do not use it.
    """
    yield from capped(_duplicates(file))


@check("MDL205", "safetensors-name", on=SafetensorsFile, severity=Severity.HIGH)
def safetensors_name(file: SafetensorsFile) -> Iterator[Hit]:
    r"""A tensor of a safetensors file has a name that programs read differently.

    ## What it does
    Reports names that are empty or hold a NUL byte, control characters, lone surrogates or
    characters that are not ASCII.

    ## Why it matters
    C programs end a name at its NUL, terminals obey control characters, and a letter of another
    script makes two names that look like one. HIGH, because names come from code, which has none of
    these.

    ## Example
    `"lm_head.weight\u0000x"`

    ## How to fix
    Save the model again with plain names; if it came this way, do not use it.
    """
    yield from capped(
        _hit(file, tensor, f"has a name that {flaw}", _CONVERT)
        for tensor in file.header.tensors
        if (flaw := flaw_of(tensor.name))
    )


def _layout(file: SafetensorsFile) -> Iterator[Hit]:
    end = 0
    for tensor in sorted(file.header.tensors, key=lambda one: (one.begin, one.end)):
        if tensor.end < tensor.begin:
            yield _hit(file, tensor, f"ends at {tensor.end}, before its {tensor.begin}", _CONVERT)
        elif tensor.begin < end:
            what = f"begins at {tensor.begin}, {end - tensor.begin} bytes inside what comes before"
            yield _hit(file, tensor, what, _CONVERT)
        elif tensor.begin > end:
            what = f"begins at {tensor.begin}, {tensor.begin - end} bytes after what comes before"
            yield _hit(file, tensor, what, _CONVERT)
        end = max(end, tensor.end)


def _tensor_trouble(tensor: SafetensorsTensor) -> str | None:
    bits = DTYPE_BITS.get(tensor.dtype)
    if bits is None:
        return f"has type '{printable(tensor.dtype, 40)}', which does not exist"
    needed = tensor.elements * bits
    if needed > MAX_UNSIGNED:
        return "has more than 2^64 - 1 bits"
    if needed != (tensor.end - tensor.begin) * 8:
        return f"needs {needed} bits for its shape and has {tensor.end - tensor.begin} bytes"
    return None


def _duplicates(file: SafetensorsFile) -> Iterator[Hit]:
    seen: set[str] = set()
    for tensor in file.header.tensors:
        if tensor.name in seen:
            yield _hit(file, tensor, "stands in the header twice", _CONVERT)
        seen.add(tensor.name)
    keys: set[str] = set()
    for key, _ in file.header.metadata:
        if key in keys:
            yield Hit(
                message=f"entry '{printable(key, 80)}' of '__metadata__' stands there twice",
                location=Location(path=file.path, at=f"__metadata__.{printable(key, 80)}"),
                hint=_CONVERT,
                key=f"__metadata__ {key}",
            )
        keys.add(key)


def _hit(file: SafetensorsFile, tensor: SafetensorsTensor, what: str, hint: str) -> Hit:
    return Hit(
        message=f"tensor '{printable(tensor.name, 80)}' {what}",
        location=Location(path=file.path, at=printable(tensor.name, 80)),
        hint=hint,
        key=tensor.name,
    )
