"""yarn, pnpm and bun, measured with yarn 1.22.22 and 4.18, pnpm 12.21 and bun 1.4.5."""

from __future__ import annotations

from supplychain.lockfiles.commands.call import (
    Call,
    Outcome,
    arguments,
    lock_only,
    loose_install,
    no_install,
    strict_install,
    unlocked,
    unread,
    verb_of,
)
from supplychain.lockfiles.npm_versions import is_version


def yarn(call: Call) -> Outcome | None:
    """Judge a call of yarn, classic or berry."""
    verb, rest = verb_of(call, ("--cwd", "--registry", "--network-timeout", "--cache-folder"))
    if verb and verb in call.unknown:
        return unread()
    if verb in ("add", "global", "dlx", "create"):
        if verb == "global" and rest[:1] != ("add",):
            return no_install("query")
        named = [one for one in rest if one != "add"]
        exact = all(is_version(one[one.find("@", 1) + 1 :]) for one in named if "@" in one[1:])
        exact = exact and all("@" in one[1:] for one in named)
        return unlocked("version-pin-only" if exact else "version-floats", exact=exact)
    if verb in ("upgrade", "up", "upgrade-interactive") or rest[:1] == ("focus",):
        return unlocked("may-update-lock")
    if verb not in ("", "install"):
        return no_install(
            "clean" if verb == "cache" else "config" if verb in ("config", "set") else "run-script"
        )
    frozen = call.flag("--frozen-lockfile")
    if call.context.yarn == "berry":
        immutable = call.flag("--immutable") or call.is_set("YARN_ENABLE_IMMUTABLE_INSTALLS")
        strict = frozen or immutable or call.is_set("CI")
        return strict_install(call, "yarn.lock") if strict else loose_install(call, "yarn.lock")
    if frozen:
        return strict_install(call, "yarn.lock")
    if call.flag("--immutable"):
        return unlocked("flag-ignored")
    return loose_install(call, "yarn.lock")


def pnpm(call: Call) -> Outcome | None:
    """Judge a call of pnpm."""
    verb, rest = verb_of(call, ("--filter", "-F", "--dir", "-C", "--registry", "--store-dir"))
    if verb and verb in call.unknown:
        return unread()
    if verb == "ci":
        return strict_install(call, "pnpm-lock.yaml")
    if verb == "fetch":
        return lock_only() if call.has_file("pnpm-lock.yaml") else unlocked("lock-absent")
    if verb in ("install", "i"):
        if call.flag("--no-frozen-lockfile", "--prefer-frozen-lockfile", "--no-lockfile"):
            return unlocked("may-update-lock")
        strict = call.flag("--frozen-lockfile") or bool(call.env.get("CI"))
        strict = strict or call.is_set("PNPM_CONFIG_FROZEN_LOCKFILE")
        return (
            strict_install(call, "pnpm-lock.yaml")
            if strict
            else loose_install(call, "pnpm-lock.yaml")
        )
    if verb in ("add", "dlx", "create"):
        exact = bool(rest) and all(
            "@" in one[1:] and is_version(one.rpartition("@")[2]) for one in rest
        )
        return unlocked("version-pin-only" if exact else "version-floats", exact=exact)
    if verb in ("update", "up", "upgrade", "dedupe", "import"):
        return unlocked("may-update-lock")
    if verb == "deploy":
        return loose_install(call, "pnpm-lock.yaml")
    known = {"config": "config", "prune": "prune", "store": "clean", "rebuild": "runs-scripts"}
    return no_install(known.get(verb, "run-script"))


def bun(call: Call) -> Outcome | None:
    """Judge a call of bun."""
    verb, rest = verb_of(call, ("--cwd", "--registry"))
    locks = ("bun.lock", "bun.lockb")
    if verb == "ci":
        return strict_install(call, *locks)
    if verb in ("install", "i") and not rest:
        strict = call.flag("--frozen-lockfile", "--production", "-p")
        return strict_install(call, *locks) if strict else loose_install(call, *locks)
    if verb in ("install", "i", "add", "a", "x", "create"):
        exact = bool(rest) and all(
            "@" in one[1:] and is_version(one.rpartition("@")[2]) for one in rest
        )
        return unlocked("version-pin-only" if exact else "version-floats", exact=exact)
    return unlocked("may-update-lock") if verb == "update" else no_install("run")


def bunx(call: Call) -> Outcome | None:
    """Judge a call of bunx."""
    return bun_named(call)


def bun_named(call: Call) -> Outcome:
    """Judge a package that is run by its name."""
    named = arguments(call.words, ()).plain[:1]
    exact = (
        bool(named) and is_version(named[0][named[0].find("@", 1) + 1 :]) and "@" in named[0][1:]
    )
    return unlocked("version-pin-only" if exact else "version-floats", exact=exact)
