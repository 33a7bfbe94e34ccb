"""pip, and what pip and uv share: requirements, hash mode, and how exact a name is.

Rules: pip 26.3, measured; pipx 1.8 by its documentation.
"""

from __future__ import annotations

import posixpath
import re

from packaging.requirements import InvalidRequirement

from supplychain.formats.text import MalformedError
from supplychain.lockfiles import requirements
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
from supplychain.lockfiles.python_requirement import read_requirement
from supplychain.lockfiles.requirements import pinned_version

WITH_VALUE = names(
    "-r --requirement --requirements -c --constraint --constraints -e --editable -i --index-url"
    " --extra-index-url -f --find-links -t --target --prefix --root --trusted-host --only-binary"
    " --no-binary --python-version --platform --implementation --abi --cache-dir --timeout"
    " --retries --progress-bar --log --cert --proxy --src --upgrade-strategy --report --group"
    " -C --config-settings --config-setting --global-option --use-feature --root-user-action"
    " --uploaded-prior-to -d --dest -w --wheel-dir --default-index --index -p --python --extra"
    " --exclude-newer --index-strategy --link-mode --python-platform --override --overrides -b"
    " --build-constraint --build-constraints --keyring-provider --no-build-package --exists-action"
    " --allow-insecure-host --directory --project --config-file --resolution --prerelease"
)
TOOLS = frozenset({"pip", "uv", "poetry", "pdm", "pipenv", "pipx", "hatch", "setuptools", "wheel"})
_COMMIT = re.compile(r"@[0-9a-f]{40}(?:[0-9a-f]{24})?$")
_HASHED_URL = re.compile(r"#(?:.*&)?sha(?:256|384|512)=[0-9a-f]{64,128}\b")
_INSTALLS = ("install", "wheel", "download")


def pip(call: Call) -> Outcome | None:
    """Judge a call of pip."""
    given = arguments(call.words, WITH_VALUE)
    if not given.plain:
        return no_install("query")
    verb = given.plain[0]
    if verb in call.unknown:
        return unread()
    if verb not in _INSTALLS:
        return _harmless(verb)
    if is_insecure(call, given):
        return unlocked("insecure-transport")
    return install(call, given)


def pipx(call: Call) -> Outcome | None:
    """Judge a call of pipx: it never has a lock."""
    given = arguments(call.words, WITH_VALUE | {"--spec", "--suffix"})
    verb = given.plain[0] if given.plain else ""
    if verb in ("install", "inject", "upgrade", "upgrade-all", "install-all"):
        return named_outcome([*given.plain[1:2], *given.values("--spec")], tools=True)
    if verb == "run":
        return named_outcome([*given.values("--spec")] or [*given.plain[1:2]], tools=False)
    return no_install("config" if verb == "ensurepath" else "query")


def install(call: Call, given: Arguments) -> Outcome:
    """Judge what ``pip install`` does with its arguments."""
    if given.has("--no-require-hashes"):
        return unlocked("hash-check-off")
    named = given.plain[1:]
    if any(re.match(r"=?[0-9]", place) for place in call.redirected):
        return unlocked("redirect-spec")
    listed = (*given.values("-r", "--requirement", "--requirements"),)
    constraints = given.values("-c", "--constraint", "--constraints")
    strict = given.has("--require-hashes") or call.is_set("PIP_REQUIRE_HASHES")
    strict = strict or any(is_hashed(call, one) for one in (*listed, *constraints))
    if any(posixpath.basename(one).startswith("pylock.") for one in listed):
        return _present(call, listed, "lock-strict")
    if strict:
        return _present(call, listed, "hash-checked")
    editable = given.values("-e", "--editable")
    if (given.has("--no-index") or call.is_set("PIP_NO_INDEX")) and not _is_online(call, given):
        return locked("offline")
    found = [place_or_name(one, given, call) for one in (*named, *editable)]
    found += [unlocked("no-hash") for _ in listed]
    found += [unlocked("deps-float") for _ in given.values("--group")]
    return _combined(found)


def place_or_name(text: str, given: Arguments, call: Call) -> Outcome:
    """Judge one requirement of a command line."""
    no_deps = given.has("--no-deps")
    body = text.partition(" @ ")[2] or text
    if body.startswith(("git+", "hg+", "svn+", "bzr+")):
        bare = body.partition("#")[0]
        if _COMMIT.search(bare):
            return locked("commit-pinned") if no_deps else unlocked("deps-float")
        return unlocked("tag-not-commit" if "@" in bare.partition("://")[2] else "git-unpinned")
    if body.startswith(("http://", "https://")):
        return locked("hash-pinned") if _HASHED_URL.search(body) else unlocked("url-no-hash")
    if is_local(text):
        return locked("local-no-deps") if no_deps else unlocked("deps-float")
    if text in call.unknown and text.startswith("$"):
        return unlocked("version-floats")
    return named_outcome([text], tools=True)


def named_outcome(named: list[str], *, tools: bool) -> Outcome:
    """Judge packages asked for by name: the version floats, or only their dependencies do."""
    found = []
    for one in named:
        try:
            requirement = read_requirement(one.partition("@")[0] if "==" not in one else one)
        except InvalidRequirement:
            found.append(unlocked("version-floats"))
            continue
        version = one.rpartition("@")[2] if "@" in one else ""
        exact = pinned_version(requirement.specifier) is not None or version[:1].isdigit()
        if tools and requirement.name.lower() in TOOLS:
            found.append(unlocked("tool-bootstrap", exact=exact))
        else:
            found.append(unlocked("version-pin-only" if exact else "version-floats", exact=exact))
    return _combined(found)


def is_local(text: str) -> bool:
    """Say whether a requirement is a folder or file."""
    bare = text.partition("[")[0]
    return (
        bare.startswith((".", "/", "~", "file:", "$PWD", "$(pwd)"))
        or bare.endswith((".whl", ".tar.gz", ".zip"))
        or ("/" in bare and "://" not in bare)
    )


def is_hashed(call: Call, name: str) -> bool:
    """Say whether a requirements file holds a hash, as far as its text is known."""
    text = file_text(call, name)
    if text is None:
        return False
    try:
        return requirements.read(text).has_hashes
    except MalformedError:
        return False


def file_text(call: Call, name: str) -> str | None:
    """Return the text of a file that a command names."""
    for known in (name, posixpath.basename(name)):
        if known in call.context.files:
            return call.context.files[known]
    stage = call.context.stage
    return stage.text(posixpath.normpath(posixpath.join(call.folder, name))) if stage else None


def is_insecure(call: Call, given: Arguments) -> bool:
    """Say whether certificates are not checked, or an index is asked over plain http."""
    indexes = given.values(
        "-i", "--index-url", "--extra-index-url", "--index", "--default-index", "-f", "--find-links"
    )
    variables = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX")
    return (
        given.has("--trusted-host", "--allow-insecure-host")
        or bool(call.env.get("PIP_TRUSTED_HOST") or call.env.get("UV_INSECURE_HOST"))
        or any(one.startswith("http://") for one in indexes)
        or any(call.env.get(name, "").startswith("http://") for name in variables)
    )


def _is_online(call: Call, given: Arguments) -> bool:
    """Say whether a call without an index still names a place on the network."""
    links = [*given.values("-f", "--find-links"), call.env.get("PIP_FIND_LINKS", "")]
    named = (*given.plain[1:], *given.values("-e", "--editable"))
    return any("//" in one or "$" in one for one in links) or any("://" in one for one in named)


def easy_install(call: Call) -> Outcome | None:
    """Judge a call of easy_install: it knows no lock and no hashes."""
    return no_install("query") if call.words == ("--version",) else unlocked("version-floats")


def _present(call: Call, listed: tuple[str, ...], reason: str) -> Outcome:
    """Return ``locked``, unless a file that is named is not there."""
    stage = call.context.stage
    if stage is None:
        fine = call.context.lock_present or not listed
        return locked(reason) if fine else unlocked("lock-absent")
    places = [posixpath.normpath(posixpath.join(call.folder, one)) for one in listed]
    missing = [one for one in places if not stage.has(one)]
    return unlocked("lock-absent") if missing else locked(reason)


def _combined(found: list[Outcome]) -> Outcome:
    if not found:
        return no_install("query")
    first = worst(found) or found[0]
    bad = [one for one in found if one.verdict is first.verdict]
    inexact = [one for one in bad if not one.exact]
    return (inexact or bad)[0]


def _harmless(verb: str) -> Outcome:
    if verb == "cache":
        return no_install("clean")
    if verb == "uninstall":
        return no_install("prune")
    if verb == "config":
        return no_install("config")
    return no_install("query")
