"""Text to instructions, refusing what BuildKit refuses.

Tokens by e2b-dockerfile-utils 0.1; rules by BuildKit v0.34.2, frontend/dockerfile/instructions
(parse.go, bflag.go, commands_run*.go).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from e2b_dockerfile_utils import (
    DockerfileInstruction,
    DockerfileSyntaxError,
    parse_dockerfile_ast,
    parse_heredoc,
)

from supplychain.core.limits import MIB
from supplychain.formats.dockerfile.model import Heredoc, Instruction
from supplychain.formats.text import MalformedError, printable

MAX_INSTRUCTIONS = 10_000
MAX_LINES = 100_000  # physical lines; the tokenizer takes microseconds for each
MAX_CONTINUED_LINES = 10_000  # lines of one instruction, whose joining takes quadratic time
MAX_CONTINUED = MIB  # characters of one instruction's lines, for the same reason
MAX_LINE = 65_535  # bytes of a physical line; parser.go: bufio.MaxScanTokenSize - 1
MAX_DIRECTIVE = 4_096  # characters; the tokenizer's directive pattern is quadratic beyond

# ``ONBUILD RUN`` and its like, blanked before tokenizing: the tokenizer reads here-documents and
# flags of plain instructions only, BuildKit those of triggers too.
_TRIGGER = re.compile(
    r"^([ \t]*)ONBUILD(?=[ \t]+(?:ADD|COPY|RUN)[ \t])", re.IGNORECASE | re.MULTILINE
)
_STAGE_NAME = re.compile(r"[a-z][a-z0-9\-_.]*")
_DIRECTIVE = re.compile(r"#[ \t]*([a-zA-Z][a-zA-Z0-9]*)[ \t]*=[ \t]*(.+)")

_TOO_MANY = f"has more than {MAX_INSTRUCTIONS} instructions"
_TEXT, _BOOLEAN, _LIST = "text", "boolean", "list"
_SOURCE_FLAGS = {"chown": _TEXT, "chmod": _TEXT, "link": _BOOLEAN, "exclude": _LIST}
_FLAGS: Mapping[str, Mapping[str, str]] = {
    "FROM": {"platform": _TEXT},
    "COPY": {**_SOURCE_FLAGS, "from": _TEXT, "parents": _BOOLEAN},
    "ADD": {**_SOURCE_FLAGS, "keep-git-dir": _BOOLEAN, "checksum": _TEXT, "unpack": _BOOLEAN},
    "RUN": {"mount": _LIST, "network": _TEXT, "security": _TEXT, "device": _LIST},
    "HEALTHCHECK": dict.fromkeys(
        ("interval", "timeout", "start-period", "start-interval", "retries"), _TEXT
    ),
}
_FLAGS_UNREAD = frozenset({"ARG", "STOPSIGNAL"})
_RUN_CHOICES = {"network": {"default", "none", "host"}, "security": {"sandbox", "insecure"}}
_EXACTLY_ONE = frozenset({"MAINTAINER", "WORKDIR", "USER", "STOPSIGNAL"})
_AT_LEAST_ONE = frozenset({"ARG", "ENV", "EXPOSE", "LABEL", "SHELL", "VOLUME", "HEALTHCHECK"})
_PAIRS = 3  # words of a tokenized ENV or LABEL pair: name, value, delimiter
_FROM_WORDS = (1, 3)


@lru_cache(maxsize=4)  # a Dockerfile is read once for each way in which it is built, by two stages
def read_instructions(text: str) -> tuple[tuple[Instruction, ...], str]:
    """Return the instructions of a Dockerfile and its escape character.

    Raises:
        MalformedError: BuildKit would refuse the text, or it passes a limit.
    """
    _check_lines(text)
    _check_runs(text)
    blanked = _TRIGGER.sub(lambda match: match[1] + " " * len("ONBUILD"), text)
    try:
        syntax_tree = parse_dockerfile_ast(blanked)
    except DockerfileSyntaxError as error:
        reason = str(error).partition(": ")[2] or str(error)
        raise MalformedError(printable(reason), line=error.line) from None
    except (ValueError, RecursionError, IndexError) as error:
        reason = f"cannot be read: {printable(str(error))}"
        raise MalformedError(reason) from None
    if not syntax_tree.instructions:
        reason = "has no instructions"
        raise MalformedError(reason, line=1)
    if len(syntax_tree.instructions) > MAX_INSTRUCTIONS:
        raise MalformedError(_TOO_MANY)
    lines = text.split("\n")
    escape = syntax_tree.escape_token
    read = [_instruction(token, lines, escape) for token in syntax_tree.instructions]
    for instruction in read:
        if not instruction.onbuild:
            _check(instruction)
    return tuple(read), escape


def syntax_directive(text: str) -> tuple[str, int] | None:
    """Return the image of the front end that ``# syntax=`` names, and the directive's line.

    parser/directives.go ``DetectSyntax``: directives stand before anything else, after a ``#!``
    line at most; the image ends at the first space.
    """
    lines = text.split("\n", 16)[:16]
    start = 1 if lines[0].startswith("#!") else 0
    for number, line in enumerate(lines[start:], start + 1):
        match = _DIRECTIVE.match(line.strip()[:MAX_DIRECTIVE])
        if match is None or match[1].lower() not in {"syntax", "escape", "check"}:
            return None
        if match[1].lower() == "syntax":
            return match[2].split(" ")[0].strip(), number
    return None


def _check_lines(text: str) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_DIRECTIVE and line.lstrip().startswith("#") and "=" in line:
            reason = f"has a comment with '=' of more than {MAX_DIRECTIVE} characters"
            raise MalformedError(reason, line=number)
        if len(line) > MAX_LINE // 4 and len(line.encode()) > MAX_LINE:
            reason = f"has a line of more than {MAX_LINE} bytes"
            raise MalformedError(reason, line=number)


def _check_runs(text: str) -> None:
    """Refuse what would take the tokenizer too long.

    Which escape character holds is not known yet, so a line that ends in either one continues;
    this makes runs longer and instructions fewer than they are. Where there may be
    here-documents, instructions are counted later.
    """
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        reason = f"has more than {MAX_LINES} lines"
        raise MalformedError(reason, line=MAX_LINES + 1)
    instructions = run = joined = 0
    for number, line in enumerate(lines, 1):
        content = line.strip()
        is_silent = not content or content.startswith("#")
        if run == 0 and is_silent:
            continue
        instructions += run == 0
        run, joined = run + 1, joined + len(line)
        if run > MAX_CONTINUED_LINES or joined > MAX_CONTINUED:
            reason = (
                f"has an instruction of more than {MAX_CONTINUED_LINES} lines "
                f"or {MAX_CONTINUED} characters"
            )
            raise MalformedError(reason, line=number)
        if not is_silent and not content.endswith(("\\", "`")):
            run = joined = 0
    if instructions > MAX_INSTRUCTIONS and "<<" not in text:
        raise MalformedError(_TOO_MANY)


def _instruction(token: DockerfileInstruction, lines: list[str], escape: str) -> Instruction:
    onbuild = _TRIGGER.match(lines[token.start_line - 1]) is not None
    name, flags, words, is_json = token.name, token.flags, token.args, token.json
    if name == "ONBUILD":
        trigger = _trigger(token, escape)
        name, flags, words, is_json = trigger.name, trigger.flags, trigger.args, trigger.json
        onbuild = True
    pairs = (flag.removeprefix("--").partition("=") for flag in flags)
    return Instruction(
        name=name,
        text=token.original,
        flags=tuple((key, value if sign else None) for key, sign, value in pairs),
        words=tuple(_source_words(token) or words),
        is_json=is_json,
        heredocs=tuple(Heredoc(name=item.name, content=item.content) for item in token.heredocs),
        onbuild=onbuild,
        line=token.start_line,
        end_line=token.end_line,
    )


def _source_words(token: DockerfileInstruction) -> list[str]:
    """Return the words of ADD and COPY as BuildKit splits them: at white space, quotes or not.

    The tokenizer keeps quoted words together; parser/line_parsers.go ``parseMaybeJSONToList`` does
    not. Empty for other instructions, and where a flag itself holds white space.
    """
    split = token.name in {"ADD", "COPY"} and not token.json
    if not split or any(" " in flag or "\t" in flag for flag in token.flags):
        return []
    words = token.original.split()
    return words[1 + len(token.flags) :]


def _trigger(token: DockerfileInstruction, escape: str) -> DockerfileInstruction:
    """Read the instruction that an ONBUILD keeps for later (parse.go ``parseOnBuild``)."""
    rest = re.sub(r"^\s*ONBUILD\s*", "", token.original, count=1, flags=re.IGNORECASE)
    if not rest.strip():
        reason = "ONBUILD requires at least one argument"
        raise MalformedError(reason, line=token.start_line)
    name = rest.split(None, 1)[0].upper()
    if name in {"ONBUILD", "MAINTAINER", "FROM"}:
        reason = f"{name} is not allowed as an ONBUILD trigger"
        raise MalformedError(reason, line=token.start_line)
    try:
        return parse_dockerfile_ast(f"# escape={escape}\n{rest}").instructions[0]
    except (ValueError, RecursionError, IndexError) as error:
        reason = printable(str(error).rpartition(": ")[2])
        raise MalformedError(reason, line=token.start_line) from None


def _check(instruction: Instruction) -> None:
    """Refuse what BuildKit refuses about flags and arguments."""
    check = _ARGUMENT_CHECKS.get(instruction.name)
    reason = check(instruction) if check else None
    count = len(instruction.words)
    if instruction.name in _EXACTLY_ONE and count != 1:
        reason = f"{instruction.name} requires exactly one argument"
    elif instruction.name in _AT_LEAST_ONE and count == 0:
        reason = f"{instruction.name} requires at least one argument"
    flags_apply = instruction.name not in _FLAGS_UNREAD and not (
        instruction.name == "HEALTHCHECK" and instruction.words[:1] == ("NONE",)
    )
    reason = reason or (_flag_problem(instruction) if flags_apply else None)
    if reason:
        raise MalformedError(printable(reason), line=instruction.line)


def _flag_problem(instruction: Instruction) -> str | None:
    known = _FLAGS.get(instruction.name, {})
    seen: set[str] = set()
    for name, value in instruction.flags:
        kind = known.get(name)
        if kind is None:
            return f"unknown flag '--{name}' of {instruction.name}"
        if name in seen and kind != _LIST:
            return f"flag '--{name}' is given twice"
        seen.add(name)
        if kind == _BOOLEAN:
            if value is not None and value.lower() not in {"true", "false"}:
                return f"flag '--{name}' is true or false, not '{value}'"
        elif value is None:
            return f"flag '--{name}' has no value"
        elif name in _RUN_CHOICES and value not in _RUN_CHOICES[name]:
            return f"flag '--{name}' cannot be '{value}'"
    return None


def _check_from(instruction: Instruction) -> str | None:
    words = instruction.words
    if len(words) not in _FROM_WORDS or (len(words) > 1 and words[1].lower() != "as"):
        return "FROM requires either one or three arguments"
    if len(words) > 1 and not _STAGE_NAME.fullmatch(words[2].lower()):
        return f"invalid name for build stage: '{words[2]}'"
    return None


def _check_sources(instruction: Instruction) -> str | None:
    if len(instruction.words) < 2:  # noqa: PLR2004 -- a source and a destination
        return f"{instruction.name} requires at least two arguments"
    try:
        is_heredoc = parse_heredoc(instruction.words[-1]) is not None
    except ValueError:
        is_heredoc = False
    return f"{instruction.name} cannot accept a heredoc as a destination" if is_heredoc else None


def _check_pairs(instruction: Instruction) -> str | None:
    if any(not name for name in instruction.words[::_PAIRS]):
        return f"{instruction.name} names can not be blank"
    return None


def _check_arg(instruction: Instruction) -> str | None:
    blank = any(word.startswith("=") for word in instruction.words)
    return "ARG names can not be blank" if blank else None


def _check_shell(instruction: Instruction) -> str | None:
    return None if instruction.is_json else "SHELL requires the arguments to be in JSON form"


def _check_volume(instruction: Instruction) -> str | None:
    blank = any(not word.strip() for word in instruction.words)
    return "VOLUME specified can not be an empty string" if blank else None


def _check_healthcheck(instruction: Instruction) -> str | None:
    kind, *command = instruction.words or ("",)
    if kind.upper() == "NONE":
        return "HEALTHCHECK NONE takes no arguments" if any(command) else None
    if kind.upper() != "CMD":
        return f"unknown type '{kind}' in HEALTHCHECK"
    return None if any(command) else "missing command after HEALTHCHECK CMD"


_ARGUMENT_CHECKS: Mapping[str, Callable[[Instruction], str | None]] = {
    "FROM": _check_from,
    "COPY": _check_sources,
    "ADD": _check_sources,
    "ENV": _check_pairs,
    "LABEL": _check_pairs,
    "ARG": _check_arg,
    "SHELL": _check_shell,
    "VOLUME": _check_volume,
    "HEALTHCHECK": _check_healthcheck,
}
