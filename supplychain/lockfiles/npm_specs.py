"""What a dependency of a package.json asks for.

Rules: npm-package-arg 13 (``npa.js``) and hosted-git-info 9, as npm 11.19 ships them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from supplychain.lockfiles.npm_versions import is_range

_FILE = re.compile(r"\.(?:tgz|tar\.gz|tar)$", re.IGNORECASE)
_POSIX_PATH = re.compile(r"(?:[.]|~/|/|[a-zA-Z]:)")
_URL = re.compile(r"(?:git[+])?[a-z]+:", re.IGNORECASE)
_SCP = re.compile(r"[^@\s]+@([^:.\s]+\.[^:\s]+):(.+)", re.IGNORECASE)
_SHORTHAND = re.compile(r"(?:[a-z]+:)?[^@\s:/#]+/[^@\s:/#]+(?:#.*)?")
_COMMIT = re.compile(r"[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?")
_HOSTS = {
    "github": "github.com",
    "gitlab": "gitlab.com",
    "bitbucket": "bitbucket.org",
    "gist": "gist.github.com",
    "sourcehut": "git.sr.ht",
}
_GIT_SCHEMES = ("git", "git+ssh", "git+https", "git+http", "git+file", "git+rsync", "ssh")


class SpecKind(StrEnum):
    """The kinds of sources that a dependency may name."""

    RANGE = "range"
    TAG = "tag"
    ALIAS = "alias"
    DIRECTORY = "directory"
    TARBALL = "tarball"
    REMOTE = "remote"
    GIT = "git"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A dependency's right-hand side.

    ``text`` is the range, tag, path or URL; ``name`` the package behind an alias; ``repository``
    and ``committish`` tell where and what a git source is; ``semver`` is ``#semver:RANGE``.
    """

    kind: SpecKind
    text: str
    name: str | None = None
    repository: str | None = None
    committish: str | None = None
    semver: str | None = None

    @property
    def has_commit(self) -> bool:
        """Say whether a git source names a whole commit."""
        return bool(self.committish and _COMMIT.fullmatch(self.committish))


def read_spec(text: str) -> Spec:
    """Return what the right-hand side of a dependency means."""
    text = text.strip()
    scheme = text[: text.find(":") + 1].lower()
    if scheme == "file:":
        return _path(text[len(scheme) :])
    if scheme == "npm:":
        return _alias(text[len(scheme) :])
    if _POSIX_PATH.match(text) and not is_range(text):
        return _path(text)
    return read_git(text) or _from_elsewhere(text, scheme)


def _from_elsewhere(text: str, scheme: str) -> Spec:
    if _URL.match(text):
        remote = scheme in ("http:", "https:")
        return Spec(kind=SpecKind.REMOTE if remote else SpecKind.INVALID, text=text)
    if "/" in text or _FILE.search(text):
        return _path(text)
    return Spec(kind=SpecKind.RANGE if is_range(text) else SpecKind.TAG, text=text)


def read_git(text: str) -> Spec | None:
    """Return the git source that a text names, ``None`` where it names none."""
    bare, _, fragment = text.partition("#")
    repository = _repository(bare, text)
    if repository is None:
        return None
    committish, semver = None, None
    for part in fragment.split("::"):
        key, sign, value = part.partition(":")
        if not sign and part:
            committish = unquote(part)
        elif key == "semver":
            semver = unquote(value)
    return Spec(
        kind=SpecKind.GIT,
        text=text,
        repository=repository,
        committish=committish,
        semver=semver,
    )


def _repository(bare: str, whole: str) -> str | None:
    """Return host and path of a git source, spelt one way; ``None`` where it is none."""
    if _SHORTHAND.fullmatch(whole):
        return _shorthand(bare)
    scp = _SCP.fullmatch(bare)
    if scp is not None and "://" not in bare:
        return f"{scp[1].lower()}/{_trimmed(scp[2])}"
    try:
        parts = urlsplit(bare)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    hosted = host.removeprefix("www.") in _HOSTS.values()
    looks_hosted = hosted and parts.path.strip("/").count("/") == 1
    is_git = scheme in _GIT_SCHEMES or (scheme in ("http", "https") and looks_hosted)
    return f"{host.removeprefix('www.')}/{_trimmed(parts.path)}" if is_git else None


def _shorthand(bare: str) -> str | None:
    """Return what ``OWNER/REPOSITORY`` or ``gitlab:OWNER/REPOSITORY`` names."""
    shortcut, sign, path = bare.partition(":")
    if not sign:
        return None if bare.startswith((".", "/", "~")) else f"github.com/{_trimmed(bare)}"
    host = _HOSTS.get(shortcut.lower())
    return f"{host}/{_trimmed(path)}" if host else None


def _trimmed(path: str) -> str:
    return path.strip("/").removesuffix(".git")


def _path(text: str) -> Spec:
    if text.startswith("//"):
        text = "/" + text.lstrip("/")
    kind = SpecKind.TARBALL if _FILE.search(text) else SpecKind.DIRECTORY
    return Spec(kind=kind, text=text)


def _alias(text: str) -> Spec:
    at = text.find("@", 1)
    name, wanted = (text, "*") if at < 0 else (text[:at], text[at + 1 :] or "*")
    inner = read_spec(wanted)
    if inner.kind not in (SpecKind.RANGE, SpecKind.TAG):
        return Spec(kind=SpecKind.INVALID, text=text)
    return Spec(kind=SpecKind.ALIAS, text=wanted, name=name)
