"""Checks on GGUF models that are split over several files (MDL)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from supplychain.core.check import check
from supplychain.core.finding import Hit, Location, Severity
from supplychain.formats.text import printable
from supplychain.models.evidence import GgufFile, ModelSnapshot
from supplychain.models.gguf_header import ModelKind
from supplychain.models.gguf_tables import ValueType
from supplychain.models.hits import capped
from supplychain.models.split_names import SplitName, lacking_of, missing_of, sets_of

SPLIT_KEYS = {  # and the types llama.cpp's gguf-split writes and its loader asks for
    "split.no": ValueType.UINT16,
    "split.count": ValueType.UINT16,
    "split.tensors.count": ValueType.INT32,
}
_SHOWN = 5  # missing files that a message names
_ALL_FILES = "fetch all files of the set and give their folder"
_SPLIT_AGAIN = "fetch the set again, or split the model again with `llama-gguf-split`"


@check("MDL130", "gguf-split-incomplete", on=ModelSnapshot, severity=Severity.HIGH)
def gguf_split_incomplete(snapshot: ModelSnapshot) -> Iterator[Hit]:
    """A GGUF model is split over several files and not all of them are here.

    ## What it does
    Takes the count from the names (`NAME-00001-of-00003.gguf`) and from `split.count`, and looks
    for every file of the set.

    ## Why it matters
    A part of a model cannot be run, and a judgement on a part says nothing about the file that is
    added to it later. HIGH, because what was not seen was not judged.

    ## Example
    `model-00002-of-00003.gguf` alone.

    ## How to fix
    Fetch the other files of the set and judge the folder.
    """
    yield from capped(_incomplete(snapshot))


@check("MDL131", "gguf-split-mismatch", on=ModelSnapshot, severity=Severity.HIGH)
def gguf_split_mismatch(snapshot: ModelSnapshot) -> Iterator[Hit]:
    """The files of a split GGUF model contradict each other.

    ## What it does
    Compares number and count in each name with `split.no` and `split.count`, the types of these
    keys, the sum of all tensors with `split.tensors.count`, and looks for a tensor in two files.

    ## Why it matters
    llama.cpp finds the other files by the first one's name and believes the keys in them; it does
    not compare counts between files, and a wrong type of `split.no` ends its process. HIGH, because
    a set that contradicts itself has been put together from several.

    ## Example
    `model-00002-of-00002.gguf` with `split.no` = 0.

    ## How to fix
    Fetch the set again from one revision, or split the model again with `llama-gguf-split`.
    """
    for members in _sets(snapshot).values():
        yield from capped(_contradictions(members))


def _incomplete(snapshot: ModelSnapshot) -> Iterator[Hit]:
    names = [file.name for file in snapshot.files]
    paths = {file.name: file.path for file in snapshot.files}
    for first, numbers in sets_of(names, "gguf").items():
        missing = missing_of(first, numbers, _SHOWN)
        if missing:
            path = paths[first.sibling(min(numbers))]
            shown = ", ".join(f"'{printable(name)}'" for name in missing)
            lacking = lacking_of(first, numbers)
            yield _hit(
                path, f"is one of {first.count} files, {lacking} missing: {shown}", _ALL_FILES
            )
    for gguf in snapshot.ggufs:
        if gguf.header.split_count > 1 and SplitName.parse(gguf.name) is None:
            count = gguf.header.split_count
            what = f"is one of {count} files, and its name does not lead to the others"
            yield _hit(gguf.path, what, "give the file the name it was published under")


def _sets(snapshot: ModelSnapshot) -> dict[SplitName, list[tuple[SplitName, GgufFile]]]:
    sets: defaultdict[SplitName, list[tuple[SplitName, GgufFile]]] = defaultdict(list)
    for gguf in snapshot.ggufs:
        split = SplitName.parse(gguf.name)
        if split and split.suffix == "gguf":
            sets[SplitName(split.prefix, 1, split.count, "gguf")].append((split, gguf))
    return {first: sorted(sets[first], key=lambda member: member[0]) for first in sorted(sets)}


def _contradictions(members: Sequence[tuple[SplitName, GgufFile]]) -> Iterator[Hit]:
    for split, gguf in members:
        yield from _own_contradictions(split, gguf)
    yield from _tensor_contradictions(members)


def _own_contradictions(split: SplitName, gguf: GgufFile) -> Iterator[Hit]:
    header = gguf.header
    for key, wanted in SPLIT_KEYS.items():
        entry = header.get(key)
        if entry and entry.type is not wanted:
            what = f"has '{key}' as {entry.type.label}, not {wanted.label}"
            yield _hit(gguf.path, what, _SPLIT_AGAIN, entry.at)
    stated = header.integer("split.no"), header.integer("split.count")
    named = split.number - 1, split.count
    if stated != named and (split.count > 1 or header.model_kind is ModelKind.SPLIT):
        what = f"is file {split.number} of {split.count} by its name"
        shown = ["missing" if value is None else str(value) for value in stated]
        what = f"{what}; its split.no is {shown[0]}, its split.count {shown[1]}"
        yield _hit(gguf.path, what, _SPLIT_AGAIN)


def _tensor_contradictions(members: Sequence[tuple[SplitName, GgufFile]]) -> Iterator[Hit]:
    owners: dict[str, str] = {}
    for _, gguf in members:
        for tensor in gguf.header.tensors:
            owner = owners.setdefault(tensor.name, gguf.path)
            if owner != gguf.path:
                name = printable(tensor.name, 80)
                what = f"has tensor '{name}', which '{printable(owner)}' has too"
                yield _hit(gguf.path, what, _SPLIT_AGAIN, tensor.at)
    count = sum(len(gguf.header.tensors) for _, gguf in members)
    is_complete = len(members) == members[0][0].count
    for _, gguf in members:
        stated = gguf.header.integer("split.tensors.count")
        if is_complete and stated is not None and stated != count:
            what = f"says that the set has {stated} tensors, where {count} are there"
            yield _hit(gguf.path, what, _SPLIT_AGAIN)


def _hit(path: str, what: str, hint: str, at: str | None = None) -> Hit:
    return Hit(
        message=f"'{printable(path)}' {what}",
        location=Location(path=path, at=at),
        hint=hint,
        key=what,
    )
