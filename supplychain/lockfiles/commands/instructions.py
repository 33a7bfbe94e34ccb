"""One Dockerfile instruction to the commands in it."""

from __future__ import annotations

import re

from supplychain.formats.dockerfile.instructions import read_instructions
from supplychain.formats.dockerfile.model import Instruction
from supplychain.lockfiles.commands import fetching
from supplychain.lockfiles.commands.call import Context, no_install
from supplychain.lockfiles.commands.model import InstallCommand
from supplychain.lockfiles.commands.programs import mentions_program
from supplychain.lockfiles.commands.script import ScriptReader

_RUNS = frozenset({"RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"})
_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh", "busybox"})
_HEREDOC = re.compile(r"""^\s*<<-?\s*(?:"[^"]*"|'[^']*'|[^\s<>|&;]+)""")
_PACKAGES = ("node_modules", "site-packages", "dist-packages", "/.venv", "vendor", "/venv")
_SHEBANG = re.compile(r"#!\s*(?:/usr/bin/env\s+(?:-S\s+)?)?(\S+)")


def commands_of(instruction: Instruction, context: Context) -> list[InstallCommand]:
    """Return the commands of an instruction, worst first."""
    return read_instruction(instruction, context)[0]


def read_instruction(
    instruction: Instruction, context: Context
) -> tuple[list[InstallCommand], str]:
    """Return the commands of an instruction, worst first, and the folder it ends in."""
    reader = ScriptReader(context, instruction.line)
    found: list[InstallCommand] = []
    if instruction.name in _RUNS:
        _run(reader, instruction, context)
        found = reader.judged()
    elif instruction.name == "ADD":
        found = _added(instruction)
    elif instruction.name == "COPY" and instruction.flag_values("from"):
        found = _copied(instruction)
    return sorted(found, key=lambda one: one.verdict.rank), reader.folder


def parse_one(text: str) -> Instruction:
    """Read one instruction that stands by itself.

    Raises:
        MalformedError: BuildKit would refuse it.
    """
    return read_instructions(text)[0][0]


def _run(reader: ScriptReader, instruction: Instruction, context: Context) -> None:
    words = list(instruction.words)
    if instruction.name == "HEALTHCHECK":
        words = words[1:]
    if instruction.is_json:
        reader.words(words)
        return
    text = " ".join(words)
    shell = [word.rpartition("/")[2].rpartition("\\")[2] for word in context.shell[:1]]
    if shell and shell[0].removesuffix(".exe") not in _SHELLS:
        if text.strip():
            reader.opaque(text)
        return
    if not instruction.heredocs:
        reader.script(text)
        return
    only = _HEREDOC.fullmatch(text.strip())
    if only:
        _heredoc_alone(reader, instruction.heredocs[0].content)
        return
    leading = _HEREDOC.match(text)
    if leading:
        text = f"{text[leading.end() :].strip()} {leading[0].strip()}"
    bodies = "".join(f"{one.content}{one.name}\n" for one in instruction.heredocs)
    reader.script(f"{text}\n{bodies}")


def _heredoc_alone(reader: ScriptReader, content: str) -> None:
    """Take in a here-document that is the whole RUN: a script, by its first line of any shell."""
    shebang = _SHEBANG.match(content)
    if shebang is None or shebang[1].rpartition("/")[2] in _SHELLS:
        reader.script(content)
    elif mentions_program(content):
        reader.opaque(content)


def _added(instruction: Instruction) -> list[InstallCommand]:
    checksum = next(iter(instruction.flag_values("checksum")), None)
    found = []
    for source in instruction.words[:-1]:
        outcome = fetching.added(source, checksum)
        if outcome is not None:
            found.append(
                InstallCommand(
                    line=instruction.line,
                    text=f"ADD {source}",
                    ecosystem="git"
                    if "git" in outcome.reason or "commit" in outcome.reason
                    else "url",
                    verdict=outcome.verdict,
                    reason=outcome.reason,
                )
            )
    return found


def _copied(instruction: Instruction) -> list[InstallCommand]:
    outcome = no_install("copies-installed")
    return [
        InstallCommand(
            line=instruction.line,
            text=f"COPY {source}",
            ecosystem=None,
            verdict=outcome.verdict,
            reason=outcome.reason,
        )
        for source in instruction.words[:-1]
        if any(part in source for part in _PACKAGES)
    ]
