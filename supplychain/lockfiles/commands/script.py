"""A shell script to the calls that it makes, and what each is judged to be."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from supplychain.formats import shell
from supplychain.formats.shell import ShellCommand
from supplychain.formats.text import MalformedError, printable
from supplychain.lockfiles.commands import fetching
from supplychain.lockfiles.commands.call import (
    Call,
    Context,
    Outcome,
    locked,
    no_install,
    unlocked,
    unread,
)
from supplychain.lockfiles.commands.model import InstallCommand
from supplychain.lockfiles.commands.programs import judge_of, mentions_program
from supplychain.lockfiles.commands.wrappers import unwrapped

MAX_SCRIPTS = 50  # scripts within scripts of one instruction: ``sh -c "bash -c …"``
MAX_TEXT = 300  # characters of a command that is shown

_C_FLAG = re.compile(r"-[a-zA-Z]*c[a-zA-Z]*")
_PYTHON = re.compile(r"(?:python|pypy)[0-9.]*")
_LOOSE = ("may-update-lock", "lock-absent", "no-hash", "version-floats", "deps-float")
_PRINTERS = frozenset({"echo", "printf"})


@dataclass(slots=True)
class _State:
    """What a script has set so far: variables and the working directory."""

    env: dict[str, str]
    folder: str
    unsure: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A call that a script makes, with where it stands in it."""

    call: Call
    number: int
    pipeline: int
    inside: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Where:
    """Where a command stands: its number, its pipeline, whose word it is in, how deep."""

    number: int = 0
    pipeline: int = 0
    inside: int | None = None
    depth: int = 0


class ScriptReader:
    """Reads the scripts of one instruction and judges every call in them."""

    def __init__(self, context: Context, line: int) -> None:
        self._context = context
        self._line = line
        self._scripts = 0
        self._numbers = 0
        self._made: list[_Made] = []
        self._unread: list[InstallCommand] = []
        self.folder = context.folder

    def script(self, text: str) -> None:
        """Take in a shell script."""
        self.folder = self._script(text, dict(self._context.env), self._context.folder, 0)

    def words(self, words: list[str]) -> None:
        """Take in a command in exec form: no shell, no variables."""
        self._start(
            [(word, True) for word in words],
            _State(dict(self._context.env), self._context.folder),
            " ".join(words),
            _Where(),
        )

    def opaque(self, text: str) -> None:
        """Take in what cannot be followed."""
        self._unread.append(self._command(text, None, unread()))

    def judged(self) -> list[InstallCommand]:
        """Return every command that is worth telling of, in the order in which they stand."""
        found = [*self._unread]
        for made in self._made:
            judged = self._judged(made)
            if judged is not None:
                ecosystem, outcome = judged
                found.append(self._command(made.call.text, ecosystem, outcome))
        return found

    def _command(self, text: str, ecosystem: str | None, outcome: Outcome) -> InstallCommand:
        return InstallCommand(
            line=self._line,
            text=printable(" ".join(text.split()), MAX_TEXT),
            ecosystem=ecosystem,
            verdict=outcome.verdict,
            reason=outcome.reason,
            exact=outcome.exact,
        )

    def _script(self, text: str, env: dict[str, str], folder: str, depth: int) -> str:
        self._scripts += 1
        if self._scripts > MAX_SCRIPTS:
            self.opaque(text)
            return folder
        try:
            read = shell.read(text)
        except MalformedError:
            self.opaque(text)
            return folder
        if read.broken and mentions_program(text):
            self.opaque(text)
        state = _State(env, folder)
        numbers = range(self._numbers, self._numbers + len(read.commands))
        self._numbers += len(read.commands)
        for number, command in zip(numbers, read.commands, strict=True):
            self._command_of(command, state, number, numbers.start, depth)
        return state.folder

    def _command_of(
        self, command: ShellCommand, state: _State, number: int, first: int, depth: int
    ) -> None:
        own = dict(self._assigned(command, state))
        if command.exports or not command.words:
            for name, value in own.items():
                if state.env.get(name, value) != value and name in state.unsure:
                    state.env.pop(name, None)
                else:
                    state.env[name] = value
                    state.unsure.add(name)
            return
        words = [pair for word in command.words for pair in word.expand(state.env)]
        inner = _State({**state.env, **own}, state.folder)
        inside = None if command.inside is None else command.inside + first
        redirected = tuple(
            text
            for redirect in command.redirects
            if redirect.target and redirect.operator in (">", ">>", ">|", "&>")
            for text, _ in redirect.target.expand(state.env)
        )
        place = _Where(
            number=number,
            pipeline=command.pipeline and command.pipeline * MAX_SCRIPTS + self._scripts,
            inside=inside,
            depth=depth,
        )
        self._start(words, inner, command.text, place, command, redirected)
        state.folder = inner.folder

    @staticmethod
    def _assigned(command: ShellCommand, state: _State) -> Iterator[tuple[str, str]]:
        for name, word in command.assignments:
            expanded = word.expand(state.env)
            if len(expanded) <= 1 and all(known for _, known in expanded):
                yield name, expanded[0][0] if expanded else ""

    def _start(
        self,
        words: list[tuple[str, bool]],
        state: _State,
        text: str,
        place: _Where,
        command: ShellCommand | None = None,
        redirected: tuple[str, ...] = (),
    ) -> None:
        unknown = frozenset(word for word, known in words if not known)
        plain, variables = unwrapped([word for word, _ in words])
        if not plain:
            return
        program = posixpath.basename(plain[0])
        if program == "cd":
            target = plain[1] if len(plain) > 1 else "/root"
            if target not in unknown:
                state.folder = posixpath.normpath(posixpath.join(state.folder, target))
            return
        program, plain = _module(program, plain)
        program, plain = _through_corepack(program, plain)
        call = Call(
            program=program,
            words=tuple(plain[1:]),
            unknown=unknown,
            env={**state.env, **variables},
            context=self._context,
            folder=state.folder,
            text=text,
            line=self._line,
            redirected=redirected,
            stdin=command.stdin if command else None,
            fallback=command is not None and command.fallback,
        )
        self._made.append(
            _Made(call=call, number=place.number, pipeline=place.pipeline, inside=place.inside)
        )
        nested = _nested(call)
        if nested is not None and place.depth < MAX_SCRIPTS:
            self._script(nested, dict(call.env), state.folder, place.depth + 1)

    def _judged(self, made: _Made) -> tuple[str | None, Outcome] | None:
        call = made.call
        if call.program.startswith("$") and call.program in call.unknown:
            return None, unread()
        if call.program in _PRINTERS:
            said = mentions_program(" ".join(call.words))
            return (None, no_install("text-only")) if said else None
        if call.program in fetching.FETCHERS:
            return "url", self._fetched(made)
        if call.program == "git":
            judged = fetching.git(call)
            clones = judged is not None and judged.reason in ("git-unpinned", "tag-not-commit")
            if clones and any(fetching.fixes_commit(one.call) for one in self._after(made)):
                judged = locked("commit-pinned")
            return ("git", judged) if judged else None
        found = judge_of(call.program)
        if found is None:
            return None
        ecosystem, judge = found
        outcome = judge(call)
        if outcome is not None and call.fallback and outcome.reason in _LOOSE:
            outcome = unlocked("fallback-unlocked")
        return (ecosystem, outcome) if outcome else None

    def _fetched(self, made: _Made) -> Outcome:
        """Judge a fetch by what is done with what it brings."""
        insecure = fetching.is_insecure(made.call)
        runner = self._runner(made)
        if runner is not None:
            if insecure:
                return unlocked("insecure-transport")
            return locked("commit-pinned") if fetching.is_fixed(made.call) else unlocked(runner)
        saved = fetching.saved_to(made.call)
        checked = self._is_checked(made, saved)
        used = self._use(made, saved)
        if used is None or checked:
            if checked:
                return locked("hash-checked")
            return no_install("fetch-only")
        if fetching.is_fixed(made.call):
            return locked("commit-pinned")
        return unlocked("insecure-transport" if insecure else used)

    def _runner(self, made: _Made) -> str | None:
        """Say how the output of a fetch is run at once: through a pipe or a substitution."""
        for other in self._made:
            piped = made.pipeline and other.pipeline == made.pipeline and other.number > made.number
            if piped and other.call.program in fetching.RUNNERS and _reads_stdin(other.call):
                return "pipe-to-shell"
            if made.inside is not None and other.number == made.inside:
                program = other.call.program
                if program in fetching.RUNNERS or _PYTHON.fullmatch(program):
                    return "pipe-to-shell"
        return None

    def _is_checked(self, made: _Made, saved: tuple[str, ...]) -> bool:
        for other in self._after(made):
            if other.call.program not in fetching.CHECKERS:
                continue
            listed = other.call.text + (other.call.stdin or "")
            feeding = [
                one.call.text
                for one in self._made
                if one.pipeline and one.pipeline == other.pipeline
            ]
            text = " ".join([listed, *feeding])
            verifies = other.call.program != "openssl" and (
                other.call.flag("-c", "--check", "-sc", "-cs", "-wc", "--verify", "verify", "-a")
                or "verify" in other.call.words
                or any(_C_FLAG.fullmatch(word) for word in other.call.words)
            )
            if verifies and (any(name in text for name in saved) or not saved or "$" in text):
                return True
            if verifies and other.call.program.endswith("sum"):
                return True
        return False

    def _use(self, made: _Made, saved: tuple[str, ...]) -> str | None:
        for other in self._made:
            piped = made.pipeline and other.pipeline == made.pipeline and other.number > made.number
            if piped and other.call.program in fetching.UNPACKERS:
                return "no-check"
        for other in self._after(made):
            call = other.call
            names = {word.rpartition("/")[2] for word in call.words}
            ran = posixpath.basename(call.program) in saved
            if ran or (call.program in fetching.RUNNERS and names & set(saved)):
                return "download-exec"
            if call.program == "chmod" and names & set(saved) and _makes_executable(call):
                return "download-exec"
            if call.program in fetching.UNPACKERS and names & set(saved):
                return "no-check"
            if call.program in ("install", "pip", "pip3", "npm", "apt-get", "apt") and names & set(
                saved
            ):
                return "no-check"
        return None

    def _after(self, made: _Made) -> list[_Made]:
        position = self._made.index(made)
        return self._made[position + 1 :]


def _makes_executable(call: Call) -> bool:
    return any(
        "x" in word or re.fullmatch(r"0?[0-7]*[1357][0-7]*", word) for word in call.words[:1]
    )


def _reads_stdin(call: Call) -> bool:
    """Say whether an interpreter runs what it is fed, not a file or text of its own."""
    plain = [word for word in call.words if not word.startswith("-")]
    if call.program in ("source", ".", "eval"):
        return True
    if any(_C_FLAG.fullmatch(word) for word in call.words) and call.program in fetching.SHELLS:
        return False
    return not plain or "-s" in call.words or "-" in call.words or plain[:1] == ["/dev/stdin"]


def _module(program: str, words: list[str]) -> tuple[str, list[str]]:
    """Return ``pip`` for ``python -m pip`` and its like."""
    if not _PYTHON.fullmatch(program):
        return program, words
    for position, word in enumerate(words[1:-1], 1):
        if word == "-m":
            return words[position + 1], words[position + 1 :]
        if not word.startswith("-"):
            break
    return program, words


def _through_corepack(program: str, words: list[str]) -> tuple[str, list[str]]:
    """Return the manager that corepack starts: ``corepack pnpm install``."""
    if program == "corepack" and len(words) > 1:
        named = words[1].partition("@")[0]
        if named in ("npm", "npx", "pnpm", "pnpx", "yarn", "yarnpkg"):
            return named, [named, *words[2:]]
    return program, words


def _nested(call: Call) -> str | None:
    """Return the script that a call hands to a shell."""
    if call.program == "eval":
        return " ".join(call.words)
    if call.program in fetching.SHELLS:
        for position, word in enumerate(call.words):
            if _C_FLAG.fullmatch(word) and position + 1 < len(call.words):
                text = call.words[position + 1]
                return None if text in call.unknown and text.startswith("$(") else text
            if not word.startswith(("-", "+")):
                return None
        return call.stdin
    if call.program == "su" and "-c" in call.words[:-1]:
        return call.words[call.words.index("-c") + 1]
    if call.program in ("runuser", "script") and "-c" in call.words[:-1]:
        return call.words[call.words.index("-c") + 1]
    return None
