"""Evidence about where models come from, made for fixtures."""

from __future__ import annotations

from supplychain.core.finding import Location
from supplychain.core.subject import Subject, SubjectKind
from supplychain.models.source import (
    MissingModel,
    ModelRules,
    ModelSource,
    RefusedModel,
    SourceFile,
    StoredBlob,
)
from tests.checks.image_evidence import MAKER, NOW

REFERENCE = "hf.co/example/tiny"
MODEL = Subject(kind=SubjectKind.MODEL, ref=REFERENCE, path=REFERENCE)
FILES = (("config.json", 20), ("model.safetensors", 1000))


def source(
    files: tuple[tuple[str, int], ...] = FILES,
    *,
    publisher: str = "example",
    licences: tuple[str, ...] = ("apache-2.0",),
    scanned: bool | None = True,
    issues: tuple[tuple[str, str], ...] = (),
) -> ModelSource:
    """Return what a hub says of a model."""
    return ModelSource(
        subject=MODEL,
        producer=MAKER,
        observed_at=NOW,
        repository=f"{publisher}/tiny" if publisher else "tiny",
        publisher=publisher,
        revision="c" * 40,
        licences=licences,
        files=tuple(SourceFile(name=name, size=size) for name, size in files),
        scanned=scanned,
        issues=issues,
    )


def rules(
    *,
    publishers: tuple[str, ...] = (),
    licences: tuple[str, ...] = (),
    formats: tuple[str, ...] = (),
    max_size: int | None = None,
    max_files: int | None = None,
) -> ModelRules:
    """Return what a policy says of models."""
    return ModelRules(
        subject=MODEL,
        producer=MAKER,
        observed_at=NOW,
        publishers=publishers,
        licences=licences,
        formats=formats,
        max_size=max_size,
        max_files=max_files,
    )


def refused(reason: str) -> RefusedModel:
    """Return that a hub's answer was refused."""
    return RefusedModel(
        subject=MODEL,
        producer=MAKER,
        observed_at=NOW,
        reason=reason,
        location=Location(at=REFERENCE),
    )


def missing(reason: str) -> MissingModel:
    """Return that a hub has no such thing."""
    return MissingModel(
        subject=MODEL,
        producer=MAKER,
        observed_at=NOW,
        reason=reason,
        location=Location(at=REFERENCE),
    )


def damaged(name: str, problem: str) -> StoredBlob:
    """Return that a file of the store is not what it should be."""
    location = Location(path=name, at=f"blobs/sha256/ab/{name}")
    return StoredBlob(
        subject=MODEL, producer=MAKER, observed_at=NOW, problem=problem, location=location
    )
