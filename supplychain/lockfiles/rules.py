"""What is wrong with the entries of a lock, whatever its format. Pure.

Each function yields the problems of one family; :data:`ALL` is what ``inspect`` counts. Codes and
levels are those of the machine contract.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from supplychain.formats.text import printable
from supplychain.lockfiles.addresses import (
    Address,
    is_native,
    normal_name,
    npm_has_version,
    npm_names,
    python_file,
    read_address,
    same_version,
)
from supplychain.lockfiles.evidence import LockRules
from supplychain.lockfiles.hashes import Standing, standing
from supplychain.lockfiles.model import Artifact, Entry, Format, Level, LockFile, Problem, Source
from supplychain.lockfiles.npm_specs import read_git

Rule = Callable[[LockFile, LockRules], Iterator[Problem]]

_HASHLESS = frozenset({Source.GIT, Source.FILE, Source.OWN, Source.BUNDLED})
_REMOTE = frozenset({Source.REGISTRY, Source.URL})
_PLAIN = (
    "http://",
    "git+http://",
    "hg+http://",
    "svn+http://",
    "bzr+http://",
    "git://",
    "git+git://",
)
_REWRITE = {
    Format.NPM: "remove the entry and run `npm install` again",
    Format.UV: "run `uv lock` again",
    Format.REQUIREMENTS: "compile the file again with hashes",
}


def unhashed(lock: LockFile, rules: LockRules) -> Iterator[Problem]:
    """Yield entries, or files of one, that no hash fixes (``missing-integrity``)."""
    del rules
    for entry in lock.entries:
        if entry.source in _HASHLESS:
            continue
        bare = [one for one in entry.artifacts if not one.hashes]
        if bare or not entry.artifacts:
            which = bare[0].filename if bare and bare[0].filename else _shown(entry)
            yield _problem(
                lock, entry, "missing-integrity", f"'{printable(which, 120)}' has no hash"
            )


def unusable_hashes(lock: LockFile, rules: LockRules) -> Iterator[Problem]:
    """Yield hashes that fix nothing (``bad-integrity``), or little (``weak-integrity``)."""
    for entry in lock.entries:
        for artifact in entry.artifacts:
            found = [(standing(one, rules.algorithms), one) for one in artifact.hashes]
            worst = _worst(found, any_counts=lock.format is not Format.NPM)
            if worst is None:
                continue
            weak = worst[0] is Standing.WEAK
            yield _problem(
                lock,
                entry,
                "weak-integrity" if weak else "bad-integrity",
                f"'{_shown(entry)}' has the {'weak' if weak else 'unusable'} hash "
                f"'{printable(worst[1], 60)}'",
                level=Level.WARN if weak else Level.BLOCKING,
            )
            break


def untrusted_sources(lock: LockFile, rules: LockRules) -> Iterator[Problem]:
    """Yield addresses that may not be fetched from: scheme, host, user information."""
    hosts = frozenset(rules.allowed_hosts.get(lock.ecosystem, ()))
    for entry in lock.entries:
        if entry.source is Source.GIT and (entry.location or "").lower().startswith(_PLAIN):
            shown = printable(entry.location or "", 120)
            yield _problem(
                lock, entry, "insecure-url", f"'{_shown(entry)}' is cloned in the clear: '{shown}'"
            )
        if entry.source not in _REMOTE:
            continue
        urls = [one.url for one in entry.artifacts if one.url]
        if entry.location and entry.location not in urls:
            urls.append(entry.location)
        told: set[str] = set()
        for url in urls:
            code, message = _address_problem(url, hosts)
            if code and code not in told:
                told.add(code)
                yield _problem(lock, entry, code, f"'{_shown(entry)}' {message}")


def indexes(lock: LockFile, rules: LockRules) -> Iterator[Problem]:
    """Yield package indexes that a lock names and the policy does not, and all extra ones.

    An extra index on the allow list is a warning where every entry is hashed: the installer takes
    the highest version that any index offers (pip, ``--extra-index-url``).
    """
    hosts = frozenset(rules.allowed_hosts.get(lock.ecosystem, ()))
    hashed = next(unhashed(lock, rules), None) is None
    for index in lock.indexes:
        code, message = _address_problem(index.url, hosts)
        if index.extra and code in (None, "untrusted-host"):
            fine = code is None and hashed
            level = Level.WARN if fine else Level.BLOCKING
            code, message = "extra-index", f"is an extra index: '{printable(index.url, 120)}'"
        else:
            level = Level.BLOCKING
        if code:
            yield Problem(
                code=code,
                level=level,
                name="index",
                message=f"the index {message}",
                hint="use one index that the policy allows",
                line=index.line,
            )


def other_names(lock: LockFile, rules: LockRules) -> Iterator[Problem]:
    """Yield addresses of another package or version than the entry's own."""
    del rules
    for entry in lock.entries:
        if entry.source not in _REMOTE:
            continue
        for artifact in entry.artifacts:
            code = _name_problem(lock, entry, artifact)
            if code:
                what = "package" if code == "name-url-mismatch" else "version"
                shown = printable(artifact.url or artifact.filename or "", 120)
                yield _problem(
                    lock, entry, code, f"'{_shown(entry)}' comes from another {what}: '{shown}'"
                )
                break


def git_sources(lock: LockFile, rules: LockRules) -> Iterator[Problem]:
    """Yield git sources: fixed to a commit (``git-dep``), or to what moves."""
    del rules
    for entry in lock.entries:
        if entry.source is not Source.GIT:
            continue
        fixed = read_git(f"git+https://x.y/a/b#{entry.commit}") if entry.commit else None
        if fixed is not None and fixed.has_commit:
            yield _problem(
                lock, entry, "git-dep", f"'{_shown(entry)}' comes from git", level=Level.INFO
            )
        else:
            yield _problem(
                lock,
                entry,
                "git-dep-mutable",
                f"'{_shown(entry)}' comes from a branch or tag of a git repository",
                hint="name the 40 digits of a commit",
            )


def duplicates(lock: LockFile, rules: LockRules) -> Iterator[Problem]:
    """Yield entries that were there before (``duplicate-entry``)."""
    del rules
    seen: set[str] = set()
    for entry in lock.entries:
        if entry.identity is None:
            continue
        if entry.identity in seen:
            yield _problem(
                lock, entry, "duplicate-entry", f"'{_shown(entry)}' is listed more than once"
            )
        seen.add(entry.identity)


def not_pinned(lock: LockFile, rules: LockRules) -> Iterator[Problem]:
    """Yield entries that allow more than one version (``not-pinned``)."""
    del rules
    for entry in lock.entries:
        if not entry.pinned:
            yield _problem(
                lock, entry, "not-pinned", f"'{_shown(entry)}' allows more than one version"
            )


def notes(lock: LockFile, rules: LockRules) -> Iterator[Problem]:
    """Yield what is allowed and worth knowing: scripts, local files, what is built or native."""
    del rules
    for entry in lock.entries:
        shown = _shown(entry)
        if entry.runs_scripts:
            yield _note(lock, entry, "install-script", f"'{shown}' runs a script when installed")
        if entry.source is Source.FILE:
            yield _note(lock, entry, "file-dep", f"'{shown}' comes from a local file")
        names = [one.filename for one in entry.artifacts if one.filename]
        if lock.format is Format.UV and entry.source is Source.REGISTRY and names:
            wheels = [name for name in names if name.endswith(".whl")]
            if not wheels:
                yield _note(lock, entry, "sdist-only", f"'{shown}' is built when installed")
            elif all(is_native(name) for name in wheels):
                yield _note(lock, entry, "native-wheel", f"'{shown}' has native wheels only")


def reader_problems(*codes: str) -> Rule:
    """Return a rule that yields what the reader of the format found, by its codes."""

    def found(lock: LockFile, rules: LockRules) -> Iterator[Problem]:
        del rules
        for problem in lock.problems:
            if problem.code in codes:
                yield problem

    return found


ALL: tuple[Rule, ...] = (
    unhashed,
    unusable_hashes,
    untrusted_sources,
    indexes,
    other_names,
    git_sources,
    duplicates,
    not_pinned,
    notes,
)


def _address_problem(url: str, hosts: frozenset[str]) -> tuple[str | None, str]:
    address = read_address(url)
    if address is None:
        return "untrusted-host", f"has an address that cannot be read: '{printable(url, 120)}'"
    if address.has_user:
        return "url-userinfo", f"has an address with user information, at '{address.host}'"
    if address.scheme != "https":
        return "insecure-url", f"is fetched over {address.scheme}: '{printable(url, 120)}'"
    if address.host not in hosts:
        return "untrusted-host", f"is fetched from '{printable(address.host, 80)}'"
    return None, ""


def _name_problem(lock: LockFile, entry: Entry, artifact: Artifact) -> str | None:
    if lock.ecosystem == "npm":
        address = read_address(artifact.url) if artifact.url else None
        return None if address is None else _npm_name_problem(entry, address)
    filename = artifact.filename
    if filename is None:
        return None
    named = python_file(filename)
    if named is None or named[0] != normal_name(entry.package):
        return "name-url-mismatch"
    if entry.version is not None and not same_version(entry.version, named[1]):
        return "version-url-mismatch"
    return None


def _npm_name_problem(entry: Entry, address: Address) -> str | None:
    if entry.source is Source.URL and "/-/" not in address.path:
        return None
    if not npm_names(address, entry.package):
        return "name-url-mismatch"
    if entry.version and not npm_has_version(address, entry.package, entry.version):
        return "version-url-mismatch"
    return None


def _worst(found: list[tuple[Standing, str]], *, any_counts: bool) -> tuple[Standing, str] | None:
    """Return the hash that decides, ``None`` where the hashes are good.

    npm checks the strongest that it knows (ssri); pip and uv accept a file that matches any.
    """
    if not found:
        return None
    good = [one for one in found if one[0] is Standing.GOOD]
    poor = [one for one in found if one[0] is not Standing.GOOD]
    if not poor or (good and not any_counts):
        return None
    bad = [one for one in poor if one[0] is Standing.BAD]
    weak = [one for one in poor if one[0] is Standing.WEAK]
    if any_counts:
        return (bad or [(Standing.BAD, weak[0][1])])[0]
    return (weak or bad)[0]


def _shown(entry: Entry) -> str:
    return printable(f"{entry.name}@{entry.version}" if entry.version else entry.name, 120)


def _note(lock: LockFile, entry: Entry, code: str, message: str) -> Problem:
    return _problem(lock, entry, code, message, level=Level.INFO, hint="nothing needs to be done")


def _problem(
    lock: LockFile,
    entry: Entry,
    code: str,
    message: str,
    *,
    level: Level = Level.BLOCKING,
    hint: str | None = None,
) -> Problem:
    return Problem(
        code=code,
        level=level,
        name=entry.name,
        message=message,
        hint=hint or _REWRITE.get(lock.format, "let its manager write the lock again"),
        place=entry.place,
        line=entry.line,
    )
