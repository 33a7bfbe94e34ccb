"""What all references of a run mean: by the lock, and by the registries for what is left."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from supplychain.access.environment import Environment
from supplychain.access.failures import AccessError, Hostile, NotFound, Unreachable, forbidden
from supplychain.core.digest import Digest
from supplychain.core.evidence import Evidence, Gap, Producer
from supplychain.core.lock import LockedImage
from supplychain.core.reference import ImageReference
from supplychain.core.subject import Subject
from supplychain.images.evidence import (
    AllowedRegistries,
    ImageUse,
    LockLookup,
    RefusedAnswer,
    Resolution,
)

if TYPE_CHECKING:
    from supplychain.access.registry import RegistryClient, ResolvedReference

LOCK = Producer(name="supplychain.lock", version="1")
REGISTRY_PROTOCOL = "distribution v2"


def collect(
    uses: Sequence[ImageUse], environment: Environment
) -> Iterator[tuple[Subject, Evidence | Gap]]:
    """Yield for every use what the lock says of it and what it resolves to.

    A reference in the lock is not asked of a registry. The others are asked in one batch, each
    once, unless their registry is not on the policy's allow list.
    """
    distinct = sorted({use.reference for use in uses}, key=str)
    lock = environment.lock
    found = {reference: lock.find(reference) if lock else None for reference in distinct}
    answers = ask([reference for reference in distinct if found[reference] is None], environment)
    for use in uses:
        entry = found[use.reference]
        yield use.subject, allow_list(use, environment)
        yield use.subject, lookup(use, entry, environment)
        if entry is not None:
            yield use.subject, _resolution(use, entry.digest, LOCK, environment)
        else:
            yield use.subject, answer_evidence(use, answers.get(use.reference), environment)


def allow_list(use: ImageUse, environment: Environment) -> AllowedRegistries:
    """Return what the policy allows, joined to one use."""
    return AllowedRegistries(
        subject=use.subject,
        producer=environment.tool,
        observed_at=environment.now,
        link=use.link,
        digest=environment.policy.digest,
        prefixes=environment.policy.allowed_registries,
    )


def lookup(use: ImageUse, entry: LockedImage | None, environment: Environment) -> LockLookup:
    """Return what the lock says of the reference of one use."""
    return LockLookup(
        subject=use.subject,
        producer=LOCK,
        observed_at=environment.now,
        link=use.link,
        digest=entry.digest if entry else None,
        lock_path=environment.lock_path,
        lock_exists=environment.lock is not None,
        entry=entry,
    )


def answer_evidence(
    use: ImageUse,
    answer: ResolvedReference | LockedImage | AccessError | None,
    environment: Environment,
) -> Evidence | Gap:
    """Return what a registry's answer, or its absence, is evidence of for one use."""
    registry = Producer(name=use.reference.registry, version=REGISTRY_PROTOCOL)
    if answer is None:
        return _gap(use, "its registry is not on the allow list, so it was not asked")
    if isinstance(answer, NotFound):
        return Resolution(
            subject=use.subject,
            producer=registry,
            observed_at=environment.now,
            link=use.link,
            image=None,
            source=registry.name,
            absence=answer.reason,
        )
    if isinstance(answer, Hostile):
        return RefusedAnswer(
            subject=use.subject,
            producer=registry,
            observed_at=environment.now,
            link=use.link,
            reference=use.reference,
            reason=answer.reason,
            location=use.location,
        )
    if isinstance(answer, Unreachable):
        return _gap(use, answer.reason, answer.hint, retryable=answer.retryable)
    if isinstance(answer, AccessError):
        return _gap(use, answer.reason)
    return _resolution(use, answer.digest, registry, environment)


def ask(
    references: Sequence[ImageReference], environment: Environment
) -> Mapping[ImageReference, ResolvedReference | AccessError]:
    """Ask what references mean, in one batch; those on registries that are not allowed are not."""
    allowed = [one for one in references if environment.policy.allows(one)]
    if environment.offline:
        return {one: forbidden(one.registry, str(one)) for one in allowed}
    if not allowed:
        return {}
    with registry_client(environment) as client:
        return client.resolve_all(allowed)


def registry_client(environment: Environment) -> RegistryClient:
    """Return a client for the registries, importing HTTP only when there is something to ask.

    With ``--offline`` nobody may call it: to import it opens a socket, by which urllib3 sees
    whether there is IPv6.

    Raises:
        ConfigError: a file with docker logins cannot be read, or a mirror is no address.
    """
    from supplychain.access.credentials import Credentials  # noqa: PLC0415 -- loaded with it
    from supplychain.access.registry import (  # noqa: PLC0415 -- requests costs 0.3 s to import
        RegistryClient,
        RegistryOptions,
    )

    options = RegistryOptions(
        insecure=environment.policy.insecure_registries,
        mirrors=environment.mirrors,
        offline=environment.offline,
        connections=environment.connections,
    )
    return RegistryClient(options, Credentials.load(os.environ))


def _resolution(
    use: ImageUse, image: Digest, producer: Producer, environment: Environment
) -> Resolution:
    return Resolution(
        subject=use.subject,
        producer=producer,
        observed_at=environment.now,
        link=use.link,
        digest=image,
        image=image,
        source=producer.name,
    )


def _gap(use: ImageUse, reason: str, hint: str | None = None, *, retryable: bool = False) -> Gap:
    return Gap(
        id="image-unresolved",
        wanted=f"the manifest of '{use.reference}'",
        reason=reason,
        hint=hint,
        retryable=retryable,
        location=use.location,
        link=use.link,
    )
