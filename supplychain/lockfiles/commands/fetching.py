"""What fetches bytes from somewhere: curl and wget, git, ADD, and running what was fetched."""

from __future__ import annotations

import posixpath
import re
from itertools import pairwise

from supplychain.lockfiles.commands.call import (
    Call,
    Outcome,
    arguments,
    locked,
    names,
    no_install,
    unlocked,
    unread,
)

_SHELL = re.compile(r"(?:r?ba|da|a|z|k|mk|pdk|c|tc|ya)?sh[0-9.]*|fish|pwsh|powershell")
_RUNNER = re.compile(
    r"(?:python|pypy|perl|ruby|jruby|node|nodejs|php|lua|luajit|tclsh|expect|guile)[0-9.]*"
    r"|Rscript|R|deno|source|\.|eval|iex|at|batch"
)
FETCHERS = names("curl wget fetch aria2c http https lwp-download")
UNPACKERS = names("tar unzip gunzip bunzip2 xz zstd bsdtar cpio dpkg rpm gzip gpg")
CHECKERS = names("sha256sum sha512sum sha384sum shasum cosign minisign gpg gpgv openssl")

_URL = re.compile(r"(?:https?|ftp)://\S+")
_RAW_COMMIT = re.compile(
    r"https://(?:raw\.githubusercontent\.com/[^/]+/[^/]+|[^/]+/[^/]+/[^/]+/raw)/[0-9a-f]{40}/"
)
_GIT_VALUES = tuple(
    names("-C -c -b --branch --depth --revision -j --jobs --filter --reference -o --origin")
)
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_CHECKSUM = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")
_CURL_VALUES = tuple(
    names(
        "-o --output -H --header -d --data -X --request -A --user-agent -u --user --retry"
        " --max-time -m --connect-timeout --retry-delay -T --proto --tlsv1.2-max --cacert -e -b -w"
        " --write-out --create-dirs-mode --output-dir --proto-default --retry-max-time -x --proxy"
    )
)
_WGET_VALUES = tuple(
    names(
        "-O --output-document -P --directory-prefix --header --tries -t --timeout -T -U"
        " --user-agent --ca-certificate -e --execute -o --output-file"
    )
)


def is_shell(program: str) -> bool:
    """Say whether a program is a shell, of any version."""
    return _SHELL.fullmatch(program) is not None


def is_runner(program: str) -> bool:
    """Say whether a program runs text that it is given: a shell or another interpreter."""
    return is_shell(program) or _RUNNER.fullmatch(program) is not None


def fetch(_: Call) -> Outcome | None:
    """Judge a lone call of curl or wget; what happens to its output is judged by the script."""
    return no_install("fetch-only")


def is_insecure(call: Call) -> bool:
    """Say whether a fetch goes over plain http, or without checking certificates."""
    off = {"-k", "--insecure", "--no-check-certificate"}
    for word in call.words:
        short = word.startswith("-") and not word.startswith("--")
        if word in off or (short and call.program == "curl" and "k" in _flags(word)):
            return True
        if word.startswith(("http://", "ftp://")) and not _is_loopback(word):
            return True
    return False


def is_fixed(call: Call) -> bool:
    """Say whether all addresses of a fetch name a commit."""
    urls = addresses(call)
    return bool(urls) and all(_RAW_COMMIT.match(url) for url in urls)


def addresses(call: Call) -> list[str]:
    """Return the addresses that a fetch names."""
    return [word for word in call.words if _URL.match(word)]


def saved_to(call: Call) -> tuple[str, ...]:
    """Return the files that a fetch writes, by their last part."""
    given = arguments(call.words, _CURL_VALUES if call.program == "curl" else _WGET_VALUES)
    if call.program == "curl":
        written = [*given.values("-o", "--output")]
        short = any("O" in _flags(name) for name, _ in given.options if not name.startswith("--"))
        if short or given.has("--remote-name", "--remote-name-all"):
            written += [url.partition("?")[0].rpartition("/")[2] for url in addresses(call)]
        written += _bundled_output(call.words)
    else:
        written = [*given.values("-O", "--output-document")]
        written += _bundled_output(call.words, sign="O")
        if not written:
            written = [url.partition("?")[0].rpartition("/")[2] for url in addresses(call)]
    names = [one for one in (*written, *call.redirected) if one not in ("-", "/dev/null", "")]
    return tuple(one.rpartition("/")[2] for one in names)


def git(call: Call) -> Outcome | None:
    """Judge a call of git; ``clone`` is fixed where a later checkout names a commit."""
    given = arguments(call.words, _GIT_VALUES)
    verb, rest = (given.plain[0], given.plain[1:]) if given.plain else ("", ())
    settings = " ".join(given.values("-c")).lower()
    if "sslverify=false" in settings or call.env.get("GIT_SSL_NO_VERIFY"):
        return unlocked("insecure-transport")
    if verb == "clone":
        named = (*given.values("--revision"),)
        if any(_COMMIT.fullmatch(one) for one in named):
            return locked("commit-pinned")
        if any(word.startswith(("http://", "git://")) for word in rest):
            return unlocked("insecure-transport")
        return unlocked("tag-not-commit" if given.has("-b", "--branch") else "git-unpinned")
    if verb == "pull":
        return unlocked("git-unpinned")
    if verb in ("checkout", "reset", "switch", "fetch", "submodule"):
        fixed = any(_COMMIT.fullmatch(word) for word in rest)
        return locked("commit-pinned") if fixed and verb != "submodule" else no_install("query")
    if verb == "config" and "sslverify" in " ".join(rest).lower() and "false" in rest:
        return unlocked("insecure-transport")
    return no_install("config" if verb == "config" else "query")


def cloned_to(call: Call) -> str:
    """Return the folder that a ``git clone`` writes."""
    _, *rest = arguments(call.words, _GIT_VALUES).plain
    named = rest[1] if len(rest) > 1 else (rest[0] if rest else "").rstrip("/").rpartition("/")[2]
    return posixpath.normpath(posixpath.join(git_folder(call), named.removesuffix(".git")))


def git_folder(call: Call) -> str:
    """Return the folder that a call of git works in."""
    folder = call.folder
    for named in arguments(call.words, _GIT_VALUES).values("-C"):
        folder = posixpath.join(folder, named)
    return posixpath.normpath(folder)


def fixes_commit(call: Call) -> bool:
    """Say whether a call of git checks a whole commit out."""
    verbs = {"checkout", "reset", "switch", "fetch"}
    return bool(verbs & set(call.words)) and any(_COMMIT.fullmatch(one) for one in call.words)


def added(source: str, checksum: str | None) -> Outcome | None:
    """Judge a source of ADD: a URL or a git repository; files of the context are none of it."""
    is_git = source.startswith(("git@", "git://", "ssh://")) or re.match(
        r"https?://[^#?]+\.git(?:[#?].*)?$", source
    )
    if is_git:
        fragment = source.partition("#")[2].partition(":")[0]
        query = re.search(r"[?&](?:ref|commit|checksum)=([0-9a-f]{40})", source)
        if _COMMIT.fullmatch(fragment) or query or (checksum and _COMMIT.fullmatch(checksum)):
            return locked("commit-pinned")
        return unlocked("tag-not-commit" if fragment else "git-unpinned")
    if not source.startswith(("http://", "https://")):
        return None
    if checksum and "$" in checksum:
        return unread()
    if checksum and _CHECKSUM.fullmatch(checksum):
        return locked("hash-pinned")
    if source.startswith("http://"):
        return unlocked("insecure-transport")
    return unlocked("url-no-hash")


def _flags(word: str) -> str:
    """Return the letters of bundled short options, up to one that takes a value."""
    letters = ""
    for sign in word[1:]:
        letters += sign
        if sign in "oHdXAuTmebwxP":
            break
    return letters


def _bundled_output(words: tuple[str, ...], sign: str = "o") -> list[str]:
    """Return the value of an output option at the end of bundled letters, ``-fsSLo FILE``."""
    found = []
    for word, following in pairwise((*words, "")):
        short = word.startswith("-") and not word.startswith("--") and len(word) > 2  # noqa: PLR2004
        if short and word.endswith(sign) and word[1:].isalpha():
            found.append(following)
    return found


def _is_loopback(url: str) -> bool:
    host = url.partition("://")[2].partition("/")[0].partition(":")[0]
    return host in ("localhost", "127.0.0.1", "[", "::1", "0.0.0.0")  # noqa: S104 -- compared only
