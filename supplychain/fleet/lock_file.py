"""supplychain.lock: read, and written by our own emitter, sorted, one block an entry."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from supplychain.access.files import write_whole
from supplychain.core.digest import Digest
from supplychain.core.limits import MAX_LAYERS, MAX_LOCK_FILE
from supplychain.core.lock import (
    MAX_SEEN,
    Lock,
    LockedImage,
    LockedModel,
    LockedPlatform,
    SeenDigest,
    lock_of,
)
from supplychain.core.reference import ImageReference, Platform
from supplychain.errors import ConfigError, UsageError
from supplychain.fleet.source import Source, Strict, load, validated
from supplychain.mirror.reference import ModelReference

LOCK_NAME = "supplychain.lock"
HEADER = """\
# Written by `supplychain lock`: what each image meant when it was resolved, and since when.
# Commit this file; `supplychain lock --check` says whether it still holds.
version = 1
"""
LOCK_ENTRY = 'reference = "{}"'  # the line that names an entry
MAX_PLATFORMS = 64  # of one image; the largest official image has twelve


def _is_digest(text: str) -> str:
    Digest.parse(text)
    return text


def _is_platform(text: str) -> str:
    return str(Platform.parse(text))


def _is_lock_key(text: str) -> str:
    reference = ImageReference.parse(text)
    if reference.lock_key != text:
        message = f"is not written out: '{reference.lock_key}'"
        raise ValueError(message)
    return text


def _is_model_reference(text: str) -> str:
    try:
        reference = ModelReference.parse(text)
    except UsageError as error:
        raise ValueError(error.message) from None
    if str(reference) != text:
        message = f"is not written out: '{reference}'"
        raise ValueError(message)
    return text


_Digest = Annotated[str, AfterValidator(_is_digest)]
_MediaType = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+$")]


class PlatformTable(Strict):
    """One platform of a locked image."""

    platform: Annotated[str, AfterValidator(_is_platform)]
    digest: _Digest
    layers: int = Field(ge=0, le=MAX_LAYERS, description="number of layers")
    chain_id: _Digest | None = Field(
        None, description="OCI chain id of all layers; left out where there are none"
    )


class SeenTable(Strict):
    """A digest that the reference has had."""

    digest: _Digest
    first_seen: AwareDatetime


class ImageTable(Strict):
    """What one reference resolves to."""

    reference: Annotated[str, AfterValidator(_is_lock_key)] = Field(
        description="registry, repository and tag written out; the digest where no tag is"
    )
    digest: _Digest
    media_type: _MediaType
    platforms: list[PlatformTable] = Field(max_length=MAX_PLATFORMS)
    absent: list[Annotated[str, AfterValidator(_is_platform)]] = Field(
        default_factory=list,
        max_length=MAX_PLATFORMS,
        description="platforms that the fleet asks for and the image does not have",
    )
    seen: list[SeenTable] = Field(max_length=MAX_SEEN)


class ModelTable(Strict):
    """What one reference to a model stands for."""

    ref: Annotated[str, AfterValidator(_is_model_reference)] = Field(
        description="the model written out, as `mirror list` prints it"
    )
    revision: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")] = Field(
        description="the commit that was resolved"
    )
    digest: _Digest = Field(description="over the sorted list of files: path, size, sha256")
    first_seen: AwareDatetime


class LockFile(Strict):
    """supplychain.lock."""

    version: Literal[1]
    image: list[ImageTable] = Field(default_factory=list)
    model: list[ModelTable] = Field(default_factory=list)


def read_lock(path: Path) -> Lock | None:
    """Return the lock at ``path``, or ``None`` where there is no such file.

    Raises:
        ConfigError: the file cannot be read, is no lock, of a newer version, or has two entries
            for one reference, as a careless merge leaves them.
    """
    if not os.path.lexists(path):
        return None
    source = load(path, limit=MAX_LOCK_FILE)
    file = validated(source, LockFile)
    _refuse_twice(source, "image", [table.reference for table in file.image])
    _refuse_twice(source, "model", [table.ref for table in file.model])
    images = lock_of(_image(table) for table in file.image).images
    return Lock(images=images, models={table.ref: _model(table) for table in file.model})


def write_lock(path: Path, lock: Lock) -> bool:
    """Write the lock, whole or not at all; say whether the file changed.

    Raises:
        OSError: the file cannot be written.
    """
    data = lock_text(lock).encode()
    if path.is_file() and path.read_bytes() == data:
        return False
    write_whole(path, data)
    return True


def lock_text(lock: Lock) -> str:
    """Return the lock as TOML: the same bytes for the same content."""
    blocks = [_block(lock.images[reference]) for reference in sorted(lock.images)]
    blocks += [_model_block(lock.models[reference]) for reference in sorted(lock.models)]
    return "\n".join([HEADER, *blocks])


def _refuse_twice(source: Source, table: str, references: Sequence[str]) -> None:
    seen: set[str] = set()
    for number, reference in enumerate(references):
        if reference in seen:
            line = source.line_of((table, number))
            message = f"{source.path}:{line}: a second entry for '{reference}'"
            raise ConfigError(message, "remove both, then lock again")
        seen.add(reference)


def _block(image: LockedImage) -> str:
    lines = [
        "[[image]]",
        LOCK_ENTRY.format(image.reference),
        f'digest = "{image.digest}"',
        f'media_type = "{image.media_type}"',
        "platforms = [",
    ]
    lines += [_platform_line(one) for one in sorted(image.platforms, key=lambda one: one.platform)]
    lines.append("]")
    if image.absent:
        named = ", ".join(f'"{one}"' for one in image.absent)
        lines.append(f"absent = [{named}]")
    lines.append("seen = [")
    lines += [
        f'    {{ digest = "{one.digest}", first_seen = {_time(one.first_seen)} }},'
        for one in image.seen
    ]
    return "\n".join([*lines, "]", ""])


def _model_block(model: LockedModel) -> str:
    lines = [
        "[[model]]",
        f"ref = {json.dumps(model.reference, ensure_ascii=False)}",
        f'revision = "{model.revision}"',
        f'digest = "{model.digest}"',
        f"first_seen = {_time(model.first_seen)}",
    ]
    return "\n".join([*lines, ""])


def _platform_line(one: LockedPlatform) -> str:
    chain = f', chain_id = "{one.chain_id}"' if one.chain_id else ""
    start = f'    {{ platform = "{one.platform}", digest = "{one.digest}"'
    return f"{start}, layers = {one.layers}{chain} }},"


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _model(table: ModelTable) -> LockedModel:
    return LockedModel(
        reference=table.ref,
        revision=table.revision,
        digest=Digest.parse(table.digest),
        first_seen=table.first_seen,
    )


def _image(table: ImageTable) -> LockedImage:
    return LockedImage(
        reference=table.reference,
        digest=Digest.parse(table.digest),
        media_type=table.media_type,
        platforms=tuple(
            LockedPlatform(
                platform=Platform.parse(one.platform),
                digest=Digest.parse(one.digest),
                layers=one.layers,
                chain_id=Digest.parse(one.chain_id) if one.chain_id else None,
            )
            for one in table.platforms
        ),
        absent=tuple(Platform.parse(one) for one in table.absent),
        seen=tuple(
            SeenDigest(digest=Digest.parse(one.digest), first_seen=one.first_seen)
            for one in table.seen
        ),
    )
