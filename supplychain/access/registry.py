"""Asking OCI registries what image references mean, and checking every byte of what they answer.

Source: OCI distribution-spec v1.1.1, "Pulling manifests" and "Pulling blobs". The digest of a body
is always our own; a header is believed only where no body was fetched, that is in
`RegistryClient.resolve` of a tag. Importing this module imports ``requests``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from types import TracebackType
from typing import Self

from supplychain.access.answers import (
    DENIED,
    MAX_ERRORS,
    claimed_digest,
    failure_of,
    verified_configuration,
    verified_manifest,
)
from supplychain.access.authentication import Authenticator
from supplychain.access.budget import RetryBudget
from supplychain.access.credentials import Credentials
from supplychain.access.endpoints import Endpoint, endpoint_of, mirror_endpoint
from supplychain.access.failures import AccessError, Hostile, NotFound, forbidden
from supplychain.access.http import RETRIED, Answer, HttpClient, Request, Timeouts
from supplychain.access.lanes import MAX_CONNECTIONS, in_lanes
from supplychain.core.digest import Digest
from supplychain.core.limits import MAX_IMAGE_CONFIG, MAX_MANIFEST
from supplychain.core.reference import DEFAULT_TAG, ImageReference
from supplychain.formats import oci
from supplychain.formats.oci import Descriptor, ImageConfiguration, ImageIndex, ImageManifest

ACCEPT = ", ".join(oci.MANIFEST_TYPES)  # one field: some registries read only the first
HEAD_RETRIED = frozenset({429})  # whatever else a HEAD meets, the GET after it tries again


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryOptions:
    """How registries are reached.

    ``insecure`` lists ``host[:port]`` allowed over plain http besides this machine; ``mirrors``
    maps a registry to the ``http://host:port`` or ``https://host`` that is asked instead;
    ``connections`` is the most at once to one registry.
    """

    insecure: frozenset[str] = frozenset()
    mirrors: Mapping[str, str] = field(default_factory=dict)
    offline: bool = False
    connections: int = MAX_CONNECTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedReference:
    """What a reference means now."""

    reference: ImageReference
    digest: Digest
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedManifest:
    """A manifest or index whose ``body`` has ``digest``."""

    digest: Digest
    media_type: str
    body: bytes = field(repr=False)
    document: ImageIndex | ImageManifest


class RegistryClient:
    """Asks registries; may be used from any thread. Close it, or use it in a ``with``.

    Raises:
        ConfigError: a mirror in the options is no host, or plain http without being listed.
    """

    def __init__(
        self,
        options: RegistryOptions,
        credentials: Credentials | None = None,
        budget: RetryBudget | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._options = options
        self._timeouts = timeouts or Timeouts()
        self._http = HttpClient(budget or RetryBudget(), self._timeouts, options.connections)
        self._authenticator = Authenticator(
            self._http, credentials or Credentials(), options.insecure
        )
        for registry, mirror in options.mirrors.items():
            mirror_endpoint(registry, mirror, options.insecure)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections kept for the next request."""
        self._http.close()

    def resolve(self, reference: ImageReference) -> ResolvedReference:
        """Return the digest and media type of a reference.

        A digest in the reference is fetched and verified; a tag without one costs a HEAD, which
        Docker Hub does not count as a pull, and a GET only where the HEAD does not say enough.

        Raises:
            Unreachable: the registry gave no usable answer.
            Hostile: the answer is not what its digest says, or malformed, or leads astray.
            NotFound: the registry says that there is no such manifest.
        """
        deadline = self._deadline(reference)
        if reference.digest is not None:
            found = self._by_digest(reference, reference.digest, deadline)
        else:
            claimed = self._by_tag(reference, deadline)
            if isinstance(claimed, ResolvedReference):
                return claimed
            found = claimed
        return ResolvedReference(
            reference=reference, digest=found.digest, media_type=found.media_type
        )

    def manifest(self, reference: ImageReference, digest: Digest | None = None) -> FetchedManifest:
        """Return the manifest with ``digest`` from the reference's repository.

        Without ``digest`` it is the reference's own digest, or what its tag means now.

        Raises:
            AccessError: as ``resolve`` does.
        """
        deadline = self._deadline(reference)
        wanted = digest or reference.digest
        if wanted is not None:
            return self._by_digest(reference, wanted, deadline)
        claimed = self._by_tag(reference, deadline)
        if isinstance(claimed, FetchedManifest):
            return claimed
        try:
            return self._by_digest(reference, claimed.digest, deadline)
        except NotFound:
            host = reference.registry
            reason = f"{host} says that {reference} is {claimed.digest}, but knows no such manifest"
            raise Hostile(reason) from None

    def configuration(
        self, reference: ImageReference, descriptor: Descriptor
    ) -> ImageConfiguration:
        """Return the image configuration that a manifest of the reference's repository names.

        Raises:
            Hostile: it has another size or digest than the descriptor says, or is malformed.
            AccessError: as ``resolve`` does.
        """
        deadline = self._deadline(reference)
        what = f"the configuration {descriptor.digest.short} of {reference.name}"
        if descriptor.size > MAX_IMAGE_CONFIG:
            reason = f"{what} is declared to have {descriptor.size} bytes"
            raise Hostile(reason)
        path = f"blobs/{descriptor.digest}"
        limit = max(descriptor.size + 1, MAX_ERRORS)  # one more shows that it goes on
        answer = self._ask(reference, path, deadline, limit=limit)
        login = self._endpoint(reference).login
        return verified_configuration(answer, descriptor, what, login)

    def resolve_all(
        self, references: Iterable[ImageReference]
    ) -> dict[ImageReference, ResolvedReference | AccessError]:
        """Resolve each distinct reference, side by side, and return the outcomes in their order.

        At most ``connections`` of one registry are asked for at once.
        """
        return in_lanes(
            references,
            lambda reference: reference.registry,
            self._outcome,
            connections=self._options.connections,
        )

    def _outcome(self, reference: ImageReference) -> ResolvedReference | AccessError:
        try:
            return self.resolve(reference)
        except AccessError as error:
            return error

    def _by_tag(
        self, reference: ImageReference, deadline: float
    ) -> ResolvedReference | FetchedManifest:
        """Ask by HEAD; where that does not tell digest and type, fetch the manifest itself."""
        path = f"manifests/{reference.tag or DEFAULT_TAG}"
        head = self._ask(reference, path, deadline, method="HEAD", limit=0, retried=HEAD_RETRIED)
        if head.status in DENIED or head.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise failure_of(head, str(reference), self._endpoint(reference).login)
        digest, media_type = claimed_digest(head), head.content_type
        if head.status == HTTPStatus.OK and digest and media_type in oci.MANIFEST_TYPES:
            return ResolvedReference(reference=reference, digest=digest, media_type=media_type)
        return self._fetch(reference, path, deadline, wanted=None)

    def _by_digest(
        self, reference: ImageReference, digest: Digest, deadline: float
    ) -> FetchedManifest:
        return self._fetch(reference, f"manifests/{digest}", deadline, wanted=digest)

    def _fetch(
        self, reference: ImageReference, path: str, deadline: float, *, wanted: Digest | None
    ) -> FetchedManifest:
        """Fetch a manifest and verify it."""
        what = f"{reference.name}@{wanted.short}" if wanted else str(reference)
        answer = self._ask(reference, path, deadline, limit=MAX_MANIFEST)
        login = self._endpoint(reference).login
        digest, document = verified_manifest(answer, wanted, what, login)
        return FetchedManifest(
            digest=digest, media_type=answer.content_type, body=answer.body, document=document
        )

    def _ask(
        self,
        reference: ImageReference,
        path: str,
        deadline: float,
        *,
        limit: int,
        method: str = "GET",
        retried: frozenset[int] = RETRIED,
    ) -> Answer:
        """Send a request to the reference's repository, logging in when the registry asks."""
        endpoint = self._endpoint(reference)
        authorization = self._authenticator.known(endpoint, reference.repository)
        url = f"{endpoint.base}/v2/{reference.repository}/{path}"
        request = Request(
            method=method,
            url=url,
            headers={"Accept": ACCEPT if path.startswith("manifests/") else "*/*"},
            authorization=authorization,
            limit=limit,
            deadline=deadline,
            retried=retried,
        )
        answer = self._http.exchange(request)
        if answer.status != HTTPStatus.UNAUTHORIZED or answer.origin != endpoint.origin:
            return answer
        renewed = self._authenticator.renew(
            endpoint, reference.repository, answer, authorization, deadline
        )
        return self._http.exchange(replace(request, authorization=renewed))

    def _endpoint(self, reference: ImageReference) -> Endpoint:
        options = self._options
        return endpoint_of(reference.registry, mirrors=options.mirrors, insecure=options.insecure)

    def _deadline(self, reference: ImageReference) -> float:
        """Return when an operation on ``reference`` must have ended, if one may begin."""
        if self._options.offline:
            raise forbidden(reference.registry, str(reference))
        return self._timeouts.deadline()
