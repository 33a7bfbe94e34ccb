"""npm, npx and corepack.

Names of commands: npm 11.19, ``lib/utils/cmd-list.js``; an unambiguous beginning is one as well.
"""

from __future__ import annotations

from supplychain.lockfiles.commands.call import (
    Arguments,
    Call,
    Outcome,
    arguments,
    locked,
    names,
    no_install,
    unlocked,
    unread,
    worst,
)
from supplychain.lockfiles.npm_specs import SpecKind, read_spec
from supplychain.lockfiles.npm_versions import is_version

CI = names(
    "ci clean-install ic install-clean isntall-clean install-ci-test cit clean-install-test sit"
)
INSTALL = names("install i in ins inst insta instal isnt isnta isntal isntall add install-test it")
_UPDATE = names("update up u upgrade udpate dedupe ddp find-dupes")
_RUN = names("run run-script rum urn start stop restart test t tst")
_QUERY = names(
    "audit ls list la ll view v info show outdated bin root prefix why explain fund ping doctor"
    " search query sbom help version whoami -v --version -h --help pack diff edit docs"
)
_CONFIG = names("config c set get login logout adduser pkg init-scope install-scripts")
_ALL = sorted(
    CI
    | INSTALL
    | _UPDATE
    | _RUN
    | _QUERY
    | _CONFIG
    | {"rebuild", "rb", "prune", "cache", "exec", "x", "link", "ln", "init", "create", "innit"}
    | {"uninstall", "un", "unlink", "remove", "rm", "r", "publish", "shrinkwrap", "completion"}
)
_WITH_VALUE = names(
    "--prefix -C --registry --cache --userconfig --loglevel --omit --include --workspace -w --tag"
    " --only --cpu --os --libc --before --script-shell --fetch-retries --fetch-timeout"
    " --fetch-retry-mintimeout --fetch-retry-maxtimeout --maxsockets --network-timeout"
    " --install-strategy --package -p --call -c --node-options --save-prefix --min-release-age"
)
_FOREIGN = frozenset(
    {"--frozen-lockfile", "--immutable", "--locked", "--frozen", "--pure-lockfile"}
)
_LOCKS = ("package-lock.json", "npm-shrinkwrap.json")
TOOLS = frozenset({"npm", "pnpm", "yarn", "corepack", "bun", "n", "node"})


def npm(call: Call) -> Outcome | None:
    """Judge a call of npm."""
    given = arguments(call.words, _WITH_VALUE)
    if not given.plain:
        return no_install("query")
    verb = _verb(given.plain[0])
    if given.plain[0] in call.unknown:
        return unread()
    if _is_insecure(call, given) and verb in CI | INSTALL | _UPDATE | {"exec", "x"}:
        return unlocked("insecure-transport")
    if verb in CI:
        return locked("lock-strict") if call.has_file(*_LOCKS) else unlocked("lock-absent")
    if verb in INSTALL:
        return _install(call, given)
    if verb in _UPDATE or (verb == "audit" and "fix" in given.plain):
        return unlocked("may-update-lock")
    if verb in ("exec", "x"):
        return _execute(given)
    if verb in ("init", "create", "innit"):
        return unlocked("version-floats") if len(given.plain) > 1 else no_install("config")
    return _harmless(verb, given)


def npx(call: Call) -> Outcome | None:
    """Judge a call of npx."""
    return _execute(arguments(("exec", *call.words), _WITH_VALUE))


def corepack(call: Call) -> Outcome | None:
    """Judge a call of corepack that is no call of a manager."""
    given = arguments(call.words, ())
    verb = given.plain[0] if given.plain else ""
    if verb in ("prepare", "install", "use", "up"):
        if not given.plain[1:]:
            return no_install("shim")
        named = [one.rpartition("@")[2] for one in given.plain[1:]]
        if all("+sha" in one for one in named):
            return locked("hash-pinned")
        return unlocked("tool-bootstrap", exact=all(is_version(one) for one in named))
    return no_install("shim")


def _verb(word: str) -> str:
    """Return the command that a word stands for: itself, or the only one that begins so."""
    if word in _ALL:
        return word
    longer = [name for name in _ALL if name.startswith(word)]
    groups = {next((i for i, g in enumerate((CI, INSTALL, _UPDATE)) if n in g), n) for n in longer}
    return longer[0] if len(groups) == 1 else word


def _install(call: Call, given: Arguments) -> Outcome:
    named = given.plain[1:]
    is_global = given.has("-g", "--global") or "--location=global" in call.words
    if not named:
        if given.has(*_FOREIGN):
            return unlocked("flag-ignored")
        if is_global:
            return unlocked("deps-float")
        return unlocked("may-update-lock" if call.has_file(*_LOCKS) else "lock-absent")
    found = [_package(one, is_global=is_global) for one in named]
    if any(one in call.unknown and one.startswith("$") for one in named):
        found.append(unlocked("version-floats"))
    first = worst(found) or unlocked("version-floats")
    exact = all(one.exact for one in found)
    return next(
        (one for one in found if one.exact is exact and one.verdict == first.verdict), first
    )


def _package(text: str, *, is_global: bool) -> Outcome:
    at = text.find("@", 1)
    name, wanted = (text, "") if at < 0 else (text[:at], text[at + 1 :])
    spec = read_spec(text if _is_place(text) else wanted or "latest")
    exact = spec.kind is SpecKind.RANGE and is_version(spec.text)
    if name in TOOLS and is_global:
        return unlocked("tool-bootstrap", exact=exact)
    if spec.kind is SpecKind.GIT:
        return unlocked("deps-float" if spec.has_commit else "git-unpinned")
    if spec.kind is SpecKind.REMOTE:
        return unlocked("url-no-hash")
    if spec.kind in (SpecKind.DIRECTORY, SpecKind.TARBALL):
        return unlocked("deps-float")
    if spec.kind is SpecKind.ALIAS:
        exact = is_version(spec.text)
    return unlocked("version-pin-only" if exact else "version-floats", exact=exact)


def _is_place(text: str) -> bool:
    return text.startswith((".", "/", "~", "http:", "https:", "git", "file:")) or (
        "/" in text and not text.startswith("@")
    )


def _execute(given: Arguments) -> Outcome:
    if given.has("--no-install", "--no"):
        return no_install("run")
    named = given.values("--package", "-p") or given.plain[1:2]
    if not named:
        return no_install("query")
    exact = all(is_version(one[one.find("@", 1) + 1 :]) for one in named if "@" in one[1:])
    exact = exact and all("@" in one[1:] for one in named)
    return unlocked("version-pin-only" if exact else "version-floats", exact=exact)


def _harmless(verb: str, given: Arguments) -> Outcome | None:
    if verb in _RUN:
        return no_install("run-script")
    if verb in ("rebuild", "rb"):
        return no_install("runs-scripts")
    if verb == "prune":
        return no_install("prune")
    if verb == "cache":
        return no_install("clean")
    if verb in ("link", "ln"):
        return unlocked("deps-float") if given.plain[1:] else no_install("local-file")
    if verb in _CONFIG:
        insecure = any(
            "strict-ssl" in one and "false" in " ".join(given.plain) for one in given.plain
        )
        return unlocked("insecure-transport") if insecure else no_install("config")
    return no_install("query")


def _is_insecure(call: Call, given: Arguments) -> bool:
    registries = (*given.values("--registry"), call.env.get("npm_config_registry", ""))
    return (
        any(one.startswith("http://") for one in registries)
        or "false" in given.values("--strict-ssl")
        or given.has("--no-strict-ssl")
        or call.env.get("npm_config_strict_ssl") == "false"
        or call.env.get("NODE_TLS_REJECT_UNAUTHORIZED") == "0"
    )
