"""Checks on the entries of a lock: hashed, from where they should be, and what they say (LCK)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from supplychain.core.check import check
from supplychain.core.finding import Hit, Severity
from supplychain.lockfiles import rules
from supplychain.lockfiles.evidence import LockRules, ReadLock
from supplychain.lockfiles.positions import hits_of


@check("LCK010", "lock-entry-unhashed", on=ReadLock, needs=(LockRules,), severity=Severity.HIGH)
def lock_entry_unhashed(read: ReadLock, accepted: LockRules) -> Iterator[Hit]:
    """An entry of a lock has no hash.

    ## What it does
    Looks for entries from a registry or a URL whose bytes no hash fixes. Local files, links and git
    commits need none.

    ## Why it matters
    npm, yarn, bun, uv and poetry install such an entry without a word. Whoever answers for the
    registry, or sits in front of it, decides what is in it.

    ## Example
    ```json
    "node_modules/left-pad": {"version": "1.3.0", "resolved": "https://registry.npmjs.org/…"}
    ```

    ## How to fix
    Remove the entry and let the manager resolve it again; compile requirements with
    `--generate-hashes`.
    """
    off = rules.reader_problems("missing-integrity")(read.lock, accepted)
    yield from hits_of(chain(rules.unhashed(read.lock, accepted), off), read.lock, read.path)


@check("LCK011", "lock-hash-weak", on=ReadLock, needs=(LockRules,), severity=Severity.HIGH)
def lock_hash_weak(read: ReadLock, accepted: LockRules) -> Iterator[Hit]:
    """A hash in a lock is of an algorithm that is not accepted, or no hash at all.

    ## What it does
    Checks algorithm, alphabet and length of every hash. SHA-1, which old npm locks hold, is a
    warning; MD5, unknown algorithms and wrong lengths reject.

    ## Why it matters
    `npm ci` skips a hash whose algorithm it does not know, so `md4-AAAA` fixes nothing.

    ## Example
    ```json
    "integrity": "sha1-y6p3B5NEFVqC0Oz3dJR1Bwjtl1g="
    ```

    ## How to fix
    Remove the entry and let a current version of the manager resolve it again.
    """
    yield from hits_of(rules.unusable_hashes(read.lock, accepted), read.lock, read.path)


@check("LCK012", "lock-source-untrusted", on=ReadLock, needs=(LockRules,), severity=Severity.HIGH)
def lock_source_untrusted(read: ReadLock, accepted: LockRules) -> Iterator[Hit]:
    """A lock fetches from a host, or in a way, that the policy does not allow.

    ## What it does
    Compares the host of every address with `[lockfiles.allowed_hosts]` of the policy, and rejects
    plain http, user information in addresses, `--trusted-host` and extra indexes.

    ## Why it matters
    An address in a lock is believed. One changed line in a long diff moves a package to a host
    that its author never used, with a matching hash.

    ## Example
    ```json
    "resolved": "https://registry.npmjs.org.example.net/next/-/next-15.5.6.tgz"
    ```

    ## How to fix
    Resolve the entry again from a host that is allowed; if the fleet has its own proxy, name it in
    the policy.
    """
    found = chain(
        rules.untrusted_sources(read.lock, accepted),
        rules.indexes(read.lock, accepted),
        rules.reader_problems("trusted-host")(read.lock, accepted),
    )
    yield from hits_of(found, read.lock, read.path)


@check("LCK013", "lock-name-mismatch", on=ReadLock, needs=(LockRules,), severity=Severity.HIGH)
def lock_name_mismatch(read: ReadLock, accepted: LockRules) -> Iterator[Hit]:
    """The address of an entry is that of another package or version.

    ## What it does
    Compares an entry's name and version with those in its address or file name. Aliases are judged
    by the package that they name.

    ## Why it matters
    `npm ci` installs whatever the address serves under the name of the entry: an entry for
    `is-odd` that points to left-pad's file puts left-pad in its place.

    ## Example
    ```json
    "node_modules/is-odd": {"resolved": "https://registry.npmjs.org/left-pad/-/left-pad-1.3.0.tgz"}
    ```

    ## How to fix
    Remove the entry, resolve it again, and find out who wrote it.
    """
    yield from hits_of(rules.other_names(read.lock, accepted), read.lock, read.path)


@check("LCK014", "lock-git-source", on=ReadLock, needs=(LockRules,), severity=Severity.HIGH)
def lock_git_source(read: ReadLock, accepted: LockRules) -> Iterator[Hit]:
    """An entry comes from git: from a commit, or from what moves.

    ## What it does
    Tells of entries from git that name a whole commit, and rejects those of a branch or a tag.

    ## Why it matters
    A branch moves by design, and a tag can be moved by whoever may push.

    ## Example
    ```
    tool @ git+https://github.com/team/tool@main
    ```

    ## How to fix
    Write the 40 digits of the commit.
    """
    yield from hits_of(rules.git_sources(read.lock, accepted), read.lock, read.path)


@check("LCK015", "lock-entry-twice", on=ReadLock, needs=(LockRules,), severity=Severity.HIGH)
def lock_entry_twice(read: ReadLock, accepted: LockRules) -> Iterator[Hit]:
    """A lock says two things about one package.

    ## What it does
    Reports keys that stand twice in one JSON object, packages listed twice, and locks of npm's
    version 2 whose two copies differ.

    ## Why it matters
    Readers disagree about which one counts. A reviewer sees the first, the manager takes the last.

    ## Example
    Two objects `"node_modules/next"` in one package-lock.json.

    ## How to fix
    Let the manager write the lock again.
    """
    read_twice = rules.reader_problems("duplicate-entry", "v2-sections-disagree")
    found = chain(rules.duplicates(read.lock, accepted), read_twice(read.lock, accepted))
    yield from hits_of(found, read.lock, read.path)


@check("LCK016", "lock-not-whole", on=ReadLock, needs=(LockRules,), severity=Severity.HIGH)
def lock_not_whole(read: ReadLock, accepted: LockRules) -> Iterator[Hit]:
    """A lock lacks a package that one of its entries needs, or breaks its own format.

    ## What it does
    Follows what each entry asks for through the lock: to nothing, or to a version that does not
    satisfy it. Entries that their manager would never write are reported as well.

    ## Why it matters
    The manager fills a hole with whatever is newest, or refuses the lock. Holes are what is left
    of edits by hand.

    ## Example
    `"node_modules/express"` asks for `accepts`, and the lock has no such entry.

    ## How to fix
    Let the manager write the lock again.
    """
    holes = (
        one
        for one in read.comparison.problems
        if one.code in ("incomplete-tree", "unsatisfied-edge")
    )
    broken = rules.reader_problems("incomplete-tree", "invalid-lock")
    yield from hits_of(chain(holes, broken(read.lock, accepted)), read.lock, read.path)


@check("LCK017", "lock-not-pinned", on=ReadLock, needs=(LockRules,), severity=Severity.HIGH)
def lock_not_pinned(read: ReadLock, accepted: LockRules) -> Iterator[Hit]:
    """A line of a requirements file allows more than one version.

    ## What it does
    Looks for lines without `==` and one whole version in a file that is used as a lock.

    ## Why it matters
    pip refuses such a line in hash mode; without hashes it takes the newest version.

    ## Example
    ```
    fastapi>=0.115 --hash=sha256:…
    ```

    ## How to fix
    Compile the file: `uv pip compile --generate-hashes requirements.in -o requirements.txt`.
    """
    yield from hits_of(rules.not_pinned(read.lock, accepted), read.lock, read.path)


@check("LCK018", "lock-notes", on=ReadLock, needs=(LockRules,), severity=Severity.INFO)
def lock_notes(read: ReadLock, accepted: LockRules) -> Iterator[Hit]:
    """A lock holds what is allowed, and worth knowing.

    ## What it does
    Tells of packages that run a script when they are installed, that come from a local file, that
    are built from source, or that have native wheels only.

    ## Why it matters
    These are the places where code of strangers runs during a build.

    ## Example
    ```json
    "node_modules/sharp": {"hasInstallScript": true}
    ```

    ## How to fix
    Nothing has to be done. `npm ci --ignore-scripts` and `uv sync --no-build` rule it out.
    """
    yield from hits_of(rules.notes(read.lock, accepted), read.lock, read.path)
