"""Evidence of the models stage."""

from __future__ import annotations

from dataclasses import dataclass

from supplychain.core.evidence import Evidence, MalformedFile
from supplychain.models.gguf_header import GgufHeader
from supplychain.models.safetensors import SafetensorsHeader
from supplychain.models.shard_index import ShardIndex
from supplychain.models.sniff import FileKind
from supplychain.models.trailing import Trailing


@dataclass(frozen=True, slots=True, kw_only=True)
class MalformedModel(MalformedFile):
    """A file of a model that its format's reader had to give up on, or a model beyond a limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile(Evidence):
    """One file of a model: ``path`` as reports name it, ``name`` within the model, bytes.

    ``opens_as_zip`` says that an archive reader would find its directory at the end of the file,
    whatever the first bytes are; ``remote_code`` are the keys of a configuration that name code.
    """

    path: str
    name: str
    kind: FileKind
    size: int
    opens_as_zip: bool = False
    remote_code: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufFile(Evidence):
    """A GGUF file whose header could be read.

    ``trailing`` is what follows its last tensor, ``None`` where only its first bytes are here.
    """

    path: str
    name: str
    header: GgufHeader
    trailing: Trailing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetensorsFile(Evidence):
    """A safetensors file whose header could be read."""

    path: str
    name: str
    header: SafetensorsHeader


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardIndexFile(Evidence):
    """The index of a sharded safetensors model."""

    path: str
    name: str
    index: ShardIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSnapshot(Evidence):
    """All files of one model, sorted by name, and what could be read of them."""

    files: tuple[ModelFile, ...]
    ggufs: tuple[GgufFile, ...] = ()
    safetensors: tuple[SafetensorsFile, ...] = ()
    indexes: tuple[ShardIndexFile, ...] = ()
