"""Checks on what each tensor of a GGUF file says of itself (MDL)."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from supplychain.core.check import check
from supplychain.core.finding import Hit, Location, Severity
from supplychain.formats.text import printable
from supplychain.models.evidence import GgufFile
from supplychain.models.gguf_header import TensorInfo
from supplychain.models.gguf_tables import MAX_TENSOR_NAME, REMOVED_TENSOR_TYPES, TENSOR_TYPES
from supplychain.models.hits import capped
from supplychain.models.names import flaw_of

MAX_SIGNED = 2**63 - 1  # ggml counts elements and bytes of a tensor in an int64_t
_NOT_AGAIN = "convert the model again with a current converter; do not use it if it came this way"


@check("MDL120", "gguf-tensor-name", on=GgufFile, severity=Severity.HIGH)
def gguf_tensor_name(file: GgufFile) -> Iterator[Hit]:
    """A tensor of a GGUF file has a name that programs read differently.

    ## What it does
    Reports names that are empty, longer than 63 bytes, or hold a NUL byte, control characters,
    bytes that are not UTF-8 or characters that are not ASCII.

    ## Why it matters
    ggml keeps a name in 64 bytes with its NUL (GGML_MAX_NAME): longer names were cut, so that two
    tensors became one, and are refused today. Ollama takes them. HIGH, because a file that means
    two things is made, not broken.

    ## Example
    A tensor called `output.weight` followed by a NUL byte and other text.

    ## How to fix
    Convert the model again with a current converter; if it came this way, do not use it.
    """
    yield from capped(
        _hit(file, tensor, "name", f"tensor '{_shown(tensor)}' has a name that {flaw}")
        for tensor in file.header.tensors
        if (flaw := _name_flaw(tensor.name))
    )


@check("MDL121", "gguf-duplicate-tensor", on=GgufFile, severity=Severity.HIGH)
def gguf_duplicate_tensor(file: GgufFile) -> Iterator[Hit]:
    """A GGUF file has two tensors of one name.

    ## What it does
    Compares the names of all tensors byte by byte.

    ## Why it matters
    llama.cpp refuses such a file (gguf.cpp, "duplicate tensor name"), Ollama takes it: which
    weights run depends on the program. HIGH, because no converter writes it.

    ## Example
    `tensor[2]` and `tensor[7]` are both `blk.0.attn_q.weight`.

    ## How to fix
    Convert the model again with a current converter; if it came this way, do not use it.
    """
    yield from capped(_duplicates(file))


@check("MDL122", "gguf-tensor-shape", on=GgufFile, severity=Severity.HIGH)
def gguf_tensor_shape(file: GgufFile) -> Iterator[Hit]:
    """A tensor of a GGUF file has a shape that no program can hold.

    ## What it does
    Multiplies dimensions and bytes in integers that do not wrap and reports what passes 2^63 - 1,
    and rows that are no multiple of the type's block. Tensors without dimensions or without
    elements are a warning.

    ## Why it matters
    The products wrap in C: CVE-2024-21802 (dimensions), CVE-2025-53630 and CVE-2026-27940 (sums of
    sizes), CVE-2026-33298 (`ggml_nbytes` of [1024, 1024, 2^42]); a small buffer is then written
    with many bytes. HIGH, because writing past a buffer runs code. llama.cpp allows empty tensors,
    so those are MEDIUM.

    ## Example
    An F32 tensor of [1024, 1024, 4398046511105].

    ## How to fix
    Convert the model again with a current converter; if it came this way, do not use it.
    """
    yield from capped(_shapes(file))


@check("MDL123", "gguf-tensor-type", on=GgufFile, severity=Severity.HIGH)
def gguf_tensor_type(file: GgufFile) -> Iterator[Hit]:
    """A tensor of a GGUF file has a type that does not exist.

    ## What it does
    Looks each tensor's type up in ggml's table (43 ids, 8 of them removed).

    ## Why it matters
    The id indexes a table in C; before llama.cpp #19856 a number beyond it read other memory
    (`ggml_blck_size`). Its size is unknown, so nothing says where the next tensor starts. HIGH,
    because neither this gate nor a loader can tell what the bytes are.

    ## Example
    A tensor of type 4294967295, or of type 4 (Q4_2), which was removed in 2023.

    ## How to fix
    Convert the model again with a current converter. If the type is newer than this tool, update
    it.
    """
    yield from capped(
        _hit(file, tensor, "type", f"tensor '{_shown(tensor)}' has {_type_trouble(tensor)}")
        for tensor in file.header.tensors
        if tensor.ggml_type not in TENSOR_TYPES
    )


def _name_flaw(name: str) -> str | None:
    flaw = flaw_of(name)
    if flaw is None and len(name) > MAX_TENSOR_NAME:
        return f"has {len(name)} bytes, more than {MAX_TENSOR_NAME}"
    return flaw


def _duplicates(file: GgufFile) -> Iterator[Hit]:
    first: dict[str, TensorInfo] = {}
    for tensor in file.header.tensors:
        earlier = first.setdefault(tensor.name, tensor)
        if earlier is not tensor:
            what = f"tensor '{_shown(tensor)}' stands at {earlier.at} already"
            yield _hit(file, tensor, "name", what)


def _shapes(file: GgufFile) -> Iterator[Hit]:
    for tensor in file.header.tensors:
        known = TENSOR_TYPES.get(tensor.ggml_type)
        name = f"tensor '{_shown(tensor)}'"
        # C multiplies in order and wraps before it meets a zero, so zeros are left out.
        elements = prod(extent or 1 for extent in tensor.dimensions)
        if max(elements, tensor.size or 0) > MAX_SIGNED:
            yield _hit(
                file, tensor, "dimensions", f"{name} has more elements or bytes than 2^63 - 1"
            )
        elif known and tensor.size is None:
            what = f"{name} has rows of {tensor.dimensions[0] if tensor.dimensions else 1} elements"
            what = f"{what}, no multiple of the {known.block} of a {known.name} block"
            yield _hit(file, tensor, "dimensions", what)
        elif not tensor.dimensions or not tensor.elements:
            missing = "elements" if tensor.dimensions else "dimensions"
            yield _hit(
                file, tensor, "dimensions", f"{name} has no {missing}", severity=Severity.MEDIUM
            )


def _type_trouble(tensor: TensorInfo) -> str:
    removed = REMOVED_TENSOR_TYPES.get(tensor.ggml_type)
    if removed:
        return f"type {tensor.ggml_type} ({removed}), which was removed from ggml"
    return f"type {tensor.ggml_type}, which does not exist"


def _shown(tensor: TensorInfo) -> str:
    return printable(tensor.name, 80)


def _hit(
    file: GgufFile, tensor: TensorInfo, part: str, message: str, severity: Severity | None = None
) -> Hit:
    return Hit(
        message=message,
        location=Location(path=file.path, at=f"{tensor.at}.{part}"),
        hint=_NOT_AGAIN,
        key=tensor.name,
        severity=severity,
    )
