"""Package managers of operating systems, and the tools that copy models."""

from __future__ import annotations

import re

from supplychain.lockfiles.commands.call import (
    Call,
    Outcome,
    arguments,
    locked,
    names,
    no_install,
    unlocked,
)

_COMMIT = re.compile(r"[0-9a-f]{40}")
_RANGE = re.compile(r"[<>~]")
_APT_VALUES = ("-o", "-t", "--target-release", "-c", "--option", "-a")
_APK_VALUES = ("-t", "--virtual", "-X", "--repository", "-p", "--root", "--repositories-file")
_DNF_VALUES = (
    "--setopt",
    "--installroot",
    "--releasever",
    "-x",
    "--exclude",
    "--enablerepo",
    "--repo",
)
_UNSIGNED = names(
    "--allow-unauthenticated --force-yes --allow-untrusted --nogpgcheck --no-gpg-checks"
    " --no-gpg-check --allow-insecure-repositories --skip-broken-signature"
)


def apt(call: Call) -> Outcome | None:
    """Judge a call of apt, apt-get or aptitude."""
    given = arguments(call.words, _APT_VALUES)
    verb, named = (given.plain[0], given.plain[1:]) if given.plain else ("", ())
    if verb in ("install", "reinstall", "build-dep", "satisfy"):
        options = " ".join(given.values("-o", "--option")).lower()
        insecure = "allowunauthenticated=true" in options or "verify-peer=false" in options
        if given.has(*_UNSIGNED) or insecure:
            return unlocked("signature-off")
        return _named(call, named, "=")
    if verb in ("upgrade", "dist-upgrade", "full-upgrade"):
        return unlocked("os-unpinned")
    return _rest(verb)


def apk(call: Call) -> Outcome | None:
    """Judge a call of apk."""
    given = arguments(call.words, _APK_VALUES)
    verb, named = (given.plain[0], given.plain[1:]) if given.plain else ("", ())
    if verb == "add":
        return unlocked("signature-off") if given.has(*_UNSIGNED) else _named(call, named, "=")
    return unlocked("os-unpinned") if verb == "upgrade" else _rest(verb)


def dnf(call: Call) -> Outcome | None:
    """Judge a call of dnf, yum, microdnf, zypper, tdnf, pacman or brew."""
    given = arguments(call.words, _DNF_VALUES)
    verb, named = (given.plain[0], given.plain[1:]) if given.plain else ("", ())
    synced = call.program == "pacman" and any(word.startswith("-S") for word in call.words)
    if verb in ("install", "in", "localinstall", "groupinstall", "reinstall", "module") or synced:
        options = " ".join(given.values("--setopt")).lower()
        if given.has(*_UNSIGNED) or "gpgcheck=0" in options or "sslverify=0" in options:
            return unlocked("signature-off")
        if synced:
            return unlocked("os-unpinned")
        return _named(call, named, "=" if call.program == "zypper" else "-")
    if verb in ("update", "upgrade", "up", "dup", "distro-sync"):
        return unlocked("os-unpinned")
    return _rest(verb)


def _named(call: Call, named: tuple[str, ...], sign: str) -> Outcome:
    packages = [one for one in named if not one.endswith("-")]
    if not packages:
        return no_install("query")
    if all(one.startswith(("./", "/")) for one in packages):
        return no_install("local-file")
    if any(one in call.unknown and one.startswith("$") for one in packages):
        return unlocked("os-unpinned")
    pins = [_pin(one, sign) for one in packages if not one.startswith(("./", "/", "."))]
    if any(pin == "none" for pin in pins):
        return unlocked("os-unpinned")
    return unlocked("os-wildcard-pin") if "wild" in pins else locked("os-version-pin")


def _pin(package: str, sign: str) -> str:
    if sign == "-":
        found = re.search(r"-[0-9][^-]*(?:-[^-]+)?$", package)
        return "none" if found is None else "wild" if "*" in package else "exact"
    name, _, version = package.partition(sign)
    if _RANGE.search(name + version[:1]):
        return "wild"
    if not version or not name:
        return "none"
    return "wild" if "*" in version else "exact"


def _rest(verb: str) -> Outcome:
    if verb in ("update", "makecache", "refresh", "ref", "check-update"):
        return no_install("index-update")
    if verb in ("clean", "autoclean", "cache", "autoremove"):
        return no_install("clean")
    if verb in ("remove", "purge", "del", "erase", "rm", "uninstall"):
        return no_install("prune")
    return no_install("config" if verb in ("config-manager", "addrepo", "ar") else "query")


def dpkg(call: Call) -> Outcome | None:
    """Judge a call of dpkg or rpm: it installs files that are there already."""
    if call.flag("-i", "--install", "-U", "-ivh", "-Uvh", "--unpack"):
        remote = any("://" in word for word in call.words)
        return unlocked("url-no-hash") if remote else no_install("local-file")
    return no_install("query")


def ollama(call: Call) -> Outcome | None:
    """Judge a call of ollama: a model's tag moves, a digest does not."""
    if call.words[:1] in (("pull",), ("run",)):
        named = call.words[1:2]
        pinned = bool(named) and "sha256-" in named[0]
        return locked("hash-pinned") if pinned else unlocked("model-unpinned")
    return no_install("run")


def hugging_face(call: Call) -> Outcome | None:
    """Judge a call of hf or huggingface-cli: a model is fixed by a commit."""
    given = arguments(
        call.words,
        (
            "--revision",
            "--local-dir",
            "--include",
            "--exclude",
            "--token",
            "--repo-type",
            "--cache-dir",
        ),
    )
    if given.plain[:1] == ("download",):
        fixed = any(_COMMIT.fullmatch(one) for one in given.values("--revision"))
        return locked("commit-pinned") if fixed else unlocked("model-unpinned")
    return no_install("query")
