"""Paths to local models: a folder is one snapshot, files of one split set are one model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from supplychain.access.model_files import ModelFiles
from supplychain.core.subject import Subject, SubjectKind
from supplychain.models.split_names import SplitName


def local_models(paths: Sequence[Path]) -> Iterator[tuple[Subject, ModelFiles]]:
    """Yield the models that ``paths`` name, each with its files.

    A set of shards is named after its first file that was given.
    """
    sets: dict[tuple[Path, str], list[Path]] = defaultdict(list)
    for path in dict.fromkeys(paths):
        if path.is_dir():
            yield _subject(path), ModelFiles.below(path)
            continue
        split = SplitName.parse(path.name)
        whole = f"{split.prefix}-{split.count}.{split.suffix}" if split else path.name
        sets[path.parent, whole].append(path)
    for shards in sets.values():
        yield _subject(min(shards)), ModelFiles.of(shards)


def _subject(path: Path) -> Subject:
    return Subject(kind=SubjectKind.MODEL, ref=path.as_posix(), path=path.as_posix())
