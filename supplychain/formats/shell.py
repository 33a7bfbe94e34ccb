"""Shell scripts to the commands that they may run, in the order in which they are written.

The grammar is tree-sitter-bash's; it stands behind this module alone. Nothing is executed: every
branch, loop body, function and substitution is listed, as any of them may run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from supplychain.formats.text import MalformedError

MAX_SCRIPT = 64 * 1024  # bytes of one RUN; the longest of 3,436 real ones has 13,000
MAX_COMMANDS = 5_000  # commands of one script
MAX_BRANCHES = 3_000  # of one sign below; the grammar's time grows with their square
MAX_NESTING = 40  # words within words
MAX_EXPANDED = 64 * 1024  # characters that variables may bring into one RUN; see MAX_SCRIPT
MAX_NODES = 400_000  # nodes of the syntax tree; at most about six a byte

# Characters that never reach the grammar: its scanner looks them up in a table of ASCII (scanner.c
# of 0.25.1, ``isdigit``) and may crash. None of them means anything to a shell.
_UNSAFE = re.compile(r"[^\t\n\r\x20-\x7e]")
_BRANCHING = (b"(", b")", b"|", b"<")
_LITERALS = ("word", "number", "string_content", "extglob_pattern", "regex", "variable_name")
_REDIRECTS = ("file_redirect", "heredoc_redirect", "herestring_redirect")
_SUBSTITUTIONS = ("command_substitution", "process_substitution")
_CONDITIONS = ("if_statement", "negated_command")
_STOPS = re.compile(r"(?<![\w-])(?:exit|return|false|kill)(?![\w-])")
_DEFAULTS = (":-", "-", ":=", "=")


class PartKind(StrEnum):
    """What a part of a word is."""

    TEXT = "text"
    VARIABLE = "variable"
    OUTPUT = "output"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a word: text, the name of a variable, or something only a shell can tell."""

    kind: PartKind
    text: str
    quoted: bool = False
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a command, before expansion."""

    parts: tuple[Part, ...]

    @property
    def has_output(self) -> bool:
        """Say whether the word holds the output of a command."""
        return any(part.kind is PartKind.OUTPUT for part in self.parts)

    def growth(self, environment: Mapping[str, str]) -> int:
        """Return how many characters the variables in the word bring in."""
        return sum(
            len(environment.get(part.text) or part.default or "")
            for part in self.parts
            if part.kind is PartKind.VARIABLE
        )

    def expand(self, environment: Mapping[str, str]) -> list[tuple[str, bool]]:
        """Return the words that this one becomes, each with whether all of it is known.

        A variable without quotes that makes up the whole word is split at its spaces.
        """
        known = True
        texts: list[str] = []
        for part in self.parts:
            if part.kind is PartKind.TEXT:
                texts.append(part.text)
                continue
            value = None
            if part.kind is PartKind.VARIABLE:
                value = environment.get(part.text, part.default)
            if value is None:
                known = False
                texts.append(f"${part.text}" if part.kind is PartKind.VARIABLE else part.text)
                continue
            texts.append(value)
        text = "".join(texts)
        alone = len(self.parts) == 1 and self.parts[0].kind is PartKind.VARIABLE
        if alone and known and not self.parts[0].quoted:
            return [(one, True) for one in text.split()]
        return [(text, known)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """A redirection: its operator, and the file it names where it names one."""

    operator: str
    target: Word | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellCommand:
    """One simple command.

    ``assignments`` stand before it, or are all there is; ``exports`` says that they outlive it.
    ``stdin`` is the text of a here-document. Commands of one ``pipeline`` follow one another;
    ``inside`` is the number of the command whose word holds this one's output. ``line`` is 1-based.
    ``fallback`` says that it stands behind ``||``, ``excused`` that what stands behind its ``||``
    makes good for its failure, ``followed`` that commands after it run whether it fails or not,
    unless the shell stops at errors.
    """

    words: tuple[Word, ...]
    assignments: tuple[tuple[str, Word], ...]
    exports: bool
    redirects: tuple[Redirect, ...]
    stdin: str | None
    pipeline: int
    inside: int | None
    line: int
    text: str
    fallback: bool = False
    excused: bool = False
    followed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """All commands of a script; ``broken`` says that some of it is no shell that we know."""

    commands: tuple[ShellCommand, ...]
    broken: bool


def read(text: str) -> Script:
    """Read a shell script.

    Raises:
        MalformedError: it is beyond our limits.
    """
    if len(text) > MAX_SCRIPT or len(text.encode(errors="replace")) > MAX_SCRIPT:
        reason = f"has a script of more than {MAX_SCRIPT} bytes"
        raise MalformedError(reason)
    data = _UNSAFE.sub("_", text).encode()
    if any(data.count(sign) > MAX_BRANCHES for sign in _BRANCHING):
        reason = f"has a script with more than {MAX_BRANCHES} pipes or brackets"
        raise MalformedError(reason)
    tree = Parser(_language()).parse(data)
    return _Walk(text).over(tree.root_node)


@lru_cache(maxsize=1)
def _language() -> Language:
    return Language(tree_sitter_bash.language())


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk is: in which pipeline, in the word of which command, at whose redirects.

    ``fallback`` says that what is here runs only when something before it failed.
    """

    pipeline: int = 0
    inside: int | None = None
    redirects: tuple[Node, ...] = ()
    fallback: bool = False
    excused: bool = False
    followed: bool = False


class _Walk:
    """Visits the tree with a stack of its own, so that nesting cannot exhaust Python's."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._commands: list[ShellCommand] = []
        self._pipelines = 0
        self._nodes = 0

    def over(self, root: Node) -> Script:
        waiting: list[tuple[Node, _Place]] = [(root, _Place())]
        while waiting:
            node, place = waiting.pop()
            self._count()
            waiting.extend(reversed(list(self._visit(node, place))))
        return Script(commands=tuple(self._commands), broken=root.has_error)

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES or len(self._commands) > MAX_COMMANDS:
            reason = f"has a script of more than {MAX_COMMANDS} commands"
            raise MalformedError(reason)

    def _visit(self, node: Node, place: _Place) -> Iterator[tuple[Node, _Place]]:
        """Take in a node, and yield those below it that may hold further commands."""
        kind = node.type
        if kind == "pipeline":
            number = place.pipeline or self._new_pipeline()
            inner = replace(place, pipeline=number)
            parts = [child for child in node.children if child.is_named]
            for child in node.children:
                is_last = bool(parts) and child == parts[-1]
                yield child, inner if is_last else replace(inner, followed=True)
        elif kind == "redirected_statement":
            yield from self._redirected(node, place)
        elif kind in ("command", "declaration_command", "unset_command"):
            yield from self._command(node, place)
        elif kind == "variable_assignment":
            yield from self._lone_assignment(node, place)
        elif kind in _SUBSTITUTIONS:
            inner = _Place(0, place.inside)
            yield from ((child, inner) for child in node.children)
        elif kind == "list":
            yield from self._list(node, place)
        elif kind in _CONDITIONS:
            inner = replace(place, followed=False)
            yield from ((child, inner) for child in node.children)
        else:
            yield from _sequence(node, place)

    def _list(self, node: Node, place: _Place) -> Iterator[tuple[Node, _Place]]:
        # The grammar may bind a pipe or a redirection to a whole list; shells bind the pipe to
        # its first or last part, and the redirection to the last.
        last = len(node.children) - 1
        for number, child in enumerate(node.children):
            pipeline = place.pipeline if number in (0, last) else 0
            redirects = place.redirects if number == last else ()
            after = number and node.children[number - 1].type == "||"
            fallback = place.fallback or bool(after)
            excused = place.excused or (number == 0 and _excuses(self._source, node))
            stops = number == 0 and "||" in [one.type for one in node.children] and not excused
            yield (
                child,
                replace(
                    place,
                    pipeline=pipeline,
                    redirects=redirects,
                    fallback=fallback,
                    excused=excused,
                    followed=place.followed and not stops,
                ),
            )

    def _new_pipeline(self) -> int:
        self._pipelines += 1
        return self._pipelines

    def _redirected(self, node: Node, place: _Place) -> Iterator[tuple[Node, _Place]]:
        redirects = tuple(child for child in node.children if child.type in _REDIRECTS)
        following = [
            child
            for redirect in redirects
            if redirect.type == "heredoc_redirect"
            for child in redirect.children
            if child.type in ("pipeline", "list", "command", "&&", "||")
        ]
        pipeline = place.pipeline
        if not pipeline and any(child.type == "pipeline" for child in following):
            pipeline = self._new_pipeline()
        for child in node.children:
            if child not in redirects:
                both = (*place.redirects, *redirects)
                yield child, replace(place, pipeline=pipeline, redirects=both)
        if all(child in redirects for child in node.children):
            self._add((), redirects, node, place, assignments=())
        for child in following:
            yield child, _Place(pipeline, place.inside)
        for redirect in redirects:
            for child in redirect.children:
                if child.type not in ("pipeline", "list", "command"):
                    yield child, _Place(0, len(self._commands))

    def _command(self, node: Node, place: _Place) -> Iterator[tuple[Node, _Place]]:
        number = len(self._commands)
        own = [child for child in node.children if child.type in _REDIRECTS]
        assignments = [child for child in node.children if child.type == "variable_assignment"]
        exported = node.type == "declaration_command"
        arguments = [
            child for child in node.children if child not in own and child not in assignments
        ]
        self._add(
            arguments if not exported else [],
            (*own, *place.redirects),
            node,
            place,
            assignments=assignments,
            exports=exported,
        )
        for child in node.children:
            yield from ((one, _Place(0, number)) for one in _substitutions(child))

    def _lone_assignment(self, node: Node, place: _Place) -> Iterator[tuple[Node, _Place]]:
        number = len(self._commands)
        self._add((), (), node, place, assignments=(node,), exports=True)
        yield from ((one, _Place(0, number)) for one in _substitutions(node))

    def _add(
        self,
        arguments: Iterator[Node] | list[Node] | tuple[Node, ...],
        redirects: tuple[Node, ...],
        node: Node,
        place: _Place,
        *,
        assignments: list[Node] | tuple[Node, ...],
        exports: bool = False,
    ) -> None:
        words = [word for child in arguments for word in _words(self._source, child)]
        read = [_redirect(self._source, one) for one in redirects]
        words += [word for _, extra in read for word in extra]
        self._commands.append(
            ShellCommand(
                words=tuple(words),
                assignments=tuple(_assignment(self._source, one) for one in assignments),
                exports=exports,
                redirects=tuple(redirect for redirect, _ in read),
                stdin=_stdin(self._source, redirects),
                pipeline=place.pipeline,
                inside=place.inside,
                line=node.start_point[0] + 1,
                text=_text(self._source, node),
                fallback=place.fallback,
                excused=place.excused,
                followed=place.followed,
            )
        )


def _sequence(node: Node, place: _Place) -> Iterator[tuple[Node, _Place]]:
    last_named = max((n for n, child in enumerate(node.children) if child.is_named), default=0)
    for number, child in enumerate(node.children):
        followed = place.followed or number < last_named
        yield child, replace(place, followed=followed)


def _excuses(source: str, node: Node) -> bool:
    """Say whether ``a || b`` goes on as if nothing was wrong when ``a`` fails."""
    signs = [child.type for child in node.children]
    if "||" not in signs:
        return False
    return _STOPS.search(source[node.children[signs.index("||")].end_byte : node.end_byte]) is None


def _text(source: str, node: Node) -> str:
    """Return the text of a node; what is parsed has one byte for each character."""
    return source[node.start_byte : node.end_byte]


def _substitutions(node: Node) -> Iterator[Node]:
    """Yield the outermost substitutions in a word."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type in _SUBSTITUTIONS:
            yield one
        else:
            waiting.extend(reversed(one.children))


def _words(source: str, node: Node) -> Iterator[Word]:
    if node.type == "command_name":
        for child in node.children:
            yield Word(_parts(source, child, 0, quoted=False))
    elif node.is_named and node.type != "comment":
        yield Word(_parts(source, node, 0, quoted=False))


def _assignment(source: str, node: Node) -> tuple[str, Word]:
    name = node.child_by_field_name("name")
    value = node.child_by_field_name("value")
    parts = _parts(source, value, 0, quoted=True) if value else ()
    appended = any(child.type == "+=" for child in node.children)
    if appended:
        parts = (Part(PartKind.UNKNOWN, "+="), *parts)
    return _text(source, name) if name else "", Word(parts)


def _redirect(source: str, node: Node) -> tuple[Redirect, list[Word]]:
    """Return a redirection, and the words behind it that belong to the command."""
    operator = next((child.type for child in node.children if not child.is_named), "")
    if node.type != "file_redirect":
        return Redirect(operator=operator, target=None), []
    places = [
        child
        for child in node.children
        if child.is_named and child.type not in ("file_descriptor", "comment")
    ]
    words = [Word(_parts(source, child, 0, quoted=False)) for child in places]
    return Redirect(operator=operator, target=words[0] if words else None), words[1:]


def _stdin(source: str, redirects: tuple[Node, ...]) -> str | None:
    for node in redirects:
        if node.type == "heredoc_redirect":
            bodies = [
                _text(source, child) for child in node.children if child.type == "heredoc_body"
            ]
            return "".join(bodies)
        if node.type == "herestring_redirect":
            parts = [
                part for child in node.children for part in _parts(source, child, 0, quoted=True)
            ]
            return "".join(part.text for part in parts)
    return None


def _parts(source: str, node: Node, depth: int, *, quoted: bool) -> tuple[Part, ...]:
    """Return the parts of a word; what lies too deep is unknown."""
    kind = node.type
    if depth <= MAX_NESTING:
        if kind in ("concatenation", "string", "translated_string"):
            return _composed(source, node, depth, quoted=quoted or kind != "concatenation")
        if kind in ("simple_expansion", "expansion"):
            return (_variable(source, node, depth, quoted=quoted),)
    return (_single(source, node, quoted=quoted),)


def _composed(source: str, node: Node, depth: int, *, quoted: bool) -> tuple[Part, ...]:
    parts = (
        part
        for child in node.children
        if child.type != '"'
        for part in _parts(source, child, depth + 1, quoted=quoted)
    )
    return _joined(parts) or (Part(PartKind.TEXT, "", quoted),)


def _single(source: str, node: Node, *, quoted: bool) -> Part:
    text = _text(source, node)
    if node.type in ("raw_string", "ansi_c_string"):
        return Part(PartKind.TEXT, text.removeprefix("$")[1:-1], quoted=True)
    if node.type in _SUBSTITUTIONS:
        return Part(PartKind.OUTPUT, text, quoted)
    if node.type in _LITERALS or (not node.is_named and node.type != "$"):
        return Part(PartKind.TEXT, _unescaped(text, quoted=quoted), quoted)
    return Part(PartKind.UNKNOWN, text, quoted)


def _joined(parts: Iterator[Part]) -> tuple[Part, ...]:
    joined: list[Part] = []
    for part in parts:
        if joined and joined[-1].kind is PartKind.TEXT and part.kind is PartKind.TEXT:
            joined[-1] = Part(PartKind.TEXT, joined[-1].text + part.text, joined[-1].quoted)
        else:
            joined.append(part)
    return tuple(joined)


def _variable(source: str, node: Node, depth: int, *, quoted: bool) -> Part:
    names = [child for child in node.children if child.type == "variable_name"]
    if len(names) != 1:
        return Part(PartKind.UNKNOWN, _text(source, node), quoted)
    name = _text(source, names[0])
    operator = node.child_by_field_name("operator")
    if operator is None:
        plain = all(child.type in ("$", "${", "}", "variable_name") for child in node.children)
        return Part(PartKind.VARIABLE if plain else PartKind.UNKNOWN, name, quoted)
    if operator.type not in _DEFAULTS:
        return Part(PartKind.UNKNOWN, _text(source, node), quoted)
    behind = [child for child in node.children if child.start_byte >= operator.end_byte]
    parts = [
        part
        for child in behind
        if child.type != "}"
        for part in _parts(source, child, depth + 1, quoted=True)
    ]
    if any(part.kind is not PartKind.TEXT for part in parts):
        return Part(PartKind.UNKNOWN, _text(source, node), quoted)
    return Part(PartKind.VARIABLE, name, quoted, "".join(part.text for part in parts))


def _unescaped(text: str, *, quoted: bool) -> str:
    if "\\" not in text:
        return text
    signs: list[str] = []
    following = iter(text)
    for sign in following:
        if sign != "\\":
            signs.append(sign)
            continue
        escaped = next(following, "")
        if escaped == "\n":
            continue
        if quoted and escaped not in ('"', "$", "`", "\\"):
            signs.append(sign)
        signs.append(escaped)
    return "".join(signs)
