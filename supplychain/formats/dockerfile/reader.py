"""Instructions to stages and references: ARG scopes, stage names, expansion.

Rules: BuildKit v0.34.2, frontend/dockerfile/dockerfile2llb/convert.go (``buildMetaArgs``,
``buildDispatchStates``, ``toCommand``): ARGs before the first FROM are global; a FROM sees only
those; FROM finds earlier stages by their exact lower-case name, COPY --from and mounts find any
stage whatever the case, COPY --from also by number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from supplychain.core.limits import MAX_TEXT_FILE, MIB
from supplychain.core.reference import (
    DEFAULT_PLATFORM,
    ImageReference,
    InvalidReferenceError,
    Platform,
)
from supplychain.formats.dockerfile.instructions import read_instructions, syntax_directive
from supplychain.formats.dockerfile.model import (
    Dockerfile,
    Instruction,
    Reference,
    ReferenceKind,
    Stage,
)
from supplychain.formats.dockerfile.mounts import mount_source
from supplychain.formats.text import MalformedError, printable
from supplychain.formats.words import MissingValueError, SubstitutionError, expand

SCRATCH = "scratch"
MAX_ENVIRONMENT = 4 * MIB  # characters expanded and kept for a whole file; real ones need 100 kB
_ENTRY = 16  # characters that one more name counts for, whatever its length
_ENV_WORDS = 3  # name, value, delimiter


def read(
    text: str,
    *,
    build_args: Mapping[str, str] | None = None,
    platform: str = str(DEFAULT_PLATFORM),
    target: str | None = None,
) -> Dockerfile:
    """Read a Dockerfile for one platform and one set of build arguments.

    Args:
        text: the file's text; a byte order mark and CR LF line ends are accepted.
        build_args: what ``--build-arg`` would give.
        platform: the platform built for, ``os/architecture[/variant]``.
        target: the stage built, for ``TARGETSTAGE``.

    Raises:
        MalformedError: BuildKit would refuse the text, or it passes a limit.
        InvalidReferenceError: ``platform`` is none.
    """
    if len(text) > MAX_TEXT_FILE:
        reason = f"has more than {MAX_TEXT_FILE} characters"
        raise MalformedError(reason)
    text = text.removeprefix("\ufeff")
    instructions, escape = read_instructions(text)
    arguments = dict(build_args or {})
    scope = _platform_arguments(Platform.parse(platform), target) | arguments
    stages, references = _Resolver(escape, arguments, scope).resolve(instructions)
    syntax = syntax_directive(text)
    front_end = [_syntax_reference(*syntax)] if syntax else []
    return Dockerfile(
        syntax=syntax[0] if syntax else None,
        instructions=instructions,
        stages=tuple(stages),
        references=(*front_end, *references),
    )


@dataclass(slots=True)
class _OpenStage:
    """A stage while its instructions are read."""

    name: str | None
    number: int
    line: int
    base: str | None
    user: str | None
    environment: dict[str, str] = field(default_factory=dict)
    size: int = 0  # characters of the environment, names and overwritten values too

    @property
    def label(self) -> str:
        return self.name or str(self.number)


class _Resolver:
    def __init__(self, escape: str, arguments: Mapping[str, str], scope: dict[str, str]) -> None:
        self._escape = escape
        self._arguments = arguments
        self._scope = scope
        self._stages: list[_OpenStage] = []
        self._by_name: dict[str, _OpenStage] = {}
        self._references: list[Reference] = []
        self._incomplete: dict[str, tuple[str, ...]] = {}
        self._budget = MAX_ENVIRONMENT

    def resolve(self, instructions: tuple[Instruction, ...]) -> tuple[list[Stage], list[Reference]]:
        for instruction in instructions:
            if instruction.name == "FROM":
                self._open_stage(instruction)
            elif self._stages:
                self._in_stage(instruction)
            elif instruction.name == "ARG":
                self._global_argument(instruction)
            else:
                reason = f"{instruction.name} stands before the first FROM"
                raise MalformedError(reason, line=instruction.line)
        if not self._stages:
            reason = "has no stage to build"
            raise MalformedError(reason, line=1)
        for instruction, stage in self._with_stages(instructions):
            self._references.extend(self._sources(instruction, stage))
        self._references.sort(key=lambda reference: reference.line)
        return [self._closed(stage) for stage in self._stages], self._references

    def _with_stages(
        self, instructions: tuple[Instruction, ...]
    ) -> Iterator[tuple[Instruction, _OpenStage]]:
        number = -1
        for instruction in instructions:
            if instruction.name == "FROM":
                number += 1
            elif number >= 0:
                yield instruction, self._stages[number]

    def _global_argument(self, instruction: Instruction) -> None:
        for word in instruction.words:
            name, sign, default = word.partition("=")
            if name in self._arguments:
                self._scope[name] = self._arguments[name]
            elif sign:
                value, missing = self._expanded(default, instruction, self._scope)
                self._scope[name] = value
                self._incomplete[name] = missing

    def _open_stage(self, instruction: Instruction) -> None:
        raw, name = instruction.words[0], None
        if len(instruction.words) > 1:
            name = instruction.words[2].lower()
        base, missing = self._expanded(raw, instruction, self._scope)
        platform = self._stage_platform(instruction)
        parent = self._by_name.get(base)
        size = parent.size if parent else 0
        self._spend(size, instruction)
        stage = _OpenStage(
            name=name,
            number=len(self._stages),
            line=instruction.line,
            base=base or None,
            user=parent.user if parent else None,
            environment=dict(parent.environment) if parent else {},
            size=size,
        )
        self._stages.append(stage)
        if parent is None and base != SCRATCH:
            if not base and not missing:
                reason = f"base name '{printable(raw)}' should not be blank"
                raise MalformedError(reason, line=instruction.line)
            self._references.append(
                _reference(
                    ReferenceKind.FROM, instruction, raw, base, missing, stage.label, platform
                )
            )
            stage.base = self._references[-1].image
        if name:
            self._by_name[name] = stage

    def _stage_platform(self, instruction: Instruction) -> str | None:
        for value in filter(None, instruction.flag_values("platform")):
            text, missing = self._expanded(value, instruction, self._scope)
            try:
                return str(_platform(text))
            except InvalidReferenceError as error:
                if missing:
                    return None
                raise MalformedError(printable(str(error)), line=instruction.line) from None
        return None

    def _in_stage(self, instruction: Instruction) -> None:
        if instruction.onbuild:
            return
        stage = self._stages[-1]
        words = instruction.words
        if instruction.name == "ARG":
            for word in words:
                name, sign, default = word.partition("=")
                value = self._arguments.get(name)
                if value is None and sign:
                    value = self._loosely_expanded(default, instruction, stage.environment)
                if value is None:
                    value = self._scope.get(name)
                if value is not None:
                    self._keep(name, value, instruction)
        elif instruction.name == "ENV":
            values = [  # all with what held before the instruction
                self._loosely_expanded(word, instruction, stage.environment)
                for word in words[1::_ENV_WORDS]
            ]
            for name, value in zip(words[::_ENV_WORDS], values, strict=True):
                self._keep(name, value, instruction)
        elif instruction.name == "USER":
            stage.user = self._loosely_expanded(words[0], instruction, stage.environment)

    def _keep(self, name: str, value: str, instruction: Instruction) -> None:
        """Set a name in the environment of the stage that is being read."""
        stage = self._stages[-1]
        size = len(name) + len(value) + _ENTRY
        self._spend(size, instruction)
        stage.size += size
        stage.environment[name] = value

    def _spend(self, characters: int, instruction: Instruction) -> None:
        self._budget -= characters
        if self._budget < 0:
            reason = f"expands to more than {MAX_ENVIRONMENT} characters in all"
            raise MalformedError(reason, line=instruction.line)

    def _sources(self, instruction: Instruction, stage: _OpenStage) -> Iterator[Reference]:
        if instruction.name == "COPY":
            for source in instruction.flag_values("from"):
                if source and not self._is_stage(source, instruction):
                    yield self._outside(ReferenceKind.COPY, instruction, source, stage)
        elif instruction.name == "RUN":
            for value in instruction.flag_values("mount"):
                mounted = mount_source(value, instruction.line)
                if mounted and mounted.lower() not in self._by_name and mounted != SCRATCH:
                    yield self._outside(ReferenceKind.MOUNT, instruction, mounted, stage)

    def _is_stage(self, source: str, instruction: Instruction) -> bool:
        if source.isascii() and source.removeprefix("+").removeprefix("-").isdecimal():
            if not 0 <= int(source[:9]) < len(self._stages) and not instruction.onbuild:
                reason = f"invalid stage index '{printable(source)}'"
                raise MalformedError(reason, line=instruction.line)
            return True
        text, _ = self._expanded(source, instruction, {})
        if text != source and not instruction.onbuild:
            reason = "COPY --from does not support variables; name a stage with FROM"
            raise MalformedError(reason, line=instruction.line)
        return source.lower() in self._by_name or source == SCRATCH

    def _outside(
        self, kind: ReferenceKind, instruction: Instruction, source: str, stage: _OpenStage
    ) -> Reference:
        return _reference(kind, instruction, source, source, (), stage.label, None)

    def _expanded(
        self, word: str, instruction: Instruction, scope: Mapping[str, str]
    ) -> tuple[str, tuple[str, ...]]:
        try:
            expansion = expand(word, scope, escape=self._escape)
        except MissingValueError as error:
            self._spend(error.effort, instruction)
            return "", (error.name,)
        except SubstitutionError as error:
            reason = f"'{printable(word, 80)}': {printable(str(error))}"
            raise MalformedError(reason, line=instruction.line) from None
        self._spend(expansion.effort, instruction)
        behind = (name for used in expansion.used for name in self._incomplete.get(used, ()))
        missing = tuple(dict.fromkeys((*expansion.missing, *behind)))
        self._spend(len(missing) * _ENTRY, instruction)
        return expansion.text, missing

    def _loosely_expanded(
        self, word: str, instruction: Instruction, scope: Mapping[str, str]
    ) -> str:
        """Expand as far as possible; what cannot be expanded stays as written."""
        try:
            expansion = expand(word, scope, escape=self._escape)
        except SubstitutionError as error:
            self._spend(error.effort, instruction)
            return word
        self._spend(expansion.effort, instruction)
        return word if expansion.missing else expansion.text

    def _closed(self, stage: _OpenStage) -> Stage:
        return Stage(
            name=stage.name,
            line=stage.line,
            base=stage.base,
            user=stage.user,
            final=stage is self._stages[-1],
        )


def _reference(
    kind: ReferenceKind,
    instruction: Instruction,
    raw: str,
    image: str,
    missing: tuple[str, ...],
    stage: str,
    platform: str | None,
) -> Reference:
    reason = _problem(image, missing)
    return Reference(
        kind=kind,
        onbuild=instruction.onbuild,
        line=instruction.line,
        raw=raw,
        image=None if reason else image,
        stage=stage,
        platform=platform,
        missing=missing,
        reason=reason,
    )


def _syntax_reference(image: str, line: int) -> Reference:
    reason = _problem(image, ())
    return Reference(
        kind=ReferenceKind.SYNTAX,
        onbuild=False,
        line=line,
        raw=image,
        image=None if reason else image,
        stage=None,
        platform=None,
        missing=(),
        reason=reason,
    )


def _problem(image: str, missing: tuple[str, ...]) -> str | None:
    """Say why an expanded word is no reference: a missing ARG first, as it is the cause."""
    try:
        ImageReference.parse(image)
    except InvalidReferenceError as error:
        if missing:
            names = ", ".join(f"'{printable(name, 80)}'" for name in missing)
            return f"ARG {names} has no value"
        return f"'{printable(image, 80)}' {error}"
    return None


def _platform(text: str) -> Platform:
    """Read a platform; one word is an architecture or an operating system (platforms.Parse)."""
    if "/" in text:
        return Platform.parse(text)
    if text.lower() in {"linux", "windows", "freebsd", "darwin"}:
        return Platform.normalized(text.lower(), DEFAULT_PLATFORM.architecture)
    return Platform.parse(f"linux/{text}")


def _platform_arguments(target: Platform, stage: str | None) -> dict[str, str]:
    """Return the predefined platform ARGs (dockerfile2llb/platform.go ``defaultArgs``)."""
    named = {"BUILD": DEFAULT_PLATFORM, "TARGET": target}
    arguments = {"TARGETSTAGE": stage or "default"}
    for prefix, platform in named.items():
        arguments |= {
            f"{prefix}PLATFORM": str(platform),
            f"{prefix}OS": platform.os,
            f"{prefix}OSVERSION": "",
            f"{prefix}ARCH": platform.architecture,
            f"{prefix}VARIANT": platform.variant,
        }
    return arguments
