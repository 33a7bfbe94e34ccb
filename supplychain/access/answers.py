"""Judging what a registry answered: pure functions from an answer to a value or a failure.

Sources: OCI distribution-spec v1.1.1 (pulling manifests, pulling blobs, error codes), image-spec
v1.1.1 descriptor.md ("Digests").
"""

from __future__ import annotations

from http import HTTPStatus

from supplychain.access.failures import AccessError, Hostile, NotFound, Unreachable
from supplychain.access.http import RETRIED, Answer
from supplychain.core.digest import Digest, InvalidDigestError
from supplychain.core.limits import MAX_MANIFEST
from supplychain.formats import json, oci
from supplychain.formats.oci import Descriptor, ImageConfiguration, ImageIndex, ImageManifest
from supplychain.formats.text import MalformedError, printable

SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+prettyjws"
DIGEST_HEADER = "Docker-Content-Digest"
DENIED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
# distribution-spec v1.1.1, "Error Codes"; TAG_INVALID is of distribution, NOT_FOUND of Harbor 2.
_MISSING = frozenset(
    {"MANIFEST_UNKNOWN", "NAME_UNKNOWN", "NAME_INVALID", "TAG_INVALID", "BLOB_UNKNOWN", "NOT_FOUND"}
)
MAX_ERRORS = 65536  # bytes of a document of errors; real ones have a few hundred


def claimed_digest(answer: Answer) -> Digest | None:
    """Return the digest that the registry's header claims, if it is one."""
    try:
        return Digest.parse(answer.headers.get(DIGEST_HEADER, ""))
    except InvalidDigestError:
        return None


def verified_manifest(
    answer: Answer, wanted: Digest | None, what: str, login: str
) -> tuple[Digest, ImageIndex | ImageManifest]:
    """Return the digest of a fetched manifest and its content, once all of it holds.

    ``wanted`` is the digest it was asked by, ``what`` names it in messages, ``login`` the registry
    that credentials are stored for.

    Raises:
        Unreachable: this is no manifest of a type that we know.
        Hostile: it has another digest than wanted or than its header says, or is malformed.
        NotFound: the registry says that it does not exist.
    """
    if answer.status != HTTPStatus.OK:
        raise failure_of(answer, what, login)
    if answer.content_type not in oci.MANIFEST_TYPES:
        raise _wrong_type(answer, "no image manifest")
    if answer.is_cut:
        reason = f"{answer.origin.authority} sent more than {MAX_MANIFEST} bytes for {what}"
        raise Unreachable(reason, "check the registry, and for a proxy in front of it")
    digest = wanted or Digest.of(answer.body)
    _check_digest(digest, answer.body, what)
    claimed = answer.headers.get(DIGEST_HEADER)
    own = claimed_digest(answer)
    if claimed is not None and (own is None or not own.matches(answer.body)):
        shown = printable(claimed, 80)
        reason = f"{answer.origin.authority} says that {what} is {shown!r}, and sends {digest}"
        raise Hostile(reason)
    try:
        return digest, oci.read_manifest(answer.body, answer.content_type)
    except MalformedError as error:
        raise _malformed(what, error) from None


def verified_configuration(
    answer: Answer, descriptor: Descriptor, what: str, login: str
) -> ImageConfiguration:
    """Return a fetched image configuration, once all of it holds.

    Raises:
        Unreachable: the answer is no blob.
        Hostile: it has another size or digest than its descriptor says, or is malformed.
        NotFound: the registry says that it does not exist.
    """
    if answer.status != HTTPStatus.OK:
        raise failure_of(answer, what, login)
    if answer.content_type == "text/html":
        raise _wrong_type(answer, "no image configuration")
    if len(answer.body) != descriptor.size:
        relation = "more" if len(answer.body) > descriptor.size else "fewer"
        reason = f"{what} has {relation} bytes than the {descriptor.size} declared"
        raise Hostile(reason)
    _check_digest(descriptor.digest, answer.body, what)
    try:
        return oci.read_configuration(answer.body)
    except MalformedError as error:
        raise _malformed(what, error) from None


def failure_of(answer: Answer, what: str, login: str) -> AccessError:
    """Return what a status other than 200 means for ``what`` was asked for."""
    host = answer.origin.authority
    if answer.status in DENIED:
        hint = f"check the name, or run `docker login {login}`"
        return Unreachable(f"{host} denies access to {what} ({answer.status})", hint)
    if answer.status == HTTPStatus.NOT_FOUND:
        codes = _error_codes(answer)
        if not _MISSING.isdisjoint(codes):
            return NotFound(f"{what} is unknown to its registry")
        reason = f"{host} answered 404 for {what}, but not as a registry does"
        return Unreachable(reason, "check the host, and for a proxy in front of it")
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        hint = f"wait, or run `docker login {login}` for a higher limit"
        return Unreachable(f"{host} answered 429: too many requests", hint, retryable=True)
    retryable = answer.status in RETRIED
    return Unreachable(f"{host} answered {answer.status} for {what}", retryable=retryable)


def _error_codes(answer: Answer) -> frozenset[str]:
    """Return the codes of a document of errors, distribution-spec v1.1.1 "Error Codes"."""
    try:
        document = json.read(answer.body[: MAX_ERRORS + 1], limit=MAX_ERRORS)
    except MalformedError:
        return frozenset()
    errors = document.get("errors") if isinstance(document, dict) else None
    codes = [item.get("code") for item in errors or () if isinstance(item, dict)]
    return frozenset(code for code in codes if isinstance(code, str))


def _wrong_type(answer: Answer, expected: str) -> Unreachable:
    host = answer.origin.authority
    kind = printable(answer.content_type, 80) or "no content type"
    if answer.content_type == SCHEMA_1:
        reason = f"{host} answered with a manifest of Docker's schema 1, which has no digest"
        return Unreachable(reason, "push the image again with a current client")
    reason = f"{host} answered with {kind}, which is {expected}"
    return Unreachable(reason, "check for a proxy or a login page in front of the registry")


def _check_digest(digest: Digest, body: bytes, what: str) -> None:
    if not digest.matches(body):
        reason = f"{what} has another digest: {Digest.of(body, digest.algorithm)}"
        raise Hostile(reason)


def _malformed(what: str, error: MalformedError) -> Hostile:
    place = f" at {error.at}" if error.at else ""
    return Hostile(f"{what} is malformed{place}: it {error}")
