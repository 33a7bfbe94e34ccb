"""Checks on the metadata of GGUF files (MDL)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from supplychain.core.check import check
from supplychain.core.finding import Hit, Location, Severity
from supplychain.formats.text import printable
from supplychain.models.evidence import GgufFile
from supplychain.models.gguf_header import (
    ArraySummary,
    Flaw,
    KeyValue,
    ModelKind,
    StringSummary,
)
from supplychain.models.gguf_tables import ValueType
from supplychain.models.hits import capped
from supplychain.models.names import flaw_of

USUAL_ENTRIES = 4096  # keys; real files have below 100
USUAL_STRING = 1024 * 1024  # bytes; the largest of 70 real chat templates has 16.7 kB
USUAL_ELEMENTS = 2 * 1024 * 1024  # of an array; the merges of Gemma 4 are 515,000
_NOT_AGAIN = "export the model again with a current converter, and do not use it if it is the same"
_KEY = re.compile(r"[a-z0-9_.-]+")
_ARCHITECTURE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_FLAWS = {
    Flaw.BOOL_BYTE: "holds a bool that is neither 0 nor 1",
    Flaw.NUL_BYTE: "holds a NUL byte",
    Flaw.NOT_UTF8: "is not UTF-8",
}


@check("MDL101", "gguf-key-name", on=GgufFile, severity=Severity.HIGH)
def gguf_key_name(file: GgufFile) -> Iterator[Hit]:
    r"""A metadata key of a GGUF file has a name that programs read differently.

    ## What it does
    Reports keys that are empty or hold a NUL byte, control characters, bytes that are not UTF-8 or
    characters that are not ASCII (docs/gguf.md asks for ASCII).

    ## Why it matters
    llama.cpp looks keys up with `strcmp`, so `general.alignment` followed by a NUL is the alignment
    to it and an unknown key to every other reader: the data section moves. An empty key ended its
    process before it was refused (llama.cpp #24884), and keys are printed raw, escape sequences
    included. HIGH, because a file that means two things is made, not broken.

    ## Example
    The key `general.alignment\x00x` with the value 64.

    ## How to fix
    Export the model again with a current converter; if it came this way, do not use it.
    """
    yield from capped(
        _hit(file, entry, "key", f"key '{printable(entry.key, 80)}' {flaw}")
        for entry in file.header.metadata
        if (flaw := flaw_of(entry.key))
    )


@check("MDL102", "gguf-key-spelling", on=GgufFile, severity=Severity.LOW)
def gguf_key_spelling(file: GgufFile) -> Iterator[Hit]:
    """A metadata key of a GGUF file is not spelt as the format asks.

    ## What it does
    Reports keys with upper-case letters, spaces or other signs than letters, digits, `.`, `_`, `-`.

    ## Why it matters
    docs/gguf.md asks for lower-case words joined by dots. A key that differs from a known one by
    its case looks like it to people and is ignored by programs. LOW, because some converters write
    them in good faith.

    ## Example
    `General.Architecture`

    ## How to fix
    Rename the key (`gguf_new_metadata.py` of the gguf package), or leave it.
    """
    yield from capped(
        _hit(file, entry, "key", f"key '{printable(entry.key, 80)}' is not in lower case")
        for entry in file.header.metadata
        if not flaw_of(entry.key) and not _KEY.fullmatch(entry.key)
    )


@check("MDL103", "gguf-value-bytes", on=GgufFile, severity=Severity.HIGH)
def gguf_value_bytes(file: GgufFile) -> Iterator[Hit]:
    """A metadata value of a GGUF file has bytes that its type does not allow.

    ## What it does
    Reports bools that are neither 0 nor 1, and strings with a NUL byte or that are not UTF-8. The
    strings in arrays, such as tokens, are not looked into.

    ## Why it matters
    llama.cpp takes every other byte as true, Python and Go readers differ; docs/gguf.md calls it
    invalid. C programs end a string at its NUL, so a template or a licence is one text to the
    reader who approves it and another to the one who uses it. HIGH, because it is a way to hide a
    text.

    ## Example
    `tokenizer.chat_template` with a NUL byte in its middle.

    ## How to fix
    Export the model again with a current converter; if it came this way, do not use it.
    """
    yield from capped(
        _hit(file, entry, "value", f"value of '{printable(entry.key, 80)}' {_FLAWS[entry.flaw]}")
        for entry in file.header.metadata
        if entry.flaw is not None
    )


@check("MDL104", "gguf-duplicate-key", on=GgufFile, severity=Severity.HIGH)
def gguf_duplicate_key(file: GgufFile) -> Iterator[Hit]:
    """A GGUF file has a metadata key twice.

    ## What it does
    Compares the keys of a file byte by byte.

    ## Why it matters
    llama.cpp refuses such a file (gguf.cpp, "duplicate key"), Ollama takes one of the two, others
    the other: what was reviewed is not what runs. HIGH, because no converter writes it.

    ## Example
    `kv[3].key` and `kv[9].key` are both `tokenizer.chat_template`.

    ## How to fix
    Export the model again with a current converter; if it came this way, do not use it.
    """
    yield from capped(_duplicates(file))


@check("MDL105", "gguf-metadata-size", on=GgufFile, severity=Severity.MEDIUM)
def gguf_metadata_size(file: GgufFile) -> Iterator[Hit]:
    """The metadata of a GGUF file is far larger than that of any known model.

    ## What it does
    Reports more than 4,096 keys, strings of more than 1 MiB and arrays of more than 2 Mi elements.

    ## Why it matters
    Every client copies the metadata into memory; Ollama stops at 16 MiB a string, llama.cpp at 1
    GiB (gguf.cpp, GGUF_MAX_STRING_LENGTH). CVE-2025-0315 is such an allocation. MEDIUM, because a
    larger vocabulary than today's is no attack.

    ## Example
    `general.description` with 40 MiB of text.

    ## How to fix
    Find out what the entry is for; remove it with `gguf_new_metadata.py` of the gguf package.
    """
    count = len(file.header.metadata)
    if count > USUAL_ENTRIES:
        yield Hit(
            message=f"'{printable(file.path)}' has {count} metadata keys",
            location=Location(path=file.path, at="header.metadata_kv_count"),
            hint="find out what they are for",
            key="count",
        )
    yield from capped(
        _hit(file, entry, "value", f"value of '{printable(entry.key, 80)}' has {size}")
        for entry in file.header.metadata
        if (size := _unusual_size(entry))
    )


@check("MDL106", "gguf-architecture", on=GgufFile, severity=Severity.HIGH)
def gguf_architecture(file: GgufFile) -> Iterator[Hit]:
    """A GGUF file does not say for which architecture it is.

    ## What it does
    Asks for `general.architecture`, a string of lower-case letters, digits, `.`, `_` and `-`. An
    importance matrix and the second and later files of a split model need none.

    ## Why it matters
    docs/gguf.md requires it, and every other key is found by it: without it llama.cpp cannot load
    the file and no check can say which keys are missing. HIGH, because such a file is of no use to
    anybody but its author.

    ## Example
    A file whose first key is `general.name`, and none is `general.architecture`.

    ## How to fix
    Export the model again with a current converter.
    """
    header = file.header
    entry = header.get("general.architecture")
    is_later_split = header.split_count > 1 and bool(header.integer("split.no"))
    is_exempt = header.model_kind is ModelKind.IMATRIX or is_later_split
    if entry is None and not is_exempt:
        yield Hit(
            message=f"'{printable(file.path)}' has no 'general.architecture'",
            location=Location(path=file.path, at="header"),
            hint=_NOT_AGAIN,
            key="missing",
        )
    if entry is not None and not _is_architecture(entry):
        yield _hit(file, entry, "value", "'general.architecture' is no name of an architecture")


def _is_architecture(entry: KeyValue) -> bool:
    is_text = entry.type is ValueType.STRING and isinstance(entry.value, str)
    return is_text and bool(_ARCHITECTURE.fullmatch(str(entry.value)))


def _duplicates(file: GgufFile) -> Iterator[Hit]:
    first: dict[str, KeyValue] = {}
    for entry in file.header.metadata:
        earlier = first.setdefault(entry.key, entry)
        if earlier is not entry:
            what = f"key '{printable(entry.key, 80)}' stands at {earlier.at} already"
            yield _hit(file, entry, "key", what)


def _unusual_size(entry: KeyValue) -> str | None:
    value = entry.value
    if isinstance(value, StringSummary) and value.length > USUAL_STRING:
        return f"{value.length} bytes"
    if isinstance(value, ArraySummary) and value.count > USUAL_ELEMENTS:
        return f"{value.count} elements"
    return None


def _hit(file: GgufFile, entry: KeyValue, part: str, message: str) -> Hit:
    return Hit(
        message=message,
        location=Location(path=file.path, at=f"{entry.at}.{part}"),
        hint=_NOT_AGAIN,
        key=entry.key,
    )
