"""What a call hands to a shell: the text of ``-c``, of ``eval``, of ``trap``, or its input."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from supplychain.lockfiles.commands.call import Call
from supplychain.lockfiles.commands.fetching import is_runner, is_shell
from supplychain.lockfiles.commands.programs import judge_of

_WORD_VALUES = ("--rcfile", "--init-file")  # bash 5.3, ``shell.c`` long_args
_COMMAND = re.compile(r"-[a-zA-Z]*c|--command|--session-command")
_RUN_PROGRAMS = frozenset(
    {"poetry", "pdm", "pipenv", "hatch", "rye", "conda", "mamba", "micromamba", "pixi", "uv"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellArguments:
    """How a shell is called: with a script as text, with a file, or to read its input."""

    script: str | None
    wants_script: bool
    reads_input: bool
    stops_at_errors: bool


def shell_arguments(program: str, words: tuple[str, ...]) -> ShellArguments:
    """Return what the arguments of a shell mean (POSIX ``sh``; ``o`` and ``O`` take a word)."""
    wants = reads = stops = False
    position = 0
    while position < len(words):
        word = words[position]
        if not word.startswith(("-", "+")):
            break
        position += 1
        if word in ("-", "--"):
            break
        if word.startswith("--") or program in ("pwsh", "powershell"):
            wants = wants or word.lower() in ("--command", "-command", "-c")
            position += word in _WORD_VALUES
            continue
        values = sum(word.count(sign) for sign in "oO")
        if word.startswith("-"):
            wants = wants or "c" in word
            reads = reads or "s" in word
            stops = stops or "e" in word or "errexit" in words[position : position + values]
        position += values
    rest = words[position:]
    return ShellArguments(
        script=rest[0] if wants and rest else None,
        wants_script=wants,
        reads_input=reads or not (rest or wants) or rest[:1] == ("/dev/stdin",),
        stops_at_errors=stops,
    )


def nested_script(call: Call) -> str | None:
    """Return the script that a call hands to a shell."""
    if call.program == "eval":
        return " ".join(call.words)
    if call.program == "trap":
        return next((word for word in call.words if not word.startswith("-")), None)
    if is_shell(call.program):
        given = shell_arguments(call.program, call.words)
        text = given.script if given.wants_script else call.stdin
        return None if text in call.unknown and str(text).startswith("$(") else text
    if call.program in ("su", "runuser", "script"):
        for position, word in enumerate(call.words):
            name, sign, value = word.partition("=")
            if _COMMAND.fullmatch(name):
                return value if sign else " ".join(call.words[position + 1 : position + 2])
    return None


def nested_words(call: Call) -> tuple[str, ...]:
    """Return the command that a call starts, where it is none of the wrappers: ``poetry run``."""
    words = call.words
    if call.program == "find":
        found = [n for n, word in enumerate(words) if word in ("-exec", "-execdir", "-ok")]
        return words[found[0] + 1 :] if found else ()
    if call.program not in _RUN_PROGRAMS or "run" not in words:
        return ()
    start = words.index("run") + 1
    for position in range(start, len(words)):
        name = posixpath.basename(words[position])
        if judge_of(name) is not None or is_runner(name):
            return words[position:]
        if not words[position].startswith("-") and not words[position - 1].startswith("-"):
            break
    return ()
