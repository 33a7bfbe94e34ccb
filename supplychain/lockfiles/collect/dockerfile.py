"""A Dockerfile to the commands in it, each judged beside the files that its stage has."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from supplychain.access.environment import MAX_BUILDS, DeclaredBuild, Environment, read_text
from supplychain.access.files import UnreadableError
from supplychain.access.tree import Tree
from supplychain.core.evidence import Evidence, Gap
from supplychain.core.finding import Location
from supplychain.core.subject import Subject
from supplychain.formats import dockerfile, dockerignore
from supplychain.formats.compose import ComposeFile
from supplychain.formats.compose_build import dockerfile_name
from supplychain.formats.dockerfile import Dockerfile
from supplychain.formats.dockerfile.model import Instruction
from supplychain.formats.dockerignore import Dockerignore, PathPattern
from supplychain.formats.text import MalformedError, printable
from supplychain.formats.words import SubstitutionError, expand
from supplychain.lockfiles.collect.stages import BuildContext, StageFiles, Step
from supplychain.lockfiles.commands.call import Context
from supplychain.lockfiles.commands.instructions import read_instruction
from supplychain.lockfiles.commands.model import InstallCommand, Verdict
from supplychain.lockfiles.evidence import InstallStep
from supplychain.lockfiles.names import folder_of

# Programs after which a stage may hold files that no COPY brought.
_BRINGS_FILES = ("git ", "tar ", "unzip ", "cp ", "mv ", "rsync ", "curl ", "wget ", "ln ")
_ARCHIVES = (".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".txz")
_PAIR = 3  # words of a tokenized ENV pair: name, value, delimiter


def collect(subject: Subject, tree: Tree, environment: Environment) -> Iterator[Evidence | Gap]:
    """Yield the commands of the Dockerfile at ``subject.ref`` that install, or may install."""
    try:
        text = read_text(tree, subject.ref)
    except (UnreadableError, MalformedError):
        return  # said by the stage that reads references
    seen: set[tuple[int, str, str]] = set()
    folders = _declared_folders(subject, environment)
    declared = environment.builds.get(subject.path or "", ()) or (DeclaredBuild(),)
    for build in declared[:MAX_BUILDS]:  # beyond, the images stage tells of a gap
        try:
            read = dockerfile.read(text, build_args=build.arguments, target=build.target)
        except MalformedError:
            return
        for command in commands_in(read, tree, subject.ref, build.arguments, folders):
            key = (command.line, command.text, command.reason or "")
            if key not in seen:
                seen.add(key)
                yield _evidence(subject, environment, command)


def commands_in(
    read: Dockerfile,
    tree: Tree,
    name: str,
    build_args: Mapping[str, str],
    folders: tuple[str, ...] = (),
) -> list[InstallCommand]:
    """Return the commands of a Dockerfile at ``name`` in a tree, worst first.

    ``folders`` are the build contexts that are declared for it; without one the Dockerfile's own
    folder is, or the nearest above it that has what is copied.
    """
    folder = folders[0] if folders else _likely_folder(read, tree, name)
    context = BuildContext(tree, folder, _ignore(tree, name, folder))
    walk = _Walk(context, build_args)
    found = [command for one in read.instructions for command in walk.over(one)]
    return sorted(found, key=lambda one: one.verdict.rank)


def _evidence(
    subject: Subject, environment: Environment, command: InstallCommand
) -> Evidence | Gap:
    location = Location(path=subject.path, line=command.line)
    if command.verdict is Verdict.UNREAD:
        return Gap(
            id="command-unread",
            wanted=f"what '{printable(command.text, 120)}' installs",
            reason="only a shell can tell which command this is",
            hint="write the command out",
            location=location,
        )
    return InstallStep(
        subject=subject,
        producer=environment.tool,
        observed_at=environment.now,
        digest=subject.digest,
        command=command,
        location=location,
    )


@dataclass(slots=True)
class _Stage:
    files: StageFiles
    env: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    shell: tuple[str, ...] = ("/bin/sh", "-c")


class _Walk:
    """Goes through the instructions in order and keeps what each stage has."""

    def __init__(self, context: BuildContext, build_args: Mapping[str, str]) -> None:
        self._context = context
        self._build_args = build_args
        self._scope: dict[str, str] = {}
        self._stages: list[_Stage] = []
        self._by_name: dict[str, _Stage] = {}
        self._yarn = "berry" if context.has(".yarnrc.yml") else "classic"

    def over(self, instruction: Instruction) -> list[InstallCommand]:
        """Take in an instruction, and return the commands in it."""
        if instruction.name == "FROM":
            self._open(instruction)
            return []
        if not self._stages:
            if instruction.name == "ARG":
                self._argument(instruction, self._scope)
            return []
        stage = self._stages[-1]
        commands: list[InstallCommand] = []
        if instruction.name in ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK", "ADD", "COPY"):
            commands = self._commands(instruction, stage)
        if not instruction.onbuild:
            self._applied(instruction, stage)
        return commands

    def _commands(self, instruction: Instruction, stage: _Stage) -> list[InstallCommand]:
        files = stage.files.with_mounts(list(self._mounts(instruction, stage)))
        context = Context(
            env=dict(stage.env),
            shell=stage.shell,
            folder=stage.folder,
            stage=files,
            yarn=self._yarn,
        )
        return read_instruction(instruction, context)[0]

    def _open(self, instruction: Instruction) -> None:
        base = self._expanded(instruction.words[0], self._scope)
        below = self._by_name.get(base.lower())
        stage = _Stage(files=StageFiles(self._context, below.files if below else None))
        if below is not None:
            stage.env, stage.folder, stage.shell = dict(below.env), below.folder, below.shell
        self._stages.append(stage)
        self._by_name[str(len(self._stages) - 1)] = stage
        if len(instruction.words) > 1:
            self._by_name[instruction.words[2].lower()] = stage

    def _argument(self, instruction: Instruction, environment: dict[str, str]) -> None:
        for word in instruction.words:
            name, sign, default = word.partition("=")
            value = self._build_args.get(name)
            if value is None and sign:
                value = self._expanded(default, environment)
            if value is None:
                value = self._scope.get(name)
            if value is not None:
                environment[name] = value

    def _applied(self, instruction: Instruction, stage: _Stage) -> None:
        words = instruction.words
        if instruction.name == "ARG":
            self._argument(instruction, stage.env)
        elif instruction.name == "ENV":
            before = dict(stage.env)
            for name, value in zip(words[::_PAIR], words[1::_PAIR], strict=True):
                stage.env[name] = self._expanded(value, before)
        elif instruction.name == "WORKDIR":
            folder = self._expanded(words[0], stage.env)
            stage.folder = posixpath.normpath(posixpath.join(stage.folder, folder))
        elif instruction.name == "SHELL":
            stage.shell = words
        elif instruction.name in ("COPY", "ADD"):
            stage.files.add(self._copy(instruction, stage))
        elif instruction.name == "RUN" and self._brings_files(instruction):
            stage.files.add(Step(sources=(), destination="/", into_folder=True, unknown=True))

    @staticmethod
    def _brings_files(instruction: Instruction) -> bool:
        text = " ".join((*instruction.words, *(one.content for one in instruction.heredocs)))
        return any(program in f" {text}" for program in (f" {one}" for one in _BRINGS_FILES))

    def _copy(self, instruction: Instruction, stage: _Stage) -> Step:
        *written, target = (self._expanded(word, stage.env) for word in instruction.words)
        sources = tuple(one for one in written if not one.startswith("<<"))
        destination = posixpath.normpath(posixpath.join(stage.folder, target))
        origin, unknown = None, False
        for name in instruction.flag_values("from"):
            known = self._by_name.get(name.lower())
            origin, unknown = (known.files, False) if known else (None, False)
            if known is None:
                sources = ()
        remote = any("://" in one or one.endswith(_ARCHIVES) for one in sources)
        unknown = unknown or (instruction.name == "ADD" and remote)
        is_folder = target.endswith("/") or target in (".", "..") or len(sources) > 1
        return Step(
            sources=sources,
            destination=destination,
            into_folder=is_folder or destination == stage.folder,
            origin=origin,
            unknown=unknown,
            parents=bool(instruction.flag_values("parents")),
        )

    def _mounts(self, instruction: Instruction, stage: _Stage) -> Iterator[Step]:
        for value in instruction.flag_values("mount"):
            fields = dict(part.partition("=")[::2] for part in value.split(","))
            if fields.get("type", "bind") != "bind":
                continue
            source = fields.get("source") or fields.get("src") or "."
            target = fields.get("target") or fields.get("dst") or fields.get("destination") or "."
            name = fields.get("from", "").lower()
            known = self._by_name.get(name)
            if name and known is None:
                continue
            yield Step(
                sources=(self._expanded(source, stage.env),),
                destination=posixpath.normpath(
                    posixpath.join(stage.folder, self._expanded(target, stage.env))
                ),
                into_folder=False,
                origin=known.files if known else None,
            )

    @staticmethod
    def _expanded(word: str, environment: Mapping[str, str]) -> str:
        try:
            return expand(word, environment).text
        except SubstitutionError:
            return word


def _declared_folders(subject: Subject, environment: Environment) -> tuple[str, ...]:
    """Return the build contexts that compose files declare for a Dockerfile, in the tree."""
    own = subject.path or subject.ref
    found: list[str] = []
    for path, read in environment.compose.items():
        if not isinstance(read, ComposeFile):
            continue
        for service in (*read.services, *read.jobs):
            build = service.build
            if build is None or dockerfile_name(path, build) != posixpath.normpath(own):
                continue
            context = (build.context.text if build.context else ".") or "."
            shown = posixpath.normpath(posixpath.join(posixpath.dirname(path), context))
            way = posixpath.relpath(shown, posixpath.dirname(own) or ".")
            folder = posixpath.normpath(posixpath.join(folder_of(subject.ref), way))
            if not folder.startswith(".."):
                found.append("" if folder == "." else folder)
    return tuple(dict.fromkeys(found))


def _likely_folder(read: Dockerfile, tree: Tree, name: str) -> str:
    """Return the nearest folder, from the Dockerfile's own upwards, that has what is copied."""
    own = folder_of(name)
    wanted = [
        posixpath.normpath(word.lstrip("/"))
        for one in read.instructions
        if one.name in ("COPY", "ADD") and not one.flag_values("from")
        for word in one.words[:-1]
        if "://" not in word and "$" not in word and not word.startswith("<<")
    ]
    literal = [one for one in wanted if one not in (".", "/") and PathPattern.parse(one).is_literal]
    parts = own.split("/") if own else []
    for count in range(len(parts), -1, -1):
        folder = "/".join(parts[:count])
        context = BuildContext(tree, folder, Dockerignore())
        if literal and all(context.has(one) or context.has_folder(one) for one in literal):
            return folder
    return own


def _ignore(tree: Tree, name: str, folder: str) -> Dockerignore:
    """Return what is left out of a context; one beside the Dockerfile with its name comes first.

    A file that cannot be read leaves nothing out, as the build itself would stop.
    """
    for path in (f"{name}.dockerignore", f"{folder}/.dockerignore" if folder else ".dockerignore"):
        if tree.has(path):
            try:
                return dockerignore.read(read_text(tree, path))
            except (UnreadableError, MalformedError):
                return Dockerignore()
    return Dockerignore()
