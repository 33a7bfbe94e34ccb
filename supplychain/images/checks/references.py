"""Checks on image references: pinned, locked, allowed, existing (IMG)."""

from __future__ import annotations

from collections.abc import Iterator

from supplychain.core.check import LockMoment, check
from supplychain.core.finding import Hit, PropertyValue, Severity
from supplychain.core.reference import DEFAULT_TAG
from supplychain.formats.text import printable
from supplychain.images.evidence import (
    AllowedRegistries,
    ImageUse,
    InvalidReference,
    LockLookup,
    RefusedAnswer,
    Resolution,
    UseKind,
)


@check(
    "IMG001",
    "image-not-pinned",
    on=ImageUse,
    needs=(LockLookup,),
    severity=Severity.HIGH,
)
def image_not_pinned(use: ImageUse, lookup: LockLookup) -> Iterator[Hit]:
    """An image is named by a version tag without a digest.

    ## What it does
    Looks for references such as `node:22.12` that carry no `@sha256:…`. Where the lock names the
    digest the finding is medium: builds that apply the lock are safe, a plain build is not.

    ## Why it matters
    A tag is a pointer that its publisher, or whoever took over the account, can move at any time.
    What was checked yesterday need not be what is pulled today.

    ## Example
    ```dockerfile
    FROM node:22.12-alpine3.21                      # found
    FROM node:22.12-alpine3.21@sha256:6e80991f…     # fine
    ```

    ## How to fix
    Write the digest behind the tag; the tag stays for people to read and is ignored by Docker.
    `supplychain lock` resolves it, and the finding shows it.
    """
    if use.reference.digest is None and not _is_latest(use):
        locked = lookup.entry is not None
        yield _hit(
            use,
            f"'{printable(_shown(use))}' is named by tag, without a digest",
            _pin_hint(use, lookup),
            severity=Severity.MEDIUM if locked else None,
            properties={"locked": locked},
        )


@check(
    "IMG002",
    "image-tag-latest",
    on=ImageUse,
    needs=(LockLookup,),
    severity=Severity.HIGH,
)
def image_tag_latest(use: ImageUse, lookup: LockLookup) -> Iterator[Hit]:
    """An image is named by `latest`, or by no tag at all.

    ## What it does
    Looks for references without a tag, or with the tag `latest`, and without a digest.

    ## Why it matters
    `latest` follows every release, major ones included. Nobody can say which version runs, and two
    hosts that pull on different days run different software.

    ## Example
    ```yaml
    services:
      web:
        image: ollama/ollama            # found
        image: ollama/ollama:0.9.6@sha256:1f2c8a…   # fine
    ```

    ## How to fix
    Name the version you tested and its digest.
    """
    if use.reference.digest is None and _is_latest(use):
        tagged = use.reference.tag is not None
        yield _hit(
            use,
            f"'{printable(_shown(use))}' {'follows latest' if tagged else 'has no tag'}",
            "name a version and its digest",
            severity=Severity.MEDIUM if lookup.entry is not None else None,
            properties={"locked": lookup.entry is not None},
        )


@check(
    "IMG003",
    "image-not-locked",
    on=ImageUse,
    needs=(LockLookup, Resolution),
    severity=Severity.HIGH,
    lock=[LockMoment.CHECK],
)
def image_not_locked(use: ImageUse, lookup: LockLookup, resolution: Resolution) -> Iterator[Hit]:
    """A reference is not in supplychain.lock.

    ## What it does
    Compares the references of Dockerfiles and compose files with the project's lock. In a project
    without any lock the finding is medium, and only made where the reference is pinned: IMG001 and
    IMG002 ask for a lock already.

    ## Why it matters
    The lock records what was resolved and since when it has been known. A reference that is missing
    there was added without anybody having looked at what it brings.

    ## Example
    A pull request adds `COPY --from=ghcr.io/astral-sh/uv:0.9@sha256:… /uv /bin/` and leaves
    supplychain.lock as it was.

    ## How to fix
    Run `supplychain lock` and commit supplychain.lock.
    """
    is_said = not lookup.lock_exists and use.reference.digest is None
    if lookup.entry is None and resolution.image is not None and not is_said:
        where = lookup.lock_path if lookup.lock_exists else "a lock; the project has none"
        yield _hit(
            use,
            f"'{printable(_shown(use))}' is not in {where}",
            "run `supplychain lock` and commit supplychain.lock",
            severity=None if lookup.lock_exists else Severity.MEDIUM,
            properties={"digest": str(resolution.image)},
        )


@check(
    "IMG004",
    "image-lock-drift",
    on=ImageUse,
    needs=(LockLookup,),
    severity=Severity.HIGH,
    lock=[LockMoment.CHECK],
)
def image_lock_drift(use: ImageUse, lookup: LockLookup) -> Iterator[Hit]:
    """A file and supplychain.lock name different digests for one tag.

    ## What it does
    Compares the digest written in the file with the one in the lock.

    ## Why it matters
    One of the two was changed without the other, so what gets built is not what was recorded.

    ## Example
    The Dockerfile says `redis:7.4@sha256:aaaa…`, the lock `docker.io/library/redis:7.4` with
    `sha256:bbbb…`.

    ## How to fix
    Decide which digest is right, write it in the file, and run `supplychain lock --upgrade`.
    """
    pinned = use.reference.digest
    if pinned is not None and lookup.entry is not None and pinned != lookup.entry.digest:
        yield _hit(
            use,
            f"'{printable(_shown(use))}' is pinned to {pinned.short}, "
            f"{lookup.lock_path} says {lookup.entry.digest.short}",
            "write the digest you trust in the file, then run `supplychain lock --upgrade`",
            properties={"pinned": str(pinned), "locked": str(lookup.entry.digest)},
        )


@check(
    "IMG005",
    "registry-not-allowed",
    on=ImageUse,
    needs=(AllowedRegistries,),
    severity=Severity.HIGH,
    lock=[LockMoment.BEFORE, LockMoment.AFTER],
)
def registry_not_allowed(use: ImageUse, allowed: AllowedRegistries) -> Iterator[Hit]:
    """An image comes from a registry that the policy does not list.

    ## What it does
    Compares the registry and name of every reference with `images.allowed_registries` of the
    policy. A registry that is not listed is never asked, either.

    ## Why it matters
    A registry decides what its names mean. A name on an unknown host is the easiest way to bring a
    foreign image into a build.

    ## Example
    ```dockerfile
    COPY --from=registry.evil.example/tools/curl:8 /curl /usr/bin/curl
    ```

    ## How to fix
    Mirror the image to a registry you trust, or add the registry, or a name below it, to the
    policy.
    """
    if not use.reference.is_below(*allowed.prefixes):
        registry = use.reference.registry
        yield _hit(
            use,
            f"'{printable(_shown(use))}' comes from {printable(registry)}, "
            "which the policy does not list",
            f"add '{printable(registry)}' to images.allowed_registries, or use a mirror you trust",
            properties={"registry": registry},
        )


@check(
    "IMG006",
    "image-not-found",
    on=ImageUse,
    needs=(Resolution,),
    severity=Severity.HIGH,
    lock=[LockMoment.AFTER, LockMoment.CHECK],
)
def image_not_found(use: ImageUse, resolution: Resolution) -> Iterator[Hit]:
    """A registry says that there is no such image.

    ## What it does
    Reports references whose registry answers that it has no such name, tag or digest.

    ## Why it matters
    The build cannot work, or works only on hosts that still have the image in their cache. A
    digest that vanished was often withdrawn because it was harmful. A name that never existed is
    open for anybody to register.

    ## Example
    `COPY --from=biuld /app /app`, a misspelt stage, asks Docker Hub for `library/biuld`.

    ## How to fix
    Correct the name, or choose a version that exists.
    """
    if resolution.image is None:
        said = printable(resolution.absence or "has no such image")
        yield _hit(
            use,
            f"'{printable(str(use.reference))}' cannot be had: {resolution.source} says it {said}",
            "correct the name, or choose a version that exists",
        )


@check(
    "IMG007",
    "registry-answer-refused",
    on=RefusedAnswer,
    severity=Severity.CRITICAL,
    lock=[LockMoment.AFTER, LockMoment.CHECK],
)
def registry_answer_refused(answer: RefusedAnswer) -> Iterator[Hit]:
    """A registry answered what only a broken or hostile one answers.

    ## What it does
    Reports manifests whose bytes do not have the digest asked for, redirects to files, private
    addresses or unencrypted hosts, and requests to send credentials to a stranger.

    ## Why it matters
    Somebody between you and the publisher, or the registry itself, serves something else.

    ## Example
    `node@sha256:6e80…` is asked for, and the body served hashes to `sha256:0bad…`.

    ## How to fix
    Do not pull from there. Check proxies and mirrors first, then ask the registry's operator.
    """
    yield Hit(
        message=f"'{answer.reference}': {printable(answer.reason)}",
        location=answer.location,
        hint="do not pull from there; check proxies and mirrors first",
        key=str(answer.reference),
        properties={"registry": answer.reference.registry},
    )


@check(
    "IMG008",
    "image-reference-invalid",
    on=InvalidReference,
    severity=Severity.HIGH,
    lock=LockMoment,
)
def image_reference_invalid(word: InvalidReference) -> Iterator[Hit]:
    """A word that names an image is no valid reference.

    ## What it does
    Reports words in FROM, COPY --from, RUN --mount, `# syntax` and `image:` that break the grammar
    of references after expansion.

    ## Why it matters
    Docker refuses it, so nothing can be said about what would be built.

    ## Example
    `FROM Node:22`: repository names are lower case.

    ## How to fix
    Correct the spelling.
    """
    yield Hit(
        message=printable(word.reason, 300),
        location=word.location,
        hint="correct the spelling",
        key=word.raw,
    )


def _is_latest(use: ImageUse) -> bool:
    return use.reference.tag in (None, DEFAULT_TAG)


def _shown(use: ImageUse) -> str:
    tag = f":{use.reference.tag}" if use.reference.tag else ""
    return f"{use.reference.familiar_name}{tag}"


def _pin_hint(use: ImageUse, lookup: LockLookup) -> str:
    if lookup.entry is None:
        return "run `supplychain lock`, then write the digest behind the tag"
    return f"write {use.reference.pinned(lookup.entry.digest)}"


def _hit(
    use: ImageUse,
    message: str,
    hint: str,
    *,
    severity: Severity | None = None,
    properties: dict[str, PropertyValue] | None = None,
) -> Hit:
    where = {UseKind.SERVICE: "service"}.get(use.kind, use.kind.value)
    return Hit(
        message=message,
        location=use.location,
        hint=hint,
        key=f"{where}\0{use.raw}",
        severity=severity,
        properties={"reference": str(use.reference), "kind": where, **(properties or {})},
    )
