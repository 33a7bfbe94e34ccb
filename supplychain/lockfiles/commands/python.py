"""poetry 2.5.1, pdm 2.29.4 and pipenv 2026.10, measured; conda and pixi by their documentation."""

from __future__ import annotations

from supplychain.lockfiles.commands.call import (
    Call,
    Outcome,
    arguments,
    lock_only,
    locked,
    loose_install,
    no_install,
    strict_install,
    unlocked,
    verb_of,
)


def poetry(call: Call) -> Outcome | None:
    """Judge a call of poetry."""
    verb, _ = verb_of(
        call, ("-C", "--directory", "-P", "--project", "--only", "--with", "--without", "-E")
    )
    if verb in ("install", "sync"):
        if call.flag("--no-update"):
            return unlocked("invalid-flag")
        return strict_install(call, "poetry.lock")
    if verb == "lock":
        invalid = call.flag("--no-update", "--check")
        return unlocked("invalid-flag") if invalid else unlocked("may-update-lock")
    if verb in ("add", "update", "self"):
        return unlocked("may-update-lock")
    if verb in ("config", "cache", "env"):
        return no_install({"cache": "clean"}.get(verb, verb))
    return no_install({"run": "run", "build": "build"}.get(verb, "query"))


def pdm(call: Call) -> Outcome | None:
    """Judge a call of pdm."""
    verb, _ = verb_of(call, ("-p", "--project", "-G", "--group"))
    loose = call.flag("--frozen-lockfile", "--no-lock") or call.is_set("PDM_FROZEN_LOCKFILE")
    if verb in ("install", "") and call.words[:1] != ("--version",):
        strict = call.flag("--check") and not loose
        return strict_install(call, "pdm.lock") if strict else loose_install(call, "pdm.lock")
    if verb == "sync":
        if loose:
            return unlocked("flag-ignored")
        return lock_only() if call.has_file("pdm.lock") else unlocked("lock-absent")
    if verb in ("add", "update"):
        return unlocked("may-update-lock")
    if verb == "lock":
        return no_install("query") if call.flag("--check") else unlocked("may-update-lock")
    return no_install({"run": "run", "build": "build", "config": "config"}.get(verb, "query"))


def pipenv(call: Call) -> Outcome | None:
    """Judge a call of pipenv."""
    verb, rest = verb_of(call, ("--python", "-r", "--requirements"))
    if verb == "install":
        if call.flag("--skip-lock"):
            return unlocked("flag-ignored")
        if rest:
            return unlocked("may-update-lock")
        if call.flag("--deploy"):
            return strict_install(call, "Pipfile.lock")
        if call.flag("--ignore-pipfile"):
            return lock_only() if call.has_file("Pipfile.lock") else unlocked("lock-absent")
        return loose_install(call, "Pipfile.lock")
    if verb == "sync":
        return lock_only() if call.has_file("Pipfile.lock") else unlocked("lock-absent")
    if verb in ("lock", "update", "upgrade"):
        return unlocked("may-update-lock")
    return no_install("run" if verb == "run" else "query")


def conda(call: Call) -> Outcome | None:
    """Judge a call of conda, mamba or micromamba."""
    verb, rest = verb_of(
        call, ("-n", "--name", "-p", "--prefix", "-f", "--file", "-c", "--channel")
    )
    files = arguments(call.words, ("-f", "--file")).values("-f", "--file")
    if any("lock" in one for one in files):
        return locked("lock-strict")
    if verb in ("install", "create", "update") or (
        verb == "env" and rest[:1] in (("create",), ("update",))
    ):
        return unlocked("version-floats")
    return no_install({"clean": "clean", "config": "config", "run": "run"}.get(verb, "env"))


def pixi(call: Call) -> Outcome | None:
    """Judge a call of pixi."""
    verb, _ = verb_of(call)
    if verb in ("install", "run", "shell"):
        if call.flag("--locked"):
            return strict_install(call, "pixi.lock")
        if call.flag("--frozen"):
            return lock_only() if call.has_file("pixi.lock") else unlocked("lock-absent")
        return loose_install(call, "pixi.lock")
    return (
        unlocked("may-update-lock") if verb in ("add", "update", "global") else no_install("query")
    )
