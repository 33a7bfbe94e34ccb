"""One image asked of its registry: manifest, platforms and configuration."""

from __future__ import annotations

from collections.abc import Sequence

from supplychain.access.environment import Environment
from supplychain.access.failures import Hostile, NotFound, forbidden
from supplychain.core.digest import Digest
from supplychain.core.reference import ImageReference, Platform
from supplychain.formats.oci import ImageIndex
from supplychain.images.collect.resolution import registry_client
from supplychain.images.inspect import Item, image_item


def inspected(reference: ImageReference, environment: Environment) -> Item:
    """Return what a registry says an image is, for the first of the fleet's platforms it has.

    Raises:
        AccessError: the registry could not be asked, has no such image, or answered what only a
            broken or hostile one answers.
    """
    if environment.offline:
        raise forbidden(reference.registry, str(reference))
    with registry_client(environment) as client:
        fetched = client.manifest(reference)
        index = fetched.document if isinstance(fetched.document, ImageIndex) else None
        chosen = fetched
        if index is not None:
            entry = _entry(index, environment.platforms)
            chosen = client.manifest(reference, entry)
        if isinstance(chosen.document, ImageIndex):
            reason = "lists another index where an image must be"
            raise Hostile(reason)
        configuration = client.configuration(reference, chosen.document.config)
        image = (chosen.digest, chosen.document, configuration)
        return image_item(str(reference), fetched.digest, fetched.media_type, index, image)


def _entry(index: ImageIndex, platforms: Sequence[Platform]) -> Digest:
    for platform in platforms:
        found = index.entry_for(platform)
        if found is not None:
            return found.descriptor.digest
    for entry in index.entries:
        if entry.platform is not None:
            return entry.descriptor.digest
    reason = "has an index without any image"
    raise NotFound(reason)
