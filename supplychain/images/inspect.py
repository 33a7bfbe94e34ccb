"""What is seen in a Dockerfile or an image, as ``supplychain.inspect/1`` items. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from supplychain.core.digest import Digest
from supplychain.formats.dockerfile import Dockerfile, Reference, Stage
from supplychain.formats.oci import ImageConfiguration, ImageIndex, ImageManifest

Item = Mapping[str, Any]


def dockerfile_item(read: Dockerfile) -> Item:
    """Return what a Dockerfile says: its front end, external images and stages."""
    return {
        "syntax": read.syntax,
        "references": [_reference(one) for one in read.references],
        "stages": [_stage(one) for one in read.stages],
    }


def image_item(
    ref: str,
    digest: Digest,
    media_type: str,
    index: ImageIndex | None,
    image: tuple[Digest, ImageManifest, ImageConfiguration],
) -> Item:
    """Return what a registry says an image is.

    ``image`` is the manifest of the platform asked for, which gives age and base.
    """
    own, manifest, configuration = image
    base_name, base_digest = manifest.base
    if index is None:
        platforms = [{"platform": str(configuration.platform), "digest": str(own)}]
    else:
        platforms = [
            {"platform": str(one.platform), "digest": str(one.descriptor.digest)}
            for one in index.entries
            if one.platform is not None
        ]
    return {
        "ref": ref,
        "digest": str(digest),
        "media_type": media_type,
        "platforms": platforms,
        "created": configuration.created,
        "base": {
            "name": base_name or None,
            "digest": str(base_digest) if base_digest else None,
        },
    }


def _reference(one: Reference) -> Item:
    return {
        "kind": one.kind.value,
        "onbuild": one.onbuild,
        "line": one.line,
        "raw": one.raw,
        "image": one.image,
        "stage": one.stage,
        "platform": one.platform,
        "resolvable": one.resolvable,
        "reason": one.reason,
    }


def _stage(one: Stage) -> Item:
    return {
        "name": one.name,
        "line": one.line,
        "base": one.base,
        "user": one.user,
        "final": one.final,
    }
