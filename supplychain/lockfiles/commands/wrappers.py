"""Programs that only start another one: taken off, until the one that matters is left."""

from __future__ import annotations

import posixpath
import shlex

from supplychain.lockfiles.commands.call import names

# Options of a wrapper that take a value, and how many plain words it takes before the command.
_WRAPPERS: dict[str, tuple[frozenset[str], int]] = {
    "sudo": (names("-u -g -h -p -C -r -t -T --user --group"), 0),
    "doas": (frozenset({"-u", "-C"}), 0),
    "env": (names("-u --unset -C --chdir"), 0),
    "exec": (frozenset({"-a"}), 0),
    "time": (names("-f -o --format --output"), 0),
    "nice": (frozenset({"-n", "--adjustment"}), 0),
    "ionice": (names("-c -n -p"), 0),
    "nohup": (frozenset(), 0),
    "command": (frozenset(), 0),
    "builtin": (frozenset(), 0),
    "xargs": (names("-a -d -E -I -L -n -P -s --max-args --max-procs --delimiter"), 0),
    "timeout": (names("-k -s --kill-after --signal"), 1),
    "gosu": (frozenset(), 1),
    "su-exec": (frozenset(), 1),
    "setpriv": (names("--reuid --regid --groups"), 0),
    "tini": (frozenset({"-p", "-e"}), 0),
    "dumb-init": (frozenset({"-r", "--rewrite"}), 0),
    "chroot": (frozenset(), 1),
    "runuser": (names("-u -g -s"), 0),
    "stdbuf": (names("-i -o -e"), 0),
    "unbuffer": (frozenset(), 0),
    "retry": (names("-t -d --times --delay"), 0),
    "eatmydata": (frozenset(), 0),
    "busybox": (frozenset(), 0),
    "toybox": (frozenset(), 0),
    "coproc": (frozenset(), 0),
    "parallel": (names("-j --jobs -a --arg-file -d --delimiter -n -N -I"), 0),
    "unshare": (frozenset(), 0),
    "watch": (names("-n --interval"), 0),
    "setsid": (frozenset(), 0),
    "catchsegv": (frozenset(), 0),
    "linux32": (frozenset(), 0),
    "linux64": (frozenset(), 0),
}
MAX_WRAPPERS = 20  # one around another


def unwrapped(words: list[str]) -> tuple[list[str], dict[str, str]]:
    """Return a command without its wrappers, and the variables that ``env`` sets for it."""
    variables: dict[str, str] = {}
    for _ in range(MAX_WRAPPERS):
        if not words:
            return [], variables
        name = posixpath.basename(words[0])
        wrapper = _WRAPPERS.get(name)
        if wrapper is None or (name == "command" and words[1:2] in (["-v"], ["-V"])):
            return words, variables
        if name == "env":
            words = _split(words)
        words = _after(words, *wrapper, variables)
    return words, variables


def is_fed_arguments(words: list[str]) -> bool:
    """Say whether a wrapper completes the command with words that it reads elsewhere."""
    for word in words:
        if posixpath.basename(word) in ("xargs", "parallel"):
            return True
        if posixpath.basename(word) not in _WRAPPERS and not word.startswith("-"):
            return False
    return False


def _split(words: list[str]) -> list[str]:
    """Return the words of ``env`` with the text behind ``-S`` taken apart."""
    for position, word in enumerate(words[1:], 1):
        if not word.startswith("-"):
            break
        text, following = "", position + 1
        if word in ("-S", "--split-string"):
            text, following = " ".join(words[position + 1 : position + 2]), position + 2
        elif word.startswith(("-S", "--split-string=")):
            text = word.removeprefix("-S").removeprefix("--split-string=")
        if text:
            try:
                parts = shlex.split(text)
            except ValueError:
                parts = text.split()
            return [*words[:position], *parts, *words[following:]]
    return words


def _after(
    words: list[str], with_value: frozenset[str], plain: int, variables: dict[str, str]
) -> list[str]:
    position = 1
    while position < len(words):
        word = words[position]
        if word == "--":
            position += 1
            break
        name, sign, value = word.partition("=")
        if word.startswith("-") and len(word) > 1:
            position += 2 if word in with_value else 1
        elif sign and name.replace("_", "a").isalnum():
            variables[name] = value
            position += 1
        elif plain:
            plain -= 1
            position += 1
        else:
            break
    return words[position:]
