"""The names of the files of a model that is split over several.

GGUF: llama.cpp, src/llama.cpp ``llama_split_path``, ``PREFIX-%05d-of-%05d.gguf``, counted from 1;
safetensors: huggingface_hub, serialization/_base.py, the same pattern with its own suffix.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

_SPLIT = re.compile(r"(?P<prefix>.+)-(?P<number>[0-9]{5})-of-(?P<count>[0-9]{5})\.(?P<suffix>\w+)")


@dataclass(frozen=True, slots=True, order=True)
class SplitName:
    """One name of a set: file ``number`` of ``count``, counted from 1."""

    prefix: str
    number: int
    count: int
    suffix: str

    @classmethod
    def parse(cls, name: str) -> SplitName | None:
        """Read a name, folders included, ``None`` where it is none of a set."""
        match = _SPLIT.fullmatch(name)
        if not match:
            return None
        return cls(match["prefix"], int(match["number"]), int(match["count"]), match["suffix"])

    def sibling(self, number: int) -> str:
        """Return the name of another file of the same set."""
        return f"{self.prefix}-{number:05d}-of-{self.count:05d}.{self.suffix}"


def sets_of(names: Iterable[str], suffix: str) -> Mapping[SplitName, frozenset[int]]:
    """Return the numbers that are there of each set, by the name of its first file."""
    found: defaultdict[SplitName, set[int]] = defaultdict(set)
    for name in names:
        split = SplitName.parse(name)
        if split and split.suffix == suffix:
            found[SplitName(split.prefix, 1, split.count, suffix)].add(split.number)
    return {first: frozenset(numbers) for first, numbers in sorted(found.items())}


def missing_of(first: SplitName, numbers: frozenset[int], most: int) -> list[str]:
    """Return the names that a set lacks, at most ``most``."""
    missing = (number for number in range(1, first.count + 1) if number not in numbers)
    return [first.sibling(number) for number in islice(missing, most)]


def lacking_of(first: SplitName, numbers: frozenset[int]) -> int:
    """Return how many files a set lacks."""
    return first.count - sum(1 <= number <= first.count for number in numbers)
