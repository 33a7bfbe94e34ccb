"""A shell script to the calls that it makes, and what each is judged to be."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from supplychain.formats import shell
from supplychain.formats.shell import ShellCommand, Word
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
from supplychain.lockfiles.commands.nested import nested_script, nested_words, shell_arguments
from supplychain.lockfiles.commands.programs import judge_of, mentions_program
from supplychain.lockfiles.commands.wrappers import is_fed_arguments, unwrapped

MAX_SCRIPTS = 50  # scripts within scripts of one instruction: ``sh -c "bash -c …"``
MAX_FETCHES = 60  # fetches, and checks of sums, of one instruction; each is held against each
MAX_TEXT = 300  # characters of a command that is shown

_C_FLAG = re.compile(r"-[a-zA-Z]*c[a-zA-Z]*")
_PYTHON = re.compile(r"(?:python|pypy)[0-9.]*")
_LOOSE = ("may-update-lock", "lock-absent", "no-hash", "version-floats", "deps-float")
_PRINTERS = frozenset({"echo", "printf"})
_SHOWERS = _PRINTERS | fetching.FETCHERS | {"cat", "tee"}
_COPIERS = frozenset({"mv", "cp", "ln", "install", "tee", "dd", "sponge"})
_INSTALL_VERBS = frozenset({"install", "add", "i", "download", "wheel", "sync"})
_STARTS = re.compile(r"system|subprocess|popen|exec|spawn|pip\._internal|pip\.main", re.IGNORECASE)
_SIGNERS = frozenset({"gpg", "gpgv", "cosign", "minisign"})
_INSTALLERS = frozenset({"install", "pip", "pip3", "npm", "apt-get", "apt"})
_MODULE = re.compile(r"-[bBdEhiIOPqsSuvx]*m(.*)")


@dataclass(slots=True)
class _State:
    """What a script has set so far: variables, the working directory, and ``set -e``."""

    env: dict[str, str]
    folder: str
    stops: bool = False
    unsure: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A call that a script makes, with where it stands in it."""

    call: Call
    number: int
    pipeline: int
    inside: int | None
    ignored: bool = False


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
        self._expanded = 0
        self._made: list[_Made] = []
        self._unread: list[InstallCommand] = []
        self.folder = context.folder

    def script(self, text: str) -> None:
        """Take in a shell script."""
        self.folder = self._script(
            text,
            _State(
                dict(self._context.env),
                self._context.folder,
                shell_arguments("sh", self._context.shell[1:]).stops_at_errors,
            ),
            0,
        )

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

    def _script(self, text: str, state: _State, depth: int) -> str:
        self._scripts += 1
        if self._scripts > MAX_SCRIPTS:
            self.opaque(text)
            return state.folder
        try:
            read = shell.read(text)
        except MalformedError:
            self.opaque(text)
            return state.folder
        if read.broken and mentions_program(text):
            self.opaque(text)
        numbers = range(self._numbers, self._numbers + len(read.commands))
        self._numbers += len(read.commands)
        for number, command in zip(numbers, read.commands, strict=True):
            try:
                self._command_of(command, state, number, numbers.start, depth)
            except MalformedError:
                self.opaque(text)
                break
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
        words = [pair for word in command.words for pair in self._expand(word, state)]
        inner = _State({**state.env, **own}, state.folder, state.stops)
        inside = None if command.inside is None else command.inside + first
        files = [
            (redirect.operator, text)
            for redirect in command.redirects
            if redirect.target
            for text, _ in self._expand(redirect.target, state)
        ]
        place = _Where(
            number=number,
            pipeline=command.pipeline and command.pipeline * MAX_SCRIPTS + self._scripts,
            inside=inside,
            depth=depth,
        )
        self._start(words, inner, command.text, place, command, files)
        state.folder, state.stops = inner.folder, inner.stops

    def _expand(self, word: Word, state: _State) -> list[tuple[str, bool]]:
        """Return the words that a word becomes.

        Raises:
            MalformedError: variables have brought in too much.
        """
        self._expanded += word.growth(state.env)
        if self._expanded > shell.MAX_EXPANDED:
            reason = f"has variables of more than {shell.MAX_EXPANDED} characters"
            raise MalformedError(reason)
        return word.expand(state.env)

    def _assigned(self, command: ShellCommand, state: _State) -> Iterator[tuple[str, str]]:
        for name, word in command.assignments:
            expanded = self._expand(word, state)
            if len(expanded) <= 1 and all(known for _, known in expanded):
                yield name, expanded[0][0] if expanded else ""

    def _start(
        self,
        words: list[tuple[str, bool]],
        state: _State,
        text: str,
        place: _Where,
        command: ShellCommand | None = None,
        files: Iterable[tuple[str, str]] = (),
    ) -> None:
        unknown = frozenset(word for word, known in words if not known)
        plain, variables = unwrapped([word for word, _ in words])
        if not plain:
            return
        program = posixpath.basename(plain[0])
        if program == "set":
            for word in plain[1:]:
                if re.fullmatch(r"[-+][a-zA-Z]*e[a-zA-Z]*", word) or word == "errexit":
                    state.stops = plain[1].startswith("-")
            return
        if program in ("cd", "pushd"):
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
            redirected=tuple(one for sign, one in files if sign in (">", ">>", ">|", "&>")),
            fed=tuple(one for sign, one in files if sign == "<"),
            completed=is_fed_arguments([word for word, _ in words]),
            stdin=command.stdin if command else None,
            fallback=command is not None and command.fallback,
        )
        self._made.append(
            _Made(
                call=call,
                number=place.number,
                pipeline=place.pipeline,
                inside=place.inside,
                ignored=command is not None
                and (command.excused or (command.followed and not state.stops)),
            )
        )
        self._nest(call, state, place)

    def _nest(self, call: Call, state: _State, place: _Where) -> None:
        if place.depth >= MAX_SCRIPTS:
            return
        nested = nested_script(call)
        if nested is not None:
            stops = state.stops
            if fetching.is_shell(call.program):
                stops = shell_arguments(call.program, call.words).stops_at_errors
            inner = _State(dict(call.env), state.folder, stops)
            self._script(nested, inner, place.depth + 1)
        words = nested_words(call)
        if words:
            pairs = [(word, word not in call.unknown) for word in words]
            inner = _State(dict(call.env), state.folder, state.stops)
            self._start(pairs, inner, call.text, replace(place, depth=place.depth + 1))

    def _judged(self, made: _Made) -> tuple[str | None, Outcome] | None:
        call = made.call
        if call.program.startswith("$") and call.program in call.unknown:
            return None, unread()
        if call.program in _PRINTERS:
            return self._printed(made)
        if self._runs_unseen(made):
            return None, unread()
        if call.program in fetching.FETCHERS:
            return "url", self._fetched(made)
        if call.program == "git":
            judged = fetching.git(call)
            clones = judged is not None and judged.reason in ("git-unpinned", "tag-not-commit")
            if clones and self._is_fixed_later(made):
                judged = locked("commit-pinned")
            return ("git", judged) if judged else None
        found = judge_of(call.program)
        if found is None:
            return None
        ecosystem, judge = found
        outcome = judge(call)
        if outcome is not None and _may_install(call, outcome):
            outcome = unread()
        if outcome is not None and call.fallback and outcome.reason in _LOOSE:
            outcome = unlocked("fallback-unlocked")
        return (ecosystem, outcome) if outcome else None

    def _printed(self, made: _Made) -> tuple[None, Outcome] | None:
        call = made.call
        if not mentions_program(" ".join(call.words)):
            return None
        written = {posixpath.basename(one) for one in call.redirected}
        later = {
            posixpath.basename(word)
            for one in self._after(made)
            for word in (one.call.program, *one.call.words)
        }
        kept = any(one.endswith((".sh", ".py")) for one in written) or written & later
        return None, unread() if kept else no_install("text-only")

    def _runs_unseen(self, made: _Made) -> bool:
        """Say whether a call runs text that is not in the script: what a pipe feeds, or code."""
        call = made.call
        if not fetching.is_runner(call.program):
            return False
        if fetching.is_shell(call.program) and _reads_stdin(call):
            before = self._piped(made, before=True)
            if any(one.call.program in _PRINTERS for one in before):
                return True
            return bool(before) and before[0].call.program not in _SHOWERS
        code = " ".join(call.words)
        runs = any(re.fullmatch(r"-[a-zA-Z]*[cer]|--eval", word) for word in call.words)
        is_other = not fetching.is_shell(call.program)
        return is_other and runs and mentions_program(code) and bool(_STARTS.search(code))

    def _piped(self, made: _Made, *, before: bool) -> list[_Made]:
        """Return the calls before or behind one in its pipeline."""
        return [
            one
            for one in self._made
            if made.pipeline
            and one.pipeline == made.pipeline
            and (one.number < made.number if before else one.number > made.number)
        ]

    def _is_fixed_later(self, made: _Made) -> bool:
        """Say whether a commit is checked out in the folder that a clone writes."""
        fixes = [one.call for one in self._after(made) if fetching.fixes_commit(one.call)]
        clones = [
            one for one in self._made if one.call.program == "git" and "clone" in one.call.words
        ]
        if len(clones) == 1:
            return bool(fixes)
        target = fetching.cloned_to(made.call)
        places = [fetching.git_folder(call) for call in fixes]
        return any(one == target or one.startswith(f"{target}/") for one in places)

    def _fetched(self, made: _Made) -> Outcome:
        """Judge a fetch by what is done with what it brings."""
        programs = [one.call.program for one in self._made]
        for kind in (fetching.FETCHERS, fetching.CHECKERS):
            if sum(one in kind for one in programs) > MAX_FETCHES:
                return unread()
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
        writers = {made.number, *(one.number for one in self._piped(made, before=False))}
        for other in self._made:
            if not fetching.is_runner(other.call.program):
                continue
            piped = made.pipeline and other.pipeline == made.pipeline and other.number > made.number
            fed = piped or other.inside in writers
            if fed and (_reads_stdin(other.call) or _runs_words(other.call)):
                return "pipe-to-shell"
            if made.inside is not None and other.number == made.inside:
                return "pipe-to-shell"
        return None

    def _is_checked(self, made: _Made, saved: tuple[str, ...]) -> bool:
        for other in self._after(made):
            if other.call.program not in fetching.CHECKERS or other.ignored:
                continue
            feeding = self._piped(other, before=True)
            if self._brings_sums(made, other, feeding):
                continue
            listed = other.call.text + (other.call.stdin or "")
            text = " ".join([listed, *(one.call.text for one in feeding)])
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

    def _brings_sums(self, made: _Made, checker: _Made, feeding: list[_Made]) -> bool:
        """Say whether the sums that are compared were fetched as well, by nobody vouched for."""
        if not checker.call.program.endswith(("sum", "shasum")):
            return False
        reading = [checker, *(one for one in feeding if one.call.program not in _PRINTERS)]
        numbers = {checker.number, *(one.number for one in feeding)}
        named = {
            posixpath.basename(word) for one in reading for word in (*one.call.words, *one.call.fed)
        }
        signed = " ".join(
            one.call.text
            for one in self._made
            if one.call.program in _SIGNERS and one.number < checker.number and not one.ignored
        )
        for fetch in self._made:
            if fetch.call.program not in fetching.FETCHERS:
                continue
            if fetch in feeding or fetch.inside in numbers:
                return True
            brought = set(fetching.saved_to(fetch.call)) & named
            if fetch is not made and any(name not in signed for name in brought):
                return True
        return False

    def _use(self, made: _Made, saved: tuple[str, ...]) -> str | None:
        followers = self._piped(made, before=False)
        if any(one.call.program in fetching.UNPACKERS for one in followers):
            return "no-check"
        held = set(saved)
        for one in followers:
            held |= {posixpath.basename(name) for name in one.call.redirected}
            if one.call.program in _COPIERS:
                held |= _names(one.call)
        for other in self._after(made):
            call = other.call
            names = _names(call)
            touched = names & held or (held and names & {"*"})
            if posixpath.basename(call.program) in held:
                return "download-exec"
            if not touched:
                continue
            if self._executes(other):
                return "download-exec"
            if call.program in fetching.UNPACKERS or call.program in _INSTALLERS:
                return "no-check"
            if call.program in _COPIERS and call.words:
                held.add(posixpath.basename(call.words[-1]))
        return None

    def _executes(self, made: _Made) -> bool:
        """Say whether a call runs a file that it names, or makes it a program."""
        call = made.call
        is_made = call.program == "chmod" and _makes_executable(call)
        return is_made or fetching.is_runner(call.program) or self._feeds_runner(made)

    def _feeds_runner(self, made: _Made) -> bool:
        return made.call.program in ("cat", "tee", "xargs") and any(
            fetching.is_runner(one.call.program) and _reads_stdin(one.call)
            for one in self._piped(made, before=False)
        )

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
    if call.program in ("source", ".", "eval", "at", "batch"):
        return True
    if fetching.is_shell(call.program):
        return shell_arguments(call.program, call.words).reads_input
    return not plain or "-" in call.words or plain[:1] == ["/dev/stdin"]


def _may_install(call: Call, outcome: Outcome) -> bool:
    """Say whether the words that a call is completed with may name what it installs."""
    plain = [word for word in call.words if not word.startswith("-")]
    may = not plain or bool(set(plain) & _INSTALL_VERBS)
    return call.completed and outcome.reason == "query" and may


def _runs_words(call: Call) -> bool:
    """Say whether words that are read elsewhere become the script: ``xargs sh -c``."""
    if not call.completed:
        return False
    given = shell_arguments(call.program, call.words)
    return given.script is None or "{}" in given.script


def _names(call: Call) -> set[str]:
    """Return the files that a call names, by their last part."""
    words = (*call.words, *call.fed)
    return {word.rpartition("/")[2].removeprefix("of=") for word in words}


def _module(program: str, words: list[str]) -> tuple[str, list[str]]:
    """Return ``pip`` for ``python -m pip`` and its like."""
    if not _PYTHON.fullmatch(program):
        return program, words
    skipped = False
    for position, word in enumerate(words[1:], 1):
        found = _MODULE.fullmatch(word)
        if skipped:
            skipped = False
        elif found is not None:
            rest = [*([found[1]] if found[1] else []), *words[position + 1 :]]
            return (rest[0], rest) if rest else (program, words)
        elif word in ("-W", "-X"):
            skipped = True
        elif not word.startswith("-") or word == "-c":
            break
    if words[1:2] and posixpath.basename(words[1]) == "setup.py":
        installs = {"install", "develop", "easy_install"} & set(words[2:])
        return ("easy_install", ["easy_install", *words[2:]]) if installs else (program, words)
    return program, words


def _through_corepack(program: str, words: list[str]) -> tuple[str, list[str]]:
    """Return the manager that corepack starts: ``corepack pnpm install``."""
    if program == "corepack" and len(words) > 1:
        named = words[1].partition("@")[0]
        if named in ("npm", "npx", "pnpm", "pnpx", "yarn", "yarnpkg"):
            return named, [named, *words[2:]]
    return program, words
