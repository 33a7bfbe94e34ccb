"""A compose file to the images that its services run, and those of its inline Dockerfiles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from supplychain.access.environment import Environment
from supplychain.access.tree import Tree
from supplychain.core.evidence import Evidence, Gap
from supplychain.core.finding import Location
from supplychain.core.reference import InvalidReferenceError, Platform
from supplychain.core.subject import Subject
from supplychain.formats import dockerfile
from supplychain.formats.compose import Build, ComposeFile, Service
from supplychain.formats.compose_values import Value
from supplychain.formats.text import MalformedError, printable
from supplychain.images.collect.dockerfile import front_end, malformed, reference_evidence
from supplychain.images.collect.uses import Uses
from supplychain.images.evidence import UseKind

IMAGE_CONTEXT = "docker-image://"


def collect(subject: Subject, tree: Tree, environment: Environment) -> Iterator[Evidence | Gap]:  # noqa: ARG001 -- the signature of every collector
    """Yield the images that the services of the compose file at ``subject.ref`` name.

    A service with ``build:`` names what it builds, not an image from outside; its Dockerfile is a
    subject of its own.
    """
    read = environment.compose.get(subject.path or "")
    if not isinstance(read, ComposeFile):
        return
    uses = Uses(subject, environment)
    services = (*read.services, *read.jobs)
    built = {one.image.text for one in services if one.image and _builds_its_image(one)}
    inline_texts: dict[tuple[object, ...], dockerfile.Dockerfile] = {}
    for service in services:
        if service.build is not None:
            yield from _inline(uses, service, subject, environment, inline_texts)
            yield from _contexts(uses, service, service.build, subject, environment)
        image = service.image
        if image is not None and not _builds_its_image(service) and image.text not in built:
            yield from _image(uses, service, image, subject, environment)
        for value in service.other_images:
            yield from _image(uses, service, value, subject, environment)


def _builds_its_image(service: Service) -> bool:
    """Say whether ``image`` names what the service builds, which is never pulled."""
    policy = service.pull_policy.text if service.pull_policy else None
    return service.build is not None and policy in (None, "build", "never")


def build_arguments(build: Build) -> Mapping[str, str]:
    """Return the build arguments that have a value in the compose file."""
    return {
        name: value.text
        for name, value in build.args
        if value is not None and value.text is not None and not value.missing
    }


def service_platform(service: Service) -> Platform | None:
    """Return the platform that a service asks for, if it is a valid one."""
    try:
        text = service.platform.text if service.platform else None
        return Platform.parse(text) if text else None
    except InvalidReferenceError:
        return None


def _image(
    uses: Uses, service: Service, value: Value, subject: Subject, environment: Environment
) -> Iterator[Evidence | Gap]:
    location = _location(value, subject)
    if value.missing or value.error is not None or value.text is None:
        yield from uses.unresolved(value.raw, value.missing or (value.raw,), location)
        return
    wanted = service_platform(service)
    for platform in (wanted,) if wanted else environment.platforms:
        yield from uses.image(
            value.text, kind=UseKind.SERVICE, raw=value.raw, location=location, platform=platform
        )


def _inline(
    uses: Uses,
    service: Service,
    subject: Subject,
    environment: Environment,
    known: dict[tuple[object, ...], dockerfile.Dockerfile],
) -> Iterator[Evidence | Gap]:
    """Yield the images of an inline Dockerfile; equal ones, as aliases give them, are read once."""
    build = service.build
    if build is None or build.dockerfile_inline is None:
        return
    inline = build.dockerfile_inline
    if inline.text is None:
        yield from uses.unresolved(
            inline.raw, inline.missing or (inline.raw,), _location(inline, subject)
        )
        return
    wanted = service_platform(service)
    arguments = build_arguments(build)
    target = build.target.text if build.target else None
    yield from front_end(uses, arguments, _location(inline, subject))
    for platform in (wanted,) if wanted else environment.platforms:
        key = (inline.text, *sorted(arguments.items()), platform, target)
        try:
            if key not in known:
                known[key] = dockerfile.read(
                    inline.text, build_args=arguments, platform=str(platform), target=target
                )
        except MalformedError as error:
            moved = MalformedError(f"inline in '{service.name}' {error.reason}", line=inline.line)
            yield malformed(subject, environment, moved)
            return
        for reference in known[key].references:
            start = build.inline_line
            line = inline.line if start is None else start - 1 + reference.line
            yield from reference_evidence(uses, reference, platform, subject.path, line=line)


def _contexts(
    uses: Uses, service: Service, build: Build, subject: Subject, environment: Environment
) -> Iterator[Evidence | Gap]:
    """Yield the images that stand in for names in the Dockerfile (compose-spec, build.md).

    A folder of the project is no image; anything else from outside is a gap.
    """
    for name, value in build.additional_contexts:
        text = value.text
        if value.missing or text is None:
            names = value.missing or (value.raw,)
            yield from uses.unresolved(value.raw, names, _location(value, subject))
        elif text.startswith(IMAGE_CONTEXT):
            image = replace(value, text=text.removeprefix(IMAGE_CONTEXT))
            yield from _image(uses, service, image, subject, environment)
        elif "://" in text or text.startswith("git@"):
            yield Gap(
                id="build-context-unread",
                wanted=f"what '{printable(name, 80)}' stands for",
                reason=f"'{printable(text, 120)}' lies outside the project",
                hint="name an image by digest, or a folder of the project",
                location=_location(value, subject),
            )


def _location(value: Value, subject: Subject) -> Location:
    return Location(
        path=subject.path,
        line=value.line,
        column=value.column,
        end_line=value.end_line,
        end_column=value.end_column,
    )
