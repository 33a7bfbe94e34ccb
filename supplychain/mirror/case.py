"""What a pull knows of a model, as evidence that the checks judge."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from supplychain.access.environment import Environment
from supplychain.access.failures import AccessError, Hostile, NotFound, Unreachable
from supplychain.core.digest import Digest
from supplychain.core.evidence import Evidence, Gap, Producer
from supplychain.core.finding import Location
from supplychain.core.subject import Subject, SubjectKind
from supplychain.core.verdict import Verdict
from supplychain.formats.text import MalformedError
from supplychain.mirror.reference import ModelReference
from supplychain.mirror.snapshot import HubFacts
from supplychain.models import gguf, safetensors
from supplychain.models.evidence import GgufFile, MalformedModel, ModelFile, SafetensorsFile
from supplychain.models.sniff import CODE_KINDS, SNIFFED, FileKind, kind_of
from supplychain.models.source import (
    LockedModelCheck,
    MissingModel,
    ModelRules,
    ModelSource,
    RefusedModel,
    SourceFile,
)
from supplychain.models.trailing import Trailing
from supplychain.verify.discover import all_checks
from supplychain.verify.dossier import Dossier
from supplychain.verify.judge import judge

HUB_API = Producer(name="hub", version="huggingface api")
_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# Kinds that a name alone decides, and that no content could make harmless.
_REFUSED_BY_NAME = CODE_KINDS | {FileKind.PICKLE, FileKind.ONNX}
_UNDECIDED = frozenset({FileKind.EMPTY, FileKind.TEXT, FileKind.JSON, FileKind.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One model before its judge: what was asked for, and the clock, policy and tool of the run."""

    reference: ModelReference
    environment: Environment
    digest: Digest | None = None

    @property
    def subject(self) -> Subject:
        """The subject that all evidence is about."""
        ref = str(self.reference)
        return Subject(kind=SubjectKind.MODEL, ref=ref, path=ref, digest=self.digest)

    @property
    def location(self) -> Location:
        """The place of what concerns the model as a whole."""
        return Location(at=str(self.reference))

    def judged(self, pieces: Iterable[Evidence | Gap]) -> Verdict:
        """Return the verdict on evidence about the model."""
        environment = self.environment
        dossier = Dossier(self.subject, pieces)
        return judge(dossier, all_checks(), environment.policy, environment.now)

    def rules(self) -> ModelRules:
        """Return what the policy says of models."""
        policy = self.environment.policy
        return ModelRules(
            subject=self.subject,
            producer=self.environment.tool,
            observed_at=self.environment.now,
            digest=policy.digest,
            publishers=policy.models.publishers,
            licences=policy.models.licences,
            formats=policy.models.formats,
            max_size=policy.models.max_size,
            max_files=policy.models.max_files,
        )

    def source(self, revision: str, hub: HubFacts, files: Sequence[tuple[str, int]]) -> ModelSource:
        """Return what the hub says of a revision, of the files given by name and size."""
        return ModelSource(
            subject=self.subject,
            producer=HUB_API,
            observed_at=self.environment.now,
            repository=self.reference.repository,
            publisher=self.reference.publisher,
            revision=revision,
            licences=hub.licences,
            files=tuple(SourceFile(name=name, size=size) for name, size in files),
            scanned=hub.scanned,
            issues=hub.issues,
        )

    def failure(self, error: AccessError | OSError) -> Evidence | Gap:
        """Return what it is evidence of that a pull ended early."""
        if isinstance(error, Hostile):
            return RefusedModel(
                subject=self.subject,
                producer=HUB_API,
                observed_at=self.environment.now,
                reason=error.reason,
                location=self.location,
            )
        if isinstance(error, NotFound):
            return MissingModel(
                subject=self.subject,
                producer=HUB_API,
                observed_at=self.environment.now,
                reason=error.reason,
                location=self.location,
            )
        if isinstance(error, OSError):
            return self._store_gap(error)
        hint = error.hint if isinstance(error, Unreachable) else None
        retryable = isinstance(error, Unreachable) and error.retryable
        return self.gap("model-unreachable", error.reason, hint, retryable=retryable)

    def gap(
        self, gap_id: str, reason: str, hint: str | None = None, *, retryable: bool = False
    ) -> Gap:
        """Return that the model's files could not be had."""
        return Gap(
            id=gap_id,
            wanted=f"the files of '{self.reference}'",
            reason=reason,
            hint=hint,
            retryable=retryable,
            location=self.location,
        )

    def locked(self, locked: Digest, found: Digest) -> LockedModelCheck:
        """Return the model beside its entry in the lock."""
        return LockedModelCheck(
            subject=self.subject,
            producer=self.environment.tool,
            observed_at=self.environment.now,
            digest=found,
            locked=locked,
            found=found,
            location=self.location,
        )

    def named(self, names_and_sizes: Iterable[tuple[str, int]]) -> list[Evidence]:
        """Return the files whose names alone say what they are."""
        kinds = ((name, size, kind_of(b"", name)) for name, size in names_and_sizes)
        return [
            self._file(name, size, kind) for name, size, kind in kinds if kind in _REFUSED_BY_NAME
        ]

    def head(self, name: str, size: int, stream: BinaryIO) -> list[Evidence]:
        """Return what the first bytes of a file of ``size`` bytes say.

        Raises:
            HeaderIncompleteError: its header goes on after them.
            OSError: they cannot be read.
        """
        kind = kind_of(stream.read(SNIFFED), name)
        file = self._file(name, size, kind)
        suffix = name.lower().rpartition(".")[2]
        reader = FileKind(suffix) if kind in _UNDECIDED and suffix in _READ else kind
        try:
            if reader is FileKind.GGUF:
                return [file, self._gguf(name, stream, size)]
            if reader is FileKind.SAFETENSORS:
                return [file, self._safetensors(name, stream, size)]
        except MalformedError as error:
            return [file, self._malformed(name, error)]
        return [file]

    def _file(self, name: str, size: int, kind: FileKind) -> ModelFile:
        return ModelFile(
            subject=self.subject,
            producer=self.environment.tool,
            observed_at=self.environment.now,
            link=name,
            path=name,
            name=name,
            kind=kind,
            size=size,
        )

    def _gguf(self, name: str, stream: BinaryIO, size: int) -> GgufFile:
        header = gguf.read(stream, size=size)
        rest = max(size - header.data_end, 0)
        return GgufFile(
            subject=self.subject,
            producer=self.environment.tool,
            observed_at=self.environment.now,
            link=name,
            path=name,
            name=name,
            header=header,
            trailing=Trailing(size=rest, is_zero=True, kind=FileKind.EMPTY),
        )

    def _safetensors(self, name: str, stream: BinaryIO, size: int) -> SafetensorsFile:
        return SafetensorsFile(
            subject=self.subject,
            producer=self.environment.tool,
            observed_at=self.environment.now,
            link=name,
            path=name,
            name=name,
            header=safetensors.read(stream, size=size),
        )

    def _malformed(self, name: str, error: MalformedError) -> MalformedModel:
        return MalformedModel(
            subject=self.subject,
            producer=self.environment.tool,
            observed_at=self.environment.now,
            link=name,
            reason=error.reason,
            at=error.location(name),
        )

    def _store_gap(self, error: OSError) -> Gap:
        reason = f"the store cannot be written: {(error.strerror or str(error)).lower()}"
        if error.errno in _DISK_FULL:
            hint = "free some space, or name another folder with --store"
            return self.gap("store-full", reason, hint, retryable=True)
        return self.gap("store-unwritable", reason, "check the folder of the store")


_READ = frozenset({FileKind.GGUF.value, FileKind.SAFETENSORS.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotTree:
    """The files of a snapshot where they lie, in the store or in quarantine."""

    paths: Mapping[str, Path]

    def names(self) -> Sequence[str]:
        """Return the names of all files, sorted."""
        return sorted(self.paths)

    def path(self, name: str) -> str:
        """Return a file's name: where it lies means nothing to a reader of reports."""
        return name

    def open(self, name: str) -> BinaryIO:
        """Return a file's bytes.

        Raises:
            OSError: they cannot be read.
        """
        return self.paths[name].open("rb")
