"""requirements.txt as pip reads it.

Rules: pip 26, ``_internal/req/req_file.py`` (``join_lines``, ``ignore_comments``, ``break_args``,
``expand_env_variables``), ``constructors.py``; names and versions by packaging.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion

from supplychain.formats.text import MalformedError, printable
from supplychain.lockfiles.model import (
    MAX_ENTRIES,
    Artifact,
    Entry,
    Format,
    Index,
    Level,
    LockFile,
    Problem,
    Source,
)
from supplychain.lockfiles.npm import refuse_conflict
from supplychain.lockfiles.python_requirement import is_too_deep, read_requirement

MAX_LINE = 64 * 1024  # characters of a joined line; 500 hashes have 45,000

_COMMENT = re.compile(r"(?:^|\s)#.*$")
_OPTION = re.compile(r"(?:^|\s)(?=-{1,2}[A-Za-z])")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_HASH_FRAGMENT = re.compile(r"(?:^|&)(sha256|sha384|sha512|sha1|md5)=([0-9A-Za-z]+)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_VCS = ("git+", "hg+", "svn+", "bzr+")

# Options that take a value in the next word, of those that may stand alone on a line.
_WITH_VALUE = {
    "-r": "include",
    "--requirement": "include",
    "-c": "constraint",
    "--constraint": "constraint",
    "-e": "editable",
    "--editable": "editable",
    "-i": "index",
    "--index-url": "index",
    "--pypi-url": "index",
    "--extra-index-url": "extra-index",
    "-f": "find-links",
    "--find-links": "find-links",
    "--trusted-host": "trusted-host",
    "--no-binary": "other",
    "--only-binary": "other",
    "--use-feature": "other",
    "--uploaded-prior-to": "other",
}
_WITHOUT_VALUE = {
    "--no-index",
    "--pre",
    "--prefer-binary",
    "--require-hashes",
    "--no-require-hashes",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An option line: what it is about, its value, and its line."""

    kind: str
    value: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """A requirements file: the common model, its options, and what each line asks for."""

    lock: LockFile
    options: tuple[Option, ...]
    requirements: tuple[tuple[Requirement, int], ...]

    @property
    def has_hashes(self) -> bool:
        """Say whether the file turns pip's hash mode on by itself."""
        return any(option.kind == "--require-hashes" for option in self.options) or any(
            artifact.hashes for entry in self.lock.entries for artifact in entry.artifacts
        )

    @property
    def is_pinned(self) -> bool:
        """Say whether every requirement has one exact version."""
        return bool(self.lock.entries) and all(entry.pinned for entry in self.lock.entries)

    def included(self, *kinds: str) -> tuple[str, ...]:
        """Return the files that ``-r`` or ``-c`` lines name."""
        return tuple(option.value for option in self.options if option.kind in kinds)


def read(text: str) -> Requirements:
    """Read a requirements file.

    Raises:
        MalformedError: a line is none that pip accepts, or the file is beyond our limits.
    """
    refuse_conflict(text)
    entries: list[Entry] = []
    options: list[Option] = []
    asked: list[tuple[Requirement, int]] = []
    for line, number in _logical_lines(text):
        if line.startswith("-"):
            option = _option(line, number)
            options.append(option)
            if option.kind == "editable":
                entries.append(_unnamed(option.value, (), number))
            continue
        entry, requirement = _entry(line, number)
        entries.append(entry)
        if requirement is not None:
            asked.append((requirement, number))
        if len(entries) > MAX_ENTRIES:
            reason = f"has more than {MAX_ENTRIES} requirements"
            raise MalformedError(reason)
    lock = LockFile(
        format=Format.REQUIREMENTS,
        version=None,
        ecosystem="pypi",
        entries=tuple(entries),
        text=text,
        problems=tuple(_option_problems(options)),
        indexes=tuple(
            Index(url=option.value, line=option.line, extra=option.kind != "index")
            for option in options
            if option.kind in ("index", "extra-index") or _is_remote_links(option)
        ),
    )
    return Requirements(lock=lock, options=tuple(options), requirements=tuple(asked))


def pinned_version(specifier: SpecifierSet) -> str | None:
    """Return the one version that a specifier allows, as pip's ``is_pinned`` sees it."""
    if len(specifier) != 1:
        return None
    only = next(iter(specifier))
    exact = only.operator == "===" or (only.operator == "==" and not only.version.endswith(".*"))
    return only.version if exact else None


def _logical_lines(text: str) -> Iterator[tuple[str, int]]:
    """Yield lines with continuations joined and comments removed (``join_lines``)."""
    parts: list[str] = []
    size = first = 0
    lines = text.splitlines()
    for number, read in enumerate(lines, 1):
        line = read
        is_comment = line.lstrip().startswith("#")
        if not parts:
            first = number
        if line.endswith("\\") and not is_comment:
            parts.append(line[:-1])
            size += len(line)
            if size > MAX_LINE:
                reason = f"has a requirement of more than {MAX_LINE} characters"
                raise MalformedError(reason, line=first)
            continue
        if is_comment and parts:
            line = " " + line.lstrip()
        joined = _COMMENT.sub("", "".join((*parts, line))[:MAX_LINE]).strip()
        parts, size = [], 0
        if joined:
            yield joined, first
    joined = _COMMENT.sub("", "".join(parts)).strip()
    if joined:
        yield joined, first


def _option(line: str, number: int) -> Option:
    words = _words(line, number)
    name, sign, value = words[0].partition("=")
    if not name.startswith("--") and len(name) > 2:  # noqa: PLR2004 -- ``-rFILE`` in one word
        name, sign, value = words[0][:2], "=", words[0][2:]
    rest = words[1:]
    if name in _WITHOUT_VALUE and not sign:
        return Option(kind=name, value="", line=number)
    kind = _WITH_VALUE.get(name)
    if kind is None:
        reason = f"has the unknown option '{printable(name, 60)}'"
        raise MalformedError(reason, line=number)
    if not sign:
        value, rest = (rest[0], rest[1:]) if rest else ("", [])
    if not value:
        reason = f"has the option '{name}' without a value"
        raise MalformedError(reason, line=number)
    return Option(kind=kind, value=value, line=number)


def _words(text: str, number: int) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        reason = f"has a line with {str(error).lower()}"
        raise MalformedError(reason, line=number) from None


def _entry(line: str, number: int) -> tuple[Entry, Requirement | None]:
    found = _OPTION.search(line)
    if is_too_deep(line):
        reason = "has a marker with too many brackets within one another"
        raise MalformedError(reason, line=number)
    body, options = (line, "") if found is None else (line[: found.start()], line[found.start() :])
    hashes = tuple(_hashes(_words(options, number), number))
    body = body.strip()
    try:
        requirement = read_requirement(body)
    except InvalidRequirement as error:
        if _is_place(body):
            return _unnamed(body, hashes, number), None
        reason = f"has no requirement '{printable(body, 80)}': {printable(str(error), 80)}"
        raise MalformedError(reason.splitlines()[0], line=number) from None
    return _named(requirement, hashes, number), requirement


def _hashes(words: list[str], number: int) -> Iterator[str]:
    following = iter(words)
    for word in following:
        name, sign, value = word.partition("=")
        if name in ("--config-settings", "--config-setting", "-C", "--global-option"):
            if not sign:
                next(following, None)
            continue
        if name != "--hash":
            reason = f"has the unknown option '{printable(name, 60)}' behind a requirement"
            raise MalformedError(reason, line=number)
        yield value if sign else next(following, "")


def _is_place(body: str) -> bool:
    return (
        body.startswith((".", "/", "file:", "http://", "https://", *_VCS))
        or "/" in body.partition(";")[0]
        or body.endswith((".whl", ".tar.gz", ".zip"))
    )


def _named(requirement: Requirement, hashes: tuple[str, ...], number: int) -> Entry:
    if requirement.url:
        return _from_url(requirement.name, requirement.url, hashes, number, requirement)
    name = canonicalize_name(requirement.name)
    version = pinned_version(requirement.specifier)
    marker = str(requirement.marker or "")
    return Entry(
        name=name,
        package=name,
        version=version,
        source=Source.REGISTRY,
        place=name,
        artifacts=(Artifact(url=None, hashes=hashes),),
        line=number,
        pinned=version is not None,
        identity=f"{name}\0{marker}",
    )


def _unnamed(body: str, hashes: tuple[str, ...], number: int) -> Entry:
    url = body.partition(" ;")[0].strip()
    name = url.partition("#egg=")[2].partition("&")[0] or url
    return _from_url(name, url, hashes, number, None)


def _from_url(
    name: str, url: str, hashes: tuple[str, ...], number: int, requirement: Requirement | None
) -> Entry:
    bare, _, fragment = url.partition("#")
    commit = None
    if url.lower().startswith(_VCS):
        source = Source.GIT
        path = bare.partition("://")[2]
        commit = path.rpartition("@")[2] if "@" in path.partition("/")[2] else None
        commit = commit if commit and _COMMIT.fullmatch(commit) else None
    elif not _is_relative(bare):
        source = Source.URL
        found = _HASH_FRAGMENT.search(fragment)
        if found is not None:
            hashes = (*hashes, f"{found[1]}:{found[2]}")
    else:
        source = Source.FILE
    is_web = bare.lower().startswith(("http://", "https://"))
    filename = bare.rpartition("/")[2] if is_web else None
    marker = str(requirement.marker or "") if requirement else ""
    return Entry(
        name=printable(name, 120),
        package=_wheel_name(filename) or name if requirement is None else name,
        version=None,
        source=source,
        place=name,
        artifacts=(Artifact(url=url, hashes=hashes, filename=filename),),
        commit=commit,
        line=number,
        identity=f"{canonicalize_name(name)}\0{marker}",
        location=url,
    )


def _is_relative(place: str) -> bool:
    """Say whether a place is a file below the folder that pip works in."""
    bare = place.removeprefix("file:")
    return not bare.startswith(("/", "\\")) and "${" not in bare and not _SCHEME.match(bare)


def _is_remote_links(option: Option) -> bool:
    return option.kind == "find-links" and not _is_relative(option.value)


def _wheel_name(filename: str | None) -> str | None:
    try:
        return parse_wheel_filename(filename)[0] if filename else None
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None


def _option_problems(options: list[Option]) -> Iterator[Problem]:
    for option in options:
        if option.kind == "trusted-host":
            yield Problem(
                code="trusted-host",
                level=Level.BLOCKING,
                name=option.value,
                message=f"'{printable(option.value, 80)}' is trusted without a certificate",
                hint="remove --trusted-host",
                line=option.line,
            )
        elif option.kind == "--no-require-hashes":
            yield Problem(
                code="missing-integrity",
                level=Level.BLOCKING,
                name="--no-require-hashes",
                message="'--no-require-hashes' switches hash checking off",
                hint="remove --no-require-hashes",
                line=option.line,
            )


def satisfied(specifier: SpecifierSet, version: str) -> bool:
    """Say whether a version, a pre-release too, lies in a specifier."""
    try:
        return specifier.contains(version, prereleases=True)
    except (InvalidVersion, InvalidSpecifier):
        return False
