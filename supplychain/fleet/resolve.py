"""References to lock entries: what a registry says about an image, platform by platform."""

from __future__ import annotations

from collections.abc import Sequence

from supplychain.access.failures import Hostile, NotFound
from supplychain.access.registry import FetchedManifest, RegistryClient
from supplychain.core.digest import Digest
from supplychain.core.lock import LockedImage, LockedPlatform
from supplychain.core.reference import ImageReference, Platform
from supplychain.formats.oci import ImageIndex, ImageManifest


def locked_image(
    client: RegistryClient, reference: ImageReference, platforms: Sequence[Platform]
) -> LockedImage:
    """Return the lock entry of a reference, without its history.

    Platforms that the image does not have are named as absent, as long as it has one that is
    wanted.

    Raises:
        AccessError: the registry could not be asked, has no such image or platform, or answered
            what only a broken or hostile one answers.
    """
    fetched = client.manifest(reference)
    document = fetched.document
    if isinstance(document, ImageIndex):
        found = _of_index(client, reference, document, platforms)
    else:
        found = [_platform(client, reference, fetched.digest, document)]
    absent = set(platforms) - {one.platform for one in found}
    return LockedImage(
        reference=reference.lock_key,
        digest=fetched.digest,
        media_type=fetched.media_type,
        platforms=tuple(found),
        absent=tuple(sorted(absent)),
        seen=(),
    )


def _of_index(
    client: RegistryClient,
    reference: ImageReference,
    index: ImageIndex,
    platforms: Sequence[Platform],
) -> list[LockedPlatform]:
    found = []
    for platform in sorted(set(platforms)):
        entry = index.entry_for(platform)
        if entry is None:
            continue
        child = client.manifest(reference, entry.descriptor.digest)
        found.append(_child(client, reference, child, platform))
    if not found:
        wanted = ", ".join(str(platform) for platform in sorted(set(platforms)))
        has = ", ".join(sorted({str(one.platform) for one in index.entries if one.platform}))
        reason = f"has no image for {wanted}, only for {has or 'no platform'}"
        raise NotFound(reason)
    return found


def _child(
    client: RegistryClient, reference: ImageReference, child: FetchedManifest, platform: Platform
) -> LockedPlatform:
    if isinstance(child.document, ImageIndex):
        reason = f"lists another index for {platform}, where an image must be"
        raise Hostile(reason)
    locked = _platform(client, reference, child.digest, child.document)
    if locked.platform != platform:
        reason = f"lists an image of {locked.platform} for {platform}"
        raise Hostile(reason)
    return locked


def _platform(
    client: RegistryClient, reference: ImageReference, digest: Digest, manifest: ImageManifest
) -> LockedPlatform:
    configuration = client.configuration(reference, manifest.config)
    layers, diff_ids = len(manifest.layers), configuration.diff_ids
    if len(diff_ids) != layers:
        reason = f"has {layers} layers in its manifest and {len(diff_ids)} in its configuration"
        raise Hostile(reason)
    return LockedPlatform(
        platform=configuration.platform,
        digest=digest,
        layers=layers,
        chain_id=configuration.chain_id if diff_ids else None,
    )
