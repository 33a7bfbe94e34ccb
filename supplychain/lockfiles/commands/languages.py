"""The managers of further languages.

Measured with go 1.24.4, cargo 1.95, bundler 2.6.7 and composer 2.8.8; maven, gradle and dotnet by
their documentation.
"""

from __future__ import annotations

import re

from supplychain.lockfiles.commands.call import (
    Arguments,
    Call,
    Outcome,
    arguments,
    lock_only,
    locked,
    loose_install,
    names,
    no_install,
    strict_install,
    unlocked,
    verb_of,
)

_COMMIT = re.compile(r"[0-9a-f]{40}")
_CARGO_VALUES = names(
    "--path --version --vers --git --rev --tag --features --target -p --bin --manifest-path"
    " --profile --root -j"
)
_CARGO_BUILDS = names("build b test t run r check c fetch bench rustc doc")
_GO_VERSION = re.compile(r"v[0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.+-]*")


def go(call: Call) -> Outcome | None:
    """Judge a call of go."""
    verb, rest = verb_of(
        call, ("-o", "-ldflags", "-tags", "-gcflags", "-C", "-run", "-p", "-asmflags")
    )
    off = call.env.get("GOSUMDB") == "off" or "-insecure" in call.env.get("GOFLAGS", "")
    if verb not in (
        "build",
        "install",
        "run",
        "get",
        "test",
        "mod",
        "generate",
        "vet",
        "tool",
        "work",
    ):
        return no_install("query")
    if verb == "mod":
        if rest[:1] in (("tidy",), ("edit",), ("init",)):
            return unlocked("may-update-lock") if rest[:1] == ("tidy",) else no_install("config")
        return unlocked("signature-off") if off else strict_install(call, "go.sum", "go.mod")
    if off or call.is_set("GONOSUMDB") or call.is_set("GOINSECURE") or call.is_set("GONOSUMCHECK"):
        return unlocked("signature-off")
    named = [one for one in rest if "@" in one]
    if named:
        versions = [one.rpartition("@")[2] for one in named]
        fixed = all(_GO_VERSION.fullmatch(one) or _COMMIT.fullmatch(one) for one in versions)
        return locked("hash-checked") if fixed else unlocked("version-floats")
    if "-mod=mod" in call.words or "-mod=mod" in call.env.get("GOFLAGS", ""):
        return unlocked("may-update-lock")
    if verb == "get":
        return unlocked("may-update-lock")
    if "-mod=vendor" in call.words or "-mod=vendor" in call.env.get("GOFLAGS", ""):
        return locked("vendored")
    return locked("lock-strict")


def cargo(call: Call) -> Outcome | None:
    """Judge a call of cargo."""
    words = tuple(word for word in call.words if not word.startswith("+"))
    given = arguments(words, _CARGO_VALUES)
    verb, rest = (given.plain[0], given.plain[1:]) if given.plain else ("", ())
    strict = given.has("--locked", "--frozen")
    if verb in ("install", "binstall"):
        return _cargo_install(call, given, rest, strict=strict)
    if verb in _CARGO_BUILDS or (verb == "chef" and rest[:1] == ("cook",)):
        if given.has("--offline") and "vendor" in call.text:
            return locked("vendored")
        return strict_install(call, "Cargo.lock") if strict else loose_install(call, "Cargo.lock")
    if verb in ("update", "add", "generate-lockfile"):
        return unlocked("may-update-lock")
    return no_install("clean" if verb == "clean" else "query")


def _cargo_install(call: Call, given: Arguments, rest: tuple[str, ...], *, strict: bool) -> Outcome:
    if given.has("--git"):
        if not any(_COMMIT.fullmatch(one) for one in given.values("--rev")):
            return unlocked("git-unpinned")
        return locked("commit-pinned") if strict else unlocked("deps-float")
    if given.values("--path"):
        return strict_install(call, "Cargo.lock") if strict else unlocked("deps-float")
    exact = bool(given.values("--version", "--vers")) or all("@" in one for one in rest)
    if strict and exact and rest:
        return locked("lock-strict")
    return unlocked("version-pin-only" if exact and rest else "version-floats", exact=exact)


def bundle(call: Call) -> Outcome | None:
    """Judge a call of bundler."""
    verb, _ = verb_of(call, ("--gemfile", "--path", "--jobs", "-j", "--without", "--retry"))
    if verb == "config":
        return no_install("config")
    if verb in ("install", "", "i"):
        strict = call.flag("--frozen", "--deployment")
        strict = strict or call.is_set("BUNDLE_FROZEN") or call.is_set("BUNDLE_DEPLOYMENT")
        return (
            strict_install(call, "Gemfile.lock") if strict else loose_install(call, "Gemfile.lock")
        )
    if verb in ("add", "update"):
        return unlocked("may-update-lock")
    return no_install("run" if verb in ("exec", "e") else "clean" if verb == "clean" else "query")


def gem(call: Call) -> Outcome | None:
    """Judge a call of gem: it has no lock."""
    given = arguments(call.words, ("-v", "--version", "--source", "-s"))
    verb = given.plain[0] if given.plain else ""
    if verb in ("install", "i", "update"):
        exact = bool(given.values("-v", "--version")) or all(":" in one for one in given.plain[1:])
        exact = exact and verb != "update"
        return unlocked("version-pin-only" if exact else "version-floats", exact=exact)
    return no_install("query")


def composer(call: Call) -> Outcome | None:
    """Judge a call of composer."""
    verb, _ = verb_of(call, ("-d", "--working-dir"))
    if verb in ("install", "i"):
        return lock_only() if call.has_file("composer.lock") else unlocked("lock-absent")
    if verb in ("update", "require", "create-project", "upgrade", "u"):
        return unlocked("may-update-lock" if verb != "create-project" else "version-floats")
    if verb == "global":
        return unlocked("version-floats")
    return no_install("config" if verb == "config" else "run-script")


def jvm(call: Call) -> Outcome | None:
    """Judge a call of maven or gradle: neither has a lock unless the project switches one on."""
    if (
        call.words[:1] in (("--version",), ("-v",), ("-version",), ("clean",))
        and len(call.words) == 1
    ):
        return no_install("query")
    if call.flag("-o", "--offline"):
        return locked("offline")
    is_known = call.program.startswith("gradle") and call.context.stage is not None
    if is_known and call.has_file("gradle/verification-metadata.xml", "gradle.lockfile"):
        return locked("lock-strict")
    return unlocked("no-lock")


def dotnet(call: Call) -> Outcome | None:
    """Judge a call of dotnet or nuget."""
    verb, rest = verb_of(call, ("-c", "--configuration", "-o", "--output", "--version", "-r"))
    if verb in ("restore", "build", "publish", "test", "run", "pack"):
        text = " ".join(call.words).lower()
        if "--no-restore" in text:
            return no_install("build")
        strict = (
            "--locked-mode" in text or "-lockedmode" in text or "restorelockedmode=true" in text
        )
        return locked("lock-strict") if strict else unlocked("no-lock")
    if verb in ("tool", "workload", "add", "install"):
        return unlocked("version-floats") if rest else no_install("query")
    return no_install("query")
