"""Checks on safetensors models that are sharded over several files (MDL)."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator

from supplychain.core.check import check
from supplychain.core.finding import Hit, Location, Severity
from supplychain.formats.text import printable
from supplychain.models.evidence import ModelSnapshot, SafetensorsFile, ShardIndexFile
from supplychain.models.hits import capped
from supplychain.models.names import flaw_of
from supplychain.models.split_names import lacking_of, missing_of, sets_of

_SHOWN = 5  # missing files that a message names
_ALL_FILES = "fetch all files of the model and give their folder"
_FROM_ONE = "fetch index and shards again from one revision"


@check("MDL210", "shard-index-path", on=ShardIndexFile, severity=Severity.HIGH)
def shard_index_path(file: ShardIndexFile) -> Iterator[Hit]:
    """The index of a sharded model names a file outside its folder, or none of its kind.

    ## What it does
    Asks every value of `weight_map` to be a plain name that ends in `.safetensors`: no slash, no
    backslash, no `..`, no drive, no control character.

    ## Why it matters
    transformers joins the name to the folder without looking at it (utils/hub.py,
    `get_checkpoint_shard_files`), so an index can make a client read, or a mirror write, elsewhere;
    a shard that is no safetensors file is unpickled. HIGH, because no library writes one.

    ## Example
    `"lm_head.weight": "../../etc/model.safetensors"`

    ## How to fix
    Do not use the model; if it is your own, save it again with `save_pretrained`.
    """
    yield from capped(
        Hit(
            message=f"index names '{printable(name, 120)}', which {flaw}",
            location=Location(path=file.path, at="weight_map"),
            hint="do not use the model",
            key=name,
        )
        for name in file.index.files
        if (flaw := _path_flaw(name))
    )


@check("MDL211", "shard-missing", on=ModelSnapshot, severity=Severity.HIGH)
def shard_missing(snapshot: ModelSnapshot) -> Iterator[Hit]:
    """A sharded safetensors model is not complete.

    ## What it does
    Looks for every file that an index names, and for every file of a numbered set
    (`model-00001-of-00003.safetensors`).

    ## Why it matters
    Clients fetch what is missing from the network or leave those weights random; and a judgement on
    a part says nothing about the file that is added to it later. HIGH, because what was not seen
    was not judged.

    ## Example
    `model-00001-of-00003.safetensors` alone.

    ## How to fix
    Fetch the other files of the model and judge the folder.
    """
    yield from capped(_missing(snapshot))


@check("MDL212", "shard-index-mismatch", on=ModelSnapshot, severity=Severity.HIGH)
def shard_index_mismatch(snapshot: ModelSnapshot) -> Iterator[Hit]:
    """The index of a sharded model and its shards disagree.

    ## What it does
    Asks every tensor that an index names to be in the shard it names, and every tensor of these
    shards to be in the index.

    ## Why it matters
    Clients that follow the index and clients that read all shards load different weights. HIGH,
    because index and shards are written together and disagree only when one was replaced.

    ## Example
    The index says that `lm_head.weight` is in `model-00002-of-00002.safetensors`; it is in the
    first.

    ## How to fix
    Fetch index and shards again from one revision.
    """
    yield from capped(_disagreements(snapshot))


def _path_flaw(name: str) -> str | None:
    flaw = flaw_of(name)
    if flaw:
        return flaw
    if any(sign in name for sign in "/\\:") or name.startswith("."):
        return "is no plain name"
    if not name.endswith(".safetensors"):
        return "is no safetensors file"
    return None


def _missing(snapshot: ModelSnapshot) -> Iterator[Hit]:
    names = [file.name for file in snapshot.files]
    present = frozenset(names)
    paths = {file.name: file.path for file in snapshot.files}
    for index in snapshot.indexes:
        folder = posixpath.dirname(index.name)
        absent = [name for name in index.index.files if posixpath.join(folder, name) not in present]
        if absent:
            yield _missing_hit(index.path, len(index.index.files), len(absent), absent[:_SHOWN])
    for first, numbers in sets_of(names, "safetensors").items():
        missing = missing_of(first, numbers, _SHOWN)
        if missing and not _is_indexed(snapshot, missing[0]):
            path = paths[first.sibling(min(numbers))]
            yield _missing_hit(path, first.count, lacking_of(first, numbers), missing)


def _is_indexed(snapshot: ModelSnapshot, name: str) -> bool:
    """Say whether an index names this file, so that its absence is reported there."""
    folder, base = posixpath.split(name)
    return any(
        posixpath.dirname(index.name) == folder and base in index.index.files
        for index in snapshot.indexes
    )


def _missing_hit(path: str, count: int, lacking: int, missing: list[str]) -> Hit:
    shown = ", ".join(f"'{printable(name, 120)}'" for name in missing)
    return Hit(
        message=f"'{printable(path)}' is of a model of {count} files, {lacking} missing: {shown}",
        location=Location(path=path),
        hint=_ALL_FILES,
        key="missing",
    )


def _disagreements(snapshot: ModelSnapshot) -> Iterator[Hit]:
    shards = {shard.name: shard for shard in snapshot.safetensors}
    for index in snapshot.indexes:
        folder = posixpath.dirname(index.name)
        wanted: defaultdict[str, set[str]] = defaultdict(set)
        for tensor, file in index.index.weight_map:
            wanted[file].add(tensor)
        for file in index.index.files:
            shard = shards.get(posixpath.join(folder, file))
            if shard:
                yield from _disagreement(index, shard, wanted[file])


def _disagreement(index: ShardIndexFile, shard: SafetensorsFile, wanted: set[str]) -> Iterator[Hit]:
    held = {tensor.name for tensor in shard.header.tensors}
    for names, what in (
        (wanted - held, "which the index looks for there, is not in"),
        (held - wanted, "which the index does not look for there, is in"),
    ):
        for name in sorted(names):
            yield Hit(
                message=f"tensor '{printable(name, 80)}', {what} '{printable(shard.path)}'",
                location=Location(path=index.path, at="weight_map"),
                hint=_FROM_ONE,
                key=f"{shard.name} {name}",
            )
