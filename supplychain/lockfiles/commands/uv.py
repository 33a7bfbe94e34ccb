"""uv and uvx, measured with uv 0.13.9."""

from __future__ import annotations

import posixpath
from dataclasses import replace

from supplychain.lockfiles.commands.call import (
    Arguments,
    Call,
    Outcome,
    arguments,
    lock_only,
    locked,
    names,
    no_install,
    unlocked,
    unread,
)
from supplychain.lockfiles.commands.pip import (
    WITH_VALUE,
    install,
    is_hashed,
    is_insecure,
    named_outcome,
)

_WITH_VALUE = WITH_VALUE | names(
    "--package --only-group --no-group --no-extra --with --with-editable --with-requirements"
    " --from --env-file --color --refresh-package --upgrade-package -P --reinstall-package"
    " --no-install-package --managed-python --cache-dir --torch-backend --script -m --module"
)
_QUERY = names("tree version help export self build publish format audit")


def uv(call: Call) -> Outcome | None:
    """Judge a call of uv."""
    given = arguments(call.words, _WITH_VALUE)
    if not given.plain:
        return no_install("query")
    verb, rest = given.plain[0], given.plain[1:]
    if verb in call.unknown:
        return unread()
    folder = (*given.values("--directory", "--project"),)
    if folder:
        call = replace(call, folder=posixpath.normpath(posixpath.join(call.folder, folder[-1])))
    installs = verb in ("sync", "run", "add", "pip", "tool", "lock")
    if installs and is_insecure(call, given) and rest[:1] not in (("list",), ("freeze",)):
        return unlocked("insecure-transport")
    if verb in ("sync", "run"):
        return _project(call, given, verb)
    if verb == "pip":
        return _pip(call, given, rest)
    return _other(given, verb, rest)


def uvx(call: Call) -> Outcome | None:
    """Judge a call of uvx: it resolves whatever is newest, unless the version is named."""
    given = arguments(call.words, _WITH_VALUE)
    named = [*given.values("--from")] or [*given.plain[:1]]
    return named_outcome(named, tools=False) if named else no_install("query")


def _project(call: Call, given: Arguments, verb: str) -> Outcome:
    if verb == "run" and (given.has("--no-project") or _is_script(given)):
        extra = given.values("--with")
        return named_outcome([*extra], tools=False) if extra else no_install("run")
    if verb == "run" and given.has("--no-sync"):
        return no_install("run")
    extra = given.values("--with") if verb == "run" else ()
    if extra:
        return named_outcome([*extra], tools=False)
    strict = given.has("--locked", "--check") or call.is_set("UV_LOCKED")
    frozen = given.has("--frozen") or call.is_set("UV_FROZEN")
    present = call.has_file("uv.lock")
    if given.has("-U", "--upgrade", "-P", "--upgrade-package"):
        return unlocked("may-update-lock")
    if strict:
        return locked("lock-strict") if present else unlocked("lock-absent")
    if frozen:
        return lock_only() if present else unlocked("lock-absent")
    return unlocked("may-update-lock" if present else "lock-absent")


def _is_script(given: Arguments) -> bool:
    return given.has("--script")


def _pip(call: Call, given: Arguments, rest: tuple[str, ...]) -> Outcome:
    verb = rest[0] if rest else ""
    if verb not in ("install", "sync"):
        return no_install(
            "query" if verb in ("list", "freeze", "show", "check", "tree") else "build"
        )
    if given.has("--no-verify-hashes") or call.is_set("UV_NO_VERIFY_HASHES"):
        return unlocked("hash-check-off")
    listed = [*given.values("-r", "--requirement", "--requirements")]
    named = list(rest[1:])
    if verb == "sync":
        listed, named = named, []
    plain = Arguments(("install", *named), (*given.options, *(("-r", one) for one in listed)))
    plain = replace(plain, options=tuple(dict.fromkeys(plain.options)))
    strict = given.has("--require-hashes") or call.is_set("UV_REQUIRE_HASHES")
    # Unlike pip, uv checks the hashes that are there, and installs what has none.
    if named and not strict and any(is_hashed(call, one) for one in listed):
        return named_outcome(named, tools=True)
    return install(call, plain)


def _other(given: Arguments, verb: str, rest: tuple[str, ...]) -> Outcome:
    if verb == "add":
        return unlocked("may-update-lock")
    if verb == "remove":
        return unlocked("may-update-lock")
    if verb == "lock":
        checks = given.has("--check", "--locked", "--check-exists", "--dry-run")
        return no_install("query") if checks else unlocked("may-update-lock")
    if verb == "tool":
        if rest[:1] in (("install",), ("run",), ("upgrade",)):
            named = [*given.values("--from")] or [*rest[1:2]]
            return named_outcome(named, tools=False) if named else unlocked("version-floats")
        return no_install("query")
    if verb == "python" and rest[:1] == ("install",):
        return unlocked("tool-bootstrap", exact=all(one.count(".") > 1 for one in rest[1:]))
    if verb == "cache":
        return no_install("clean")
    if verb == "venv":
        return no_install("env")
    if verb == "init":
        return no_install("config")
    return no_install("query" if verb in _QUERY else "run")
