"""Checks on whether a lock is there, can be read, and belongs to its manifest (LCK)."""

from __future__ import annotations

from collections.abc import Iterator

from supplychain.core.check import check
from supplychain.core.finding import Hit, Location, Severity
from supplychain.formats.text import printable
from supplychain.lockfiles.evidence import MalformedLock, MissingLock, ReadLock
from supplychain.lockfiles.model import Level
from supplychain.lockfiles.positions import hits_of


@check("LCK001", "lock-malformed", on=MalformedLock, severity=Severity.HIGH)
def lock_malformed(file: MalformedLock) -> Iterator[Hit]:
    """A lock file, or the manifest beside it, cannot be read as its format.

    ## What it does
    Reports locks that are truncated, no JSON or TOML, not UTF-8, of an unknown version, beyond our
    limits, or that hold the marks of an unfinished merge.

    ## Why it matters
    Managers do different things with a lock that they cannot read: npm installs as if there were
    none and says so in one line. What cannot be read fixes nothing.

    ## Example
    ```
    <<<<<<< HEAD
        "node_modules/next": {
    ```

    ## How to fix
    Finish the merge, or let the manager write the lock again, and read the difference.
    """
    what = "merge is unfinished: it" if file.code == "merge-conflict" else "lock cannot be read: it"
    yield Hit(
        message=f"{what} {printable(file.reason)}",
        location=file.at,
        hint="let its manager write the file again",
        key=file.code,
        properties={"reason": file.code},
    )


@check("LCK002", "lock-missing", on=MissingLock, severity=Severity.HIGH)
def lock_missing(manifest: MissingLock) -> Iterator[Hit]:
    """A manifest asks for packages, and no lock says which.

    ## What it does
    Reports a package.json, pyproject.toml or requirements file with dependencies and without a
    lock beside it. Members of a workspace have the lock of its root.

    ## Why it matters
    Each install takes whatever is newest at that minute. Worms in registries have lived for hours;
    that is enough for one build.

    ## Example
    A folder with `package.json` and no `package-lock.json`; a `requirements.txt` of bare names.

    ## How to fix
    Let the manager write a lock and commit it: `npm install --package-lock-only`, `uv lock`, or
    `uv pip compile --generate-hashes requirements.in -o requirements.txt`.
    """
    what = printable(manifest.location.path or manifest.subject.ref)
    yield Hit(
        message=f"'{what}' has no lock that fixes versions and hashes",
        location=manifest.location,
        hint=f"run `{printable(manifest.command, 120)}` and commit what it writes",
        key="missing-lock",
        properties={"reason": "missing-lock"},
    )


@check("LCK003", "lock-out-of-sync", on=ReadLock, severity=Severity.HIGH)
def lock_out_of_sync(read: ReadLock) -> Iterator[Hit]:
    """A lock was made for another manifest than the one beside it.

    ## What it does
    Compares what the manifest asks for with what the lock was made for, by the rules of the
    manager: `npm ci`, `uv lock --check`, or the input of a compiled requirements file.

    ## Why it matters
    Strict installs refuse such a pair. Others quietly resolve anew, and install what nobody has
    looked at.

    ## Example
    `"next": "^16.0.0"` in package.json while package-lock.json holds next 15.5.6.

    ## How to fix
    Let the manager write the lock again and commit both files together.
    """
    stale = (one for one in read.comparison.problems if one.code == "out-of-sync")
    yield from hits_of(stale, read.lock, read.path)


@check("LCK004", "lock-rivals", on=ReadLock, severity=Severity.HIGH)
def lock_rivals(read: ReadLock) -> Iterator[Hit]:
    """Two managers have a lock for the same manifest.

    ## What it does
    Reports a lock with that of another manager for the same language in its folder.

    ## Why it matters
    One of the two is updated, the other one is installed from sooner or later.

    ## Example
    `bun.lock` of this week and `package-lock.json` of last year in one folder.

    ## How to fix
    Delete the lock of the manager that the project no longer uses.
    """
    for other in read.others:
        yield Hit(
            message=f"'{printable(other, 80)}' is a second lock in the same folder",
            location=Location(path=read.path, line=1),
            hint="delete the lock that no longer counts",
            key=other,
            properties={"reason": "multiple-lockfiles"},
        )


@check("LCK005", "lock-drift", on=ReadLock, severity=Severity.INFO)
def lock_drift(read: ReadLock) -> Iterator[Hit]:
    """A lock differs from its manifest in what the manager accepts.

    ## What it does
    Tells of ranges that manifest and lock write differently though the locked version satisfies
    both, and of packages that nothing asks for any more.

    ## Why it matters
    Nothing wrong is installed. The next install rewrites the lock, and hides what else it changes.

    ## Example
    package.json says `^15.1.0`, the lock was made for `^15.0.0`, and holds 15.5.6.

    ## How to fix
    Let the manager write the lock again when there is time.
    """
    told = (one for one in read.comparison.problems if one.level is Level.INFO)
    yield from hits_of(told, read.lock, read.path)
