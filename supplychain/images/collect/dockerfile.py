"""A Dockerfile to the images it refers to, once for every way in which the project builds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from supplychain.access.environment import MAX_BUILDS, DeclaredBuild, Environment, read_text
from supplychain.access.files import UnreadableError
from supplychain.access.tree import Tree
from supplychain.core.evidence import Evidence, Gap, MalformedFile
from supplychain.core.finding import Location
from supplychain.core.reference import DEFAULT_PLATFORM, Platform
from supplychain.core.subject import Subject
from supplychain.formats import dockerfile
from supplychain.formats.dockerfile import Reference, ReferenceKind
from supplychain.formats.text import MalformedError, printable
from supplychain.images.collect.uses import Uses
from supplychain.images.evidence import MalformedDockerfile, UseKind

FRONT_END_ARGUMENT = "BUILDKIT_SYNTAX"  # buildkit v0.34.2, frontend/dockerfile/builder


def collect(subject: Subject, tree: Tree, environment: Environment) -> Iterator[Evidence | Gap]:
    """Yield the images that the Dockerfile at ``subject.ref`` names."""
    try:
        text = read_text(tree, subject.ref)
    except UnreadableError as error:
        yield Gap(
            id="file-unreadable",
            wanted=f"the text of '{printable(subject.path or subject.ref)}'",
            reason=error.reason,
            hint="make the file readable",
            location=Location(path=subject.path),
        )
        return
    except MalformedError as error:
        yield malformed(subject, environment, error)
        return
    builds = environment.builds.get(subject.path or "", ())
    yield from _references(subject, environment, text, builds)


def malformed(subject: Subject, environment: Environment, error: MalformedError) -> MalformedFile:
    """Return the evidence that a Dockerfile cannot be read."""
    return MalformedDockerfile(
        subject=subject,
        producer=environment.tool,
        observed_at=environment.now,
        digest=subject.digest,
        reason=error.reason,
        at=error.location(subject.path),
    )


def _references(
    subject: Subject, environment: Environment, text: str, builds: Sequence[DeclaredBuild]
) -> Iterator[Evidence | Gap]:
    """Read once for each distinct build that is declared, and once as anybody may build it.

    What only the plain build cannot resolve is no gap: the declared builds give those arguments.
    """
    uses = Uses(subject, environment)
    declared = frozenset(name for build in builds for name in build.contexts if _is_bare(name))
    plain = DeclaredBuild(contexts=declared)
    ways = list(_ways((*builds, plain), environment))
    for build, platform in ways[:MAX_BUILDS]:
        arguments = build.arguments
        try:
            read = dockerfile.read(
                text, build_args=arguments, platform=str(platform), target=build.target
            )
        except MalformedError as error:
            yield malformed(subject, environment, error)
            return
        yield from front_end(uses, arguments, Location(path=subject.path, line=1))
        for reference in read.references:
            if builds and build is plain and reference.missing:
                reference = replace(reference, missing=())  # noqa: PLW2901 -- the same, less said
                if not reference.resolvable:
                    continue
            if reference.image not in build.contexts:
                yield from reference_evidence(uses, reference, platform, subject.path)
    if len(ways) > MAX_BUILDS:
        yield Gap(
            id="too-many-builds",
            wanted=f"all {len(ways)} ways in which '{printable(subject.ref)}' is built",
            reason=f"more than {MAX_BUILDS} are declared",
            hint="declare fewer builds of one Dockerfile",
            location=Location(path=subject.path),
        )


def front_end(
    uses: Uses, arguments: Mapping[str, str], location: Location
) -> Iterator[Evidence | Gap]:
    """Yield the front end that a build argument sets in place of ``# syntax`` (BuildKit)."""
    image = arguments.get(FRONT_END_ARGUMENT, "").partition(" ")[0]
    if image:
        yield from uses.image(
            image,
            kind=UseKind.SYNTAX,
            raw=f"{FRONT_END_ARGUMENT}={image}",
            location=location,
            platform=DEFAULT_PLATFORM,
        )


def _ways(
    builds: Sequence[DeclaredBuild], environment: Environment
) -> Iterator[tuple[DeclaredBuild, Platform]]:
    """Yield each distinct build with each of its platforms."""
    seen = set()
    for build in builds:
        for platform in (build.platform,) if build.platform else environment.platforms:
            key = (*sorted(build.arguments.items()), platform, build.target, build.contexts)
            if key not in seen:
                seen.add(key)
                yield build, platform


def _is_bare(name: str) -> bool:
    """Say whether a context's name is a word of its own, no reference to a registry's image."""
    return not any(sign in name for sign in "/:@.")


def reference_evidence(
    uses: Uses,
    reference: Reference,
    platform: Platform,
    path: str | None,
    *,
    line: int | None = None,
) -> Iterator[Evidence | Gap]:
    """Yield what one reference of a Dockerfile is evidence of, unless it was yielded before.

    A reference that an ARG without a value only adds to is used as it stands, and is a gap as well.
    ``line`` is that of the file at ``path``, where it is not the reference's own.
    """
    location = Location(path=path, line=line or reference.line)
    if reference.missing:
        yield from uses.unresolved(reference.raw, reference.missing, location)
    if reference.image is not None:
        yield from uses.image(
            reference.image,
            kind=UseKind(reference.kind.value),
            raw=reference.raw,
            location=location,
            platform=_platform_of(reference, platform),
        )
    elif not reference.missing:
        yield from uses.invalid(reference.raw, reference.reason or "is no reference", location)


def _platform_of(reference: Reference, target: Platform) -> Platform:
    if reference.platform is not None:
        return Platform.parse(reference.platform)
    return DEFAULT_PLATFORM if reference.kind is ReferenceKind.SYNTAX else target
