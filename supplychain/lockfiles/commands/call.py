"""A call of one program, unwrapped and with its variables filled in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from supplychain.lockfiles.commands.model import Verdict


class Files(Protocol):
    """The files of a build stage at one point of it. Paths are absolute."""

    def has(self, path: str) -> bool:
        """Say whether a file is there."""

    def text(self, path: str) -> str | None:
        """Return a file's text, ``None`` where it cannot be known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the instructions before leave behind.

    ``env`` holds the variables, ``shell`` the words of SHELL; ``files`` the text of files that a
    line names, by the name it uses; ``lock_present`` says whether a lock is there where ``stage``
    does not; ``yarn`` is classic or berry; ``folder`` the working directory.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    shell: tuple[str, ...] = ("/bin/sh", "-c")
    files: Mapping[str, str] = field(default_factory=dict)
    lock_present: bool = True
    yarn: str = "classic"
    folder: str = "/"
    stage: Files | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A program and its arguments; ``unknown`` are arguments that only a shell can tell.

    ``redirected`` are the files that output goes to, ``fallback`` says that it runs only when
    another command failed. ``fed`` are the files that it reads as its input, ``completed`` says
    that further words come from elsewhere, as with ``xargs``.
    """

    program: str
    words: tuple[str, ...]
    unknown: frozenset[str]
    env: Mapping[str, str]
    context: Context
    folder: str
    text: str
    line: int
    redirected: tuple[str, ...] = ()
    stdin: str | None = None
    fallback: bool = False
    fed: tuple[str, ...] = ()
    completed: bool = False

    def flag(self, *names: str) -> bool:
        """Say whether one of the options stands among the words, with or without a value."""
        return any(word in names or word.partition("=")[0] in names for word in self.words)

    def is_set(self, name: str) -> bool:
        """Say whether a variable of the environment is set to yes."""
        return self.env.get(name, "").lower() not in ("", "0", "false", "no", "off")

    def has_file(self, *names: str) -> bool:
        """Say whether one of the files lies in the working directory."""
        stage = self.context.stage
        if stage is None:
            return self.context.lock_present
        return any(stage.has(f"{self.folder.rstrip('/')}/{name}") for name in names)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call is judged to be; ``exact`` says that every named package is exact."""

    verdict: Verdict
    reason: str
    exact: bool = False


Judge = Callable[[Call], Outcome | None]


def names(text: str) -> frozenset[str]:
    """Return the words of a table of names."""
    return frozenset(text.split())


def locked(reason: str) -> Outcome:
    """Return that a call installs only what was agreed on."""
    return Outcome(Verdict.LOCKED, reason)


def lock_only() -> Outcome:
    """Return that a call installs what the lock says, without looking at the manifest."""
    return Outcome(Verdict.LOCK_ONLY, "lock-only")


def unlocked(reason: str, *, exact: bool = False) -> Outcome:
    """Return that a call may install something else tomorrow."""
    return Outcome(Verdict.UNLOCKED, reason, exact)


def no_install(reason: str) -> Outcome:
    """Return that a call installs nothing."""
    return Outcome(Verdict.NOT_AN_INSTALL, reason)


def unread() -> Outcome:
    """Return that a call could not be followed."""
    return Outcome(Verdict.UNREAD, "dynamic")


def worst(outcomes: Collection[Outcome]) -> Outcome | None:
    """Return the worst outcome, the first of equal ones."""
    return min(outcomes, key=lambda one: one.verdict.rank, default=None)


@dataclass(frozen=True, slots=True)
class Arguments:
    """Words of a call told apart: plain ones, and options with their values in order."""

    plain: tuple[str, ...]
    options: tuple[tuple[str, str | None], ...]

    def has(self, *names: str) -> bool:
        """Say whether an option was given."""
        return any(name in names for name, _ in self.options)

    def values(self, *names: str) -> tuple[str, ...]:
        """Return the values given for options."""
        return tuple(value for name, value in self.options if name in names and value is not None)


def arguments(words: tuple[str, ...], with_value: Collection[str]) -> Arguments:
    """Tell the words of a call apart; options in ``with_value`` take the following word."""
    plain: list[str] = []
    options: list[tuple[str, str | None]] = []
    following = iter(words)
    for word in following:
        if word == "--":
            plain.extend(following)
        elif not word.startswith("-") or word == "-":
            plain.append(word)
        else:
            name, sign, value = word.partition("=")
            short = name[:2]
            if sign:
                options.append((name, value))
            elif name in with_value:
                options.append((name, next(following, None)))
            elif not name.startswith("--") and short in with_value and len(name) > len(short):
                options.append((short, name[len(short) :]))
            else:
                options.append((name, None))
    return Arguments(tuple(plain), tuple(options))


def verb_of(call: Call, with_value: tuple[str, ...] = ()) -> tuple[str, tuple[str, ...]]:
    """Return the first plain word of a call, and those after it."""
    plain = arguments(call.words, with_value).plain
    return (plain[0], plain[1:]) if plain else ("", ())


def strict_install(call: Call, *locks: str) -> Outcome:
    """Return what an install is that refuses a stale lock, by whether the lock is there."""
    return locked("lock-strict") if call.has_file(*locks) else unlocked("lock-absent")


def loose_install(call: Call, *locks: str) -> Outcome:
    """Return what an install is that may write the lock, by whether it is there."""
    return unlocked("may-update-lock" if call.has_file(*locks) else "lock-absent")
