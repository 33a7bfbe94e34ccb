"""A Dockerfile to the images it refers to, once for every way in which the project builds it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from supplychain.access.environment import DeclaredBuild, Environment, read_text
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
    """Read once for each declared build, and once as anybody may build it.

    What only the plain build cannot resolve is no gap: the declared builds give those arguments,
    as they give the contexts that some names stand for.
    """
    uses = Uses(subject, environment)
    ways = [(build, build.contexts, False) for build in builds]
    contexts = frozenset(name for build in builds for name in build.contexts)
    ways.append((DeclaredBuild(), contexts, bool(builds)))
    for build, stand_ins, plain in ways:
        for platform in _platforms(build, environment):
            try:
                read = dockerfile.read(
                    text,
                    build_args=build.arguments,
                    platform=str(platform),
                    target=build.target,
                )
            except MalformedError as error:
                yield malformed(subject, environment, error)
                return
            for reference in read.references:
                if plain and not reference.resolvable and reference.missing:
                    continue
                if reference.image in stand_ins:
                    continue
                yield from reference_evidence(uses, reference, platform, subject.path)


def reference_evidence(
    uses: Uses, reference: Reference, platform: Platform, path: str | None, *, first_line: int = 1
) -> Iterator[Evidence | Gap]:
    """Yield what one reference of a Dockerfile is evidence of, unless it was yielded before.

    ``first_line`` is the line of the file at ``path`` where the Dockerfile's text starts.
    """
    location = Location(path=path, line=first_line - 1 + reference.line)
    if reference.image is not None:
        yield from uses.image(
            reference.image,
            kind=UseKind(reference.kind.value),
            raw=reference.raw,
            location=location,
            platform=_platform_of(reference, platform),
        )
    elif reference.missing:
        yield from uses.unresolved(reference.raw, reference.missing, location)
    else:
        yield from uses.invalid(reference.raw, reference.reason or "is no reference", location)


def _platform_of(reference: Reference, target: Platform) -> Platform:
    if reference.platform is not None:
        return Platform.parse(reference.platform)
    return DEFAULT_PLATFORM if reference.kind is ReferenceKind.SYNTAX else target


def _platforms(build: DeclaredBuild, environment: Environment) -> tuple[Platform, ...]:
    return (build.platform,) if build.platform else environment.platforms
