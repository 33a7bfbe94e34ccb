"""Judging what a Hugging Face hub answered: pure functions from an answer to a value or a failure.

Sources: huggingface_hub 2.4.0 (``hf_api.py``, ``file_download.py``, ``utils/_http.py``) and what
real clients were seen to ask and get.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from supplychain.access.failures import AccessError, Hostile, NotFound, Unreachable
from supplychain.access.http import RETRIED, Answer, Head
from supplychain.core.digest import Digest, InvalidDigestError
from supplychain.core.limits import MIB
from supplychain.formats import json, paths
from supplychain.formats.text import MalformedError, printable

MAX_DOCUMENT = 8 * MIB  # bytes of one answer; a page of 1,000 entries has about 300 kB
MAX_FILE = 2**53  # bytes; the largest integer that every JSON reader keeps
MAX_ISSUES = 1000  # files that the hub's scanners complain of

_COMMIT = re.compile(r"[0-9a-f]{40}")
_RANGE = re.compile(r"bytes (\d{1,16})-(\d{1,16})/(\d{1,16})")
_LICENCE_TAG = "license:"
_DENIED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_NO_HUB = "check the address of the hub, and for a proxy or a login page in front of it"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubModel:
    """What the hub says of a model at one commit.

    ``licences`` are identifiers as its author wrote them; ``scanned`` says whether the hub's own
    scanners are done, ``None`` where it does not say; ``issues`` pairs a file with their word.
    """

    commit: str
    licences: tuple[str, ...] = ()
    gated: bool = False
    scanned: bool | None = None
    issues: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFile:
    """A file of a commit: its size in bytes and what its content must hash to.

    ``git_sha1`` is the hexadecimal id of the git blob, which for a file in large-file storage is
    that of its pointer; such a file has a ``sha256``.
    """

    name: str
    size: int
    git_sha1: str
    sha256: Digest | None = None

    @property
    def identity(self) -> str:
        """The hexadecimal digest that the hub gives as the file's ETag."""
        return self.sha256.hex if self.sha256 else self.git_sha1


def read_model(answer: Answer, repository: str) -> HubModel:
    """Return what the answer for a model's revision says.

    Raises:
        Unreachable: this is no answer of a hub.
        Hostile: it names another model or no commit, or is malformed.
        NotFound: the hub says that the model or the revision does not exist.
    """
    host = answer.origin.authority
    document = _document(answer, f"'{repository}'", repository)
    if not isinstance(document, dict):
        reason = f"{host} answered for '{repository}', but not as a hub does"
        raise Unreachable(reason, _NO_HUB)
    named = document.get("id")
    if isinstance(named, str) and named.lower() != repository.lower():
        shown = printable(named, 100)
        reason = f"{host} answers with '{shown}' when asked for '{repository}'"
        raise Hostile(reason)
    commit = document.get("sha")
    if not isinstance(commit, str) or not _COMMIT.fullmatch(commit):
        shown = printable(str(commit), 60)
        reason = f"{host} names '{shown}' as the commit of '{repository}', which is none"
        raise Hostile(reason)
    scanned, issues = _scans(document.get("securityRepoStatus"))
    return HubModel(
        commit=commit,
        licences=_licences(document),
        gated=document.get("gated") not in (None, False),
        scanned=scanned,
        issues=issues,
    )


def read_page(answer: Answer, repository: str) -> tuple[HubFile, ...]:
    """Return the files of one page of a tree; folders are left out.

    Raises:
        Unreachable: this is no answer of a hub.
        Hostile: a name is not safe, an entry lacks what identifies its content, or is malformed.
        NotFound: the hub says that the commit does not exist.
    """
    document = _document(answer, f"the files of '{repository}'", repository)
    if not isinstance(document, list):
        reason = f"the files of '{repository}' are no list"
        raise Hostile(reason)
    files = [_file(entry, repository) for entry in document]
    return tuple(file for file in files if file is not None)


def refusal(answer: Head, what: str, repository: str, hub: str) -> AccessError:
    """Return what a status other than success means for ``what`` was asked for."""
    host, status = answer.origin.authority, answer.status
    code = answer.headers.get("X-Error-Code", "")
    if code == "GatedRepo":
        reason = f"'{repository}' is gated, and {host} has not let us in ({status})"
        terms = f"accept its terms at {hub}/{repository} as the account whose token you set"
        return Unreachable(reason, terms)
    if "disabled" in answer.headers.get("X-Error-Message", "").lower():
        return NotFound(f"{host} has disabled '{repository}'")
    if status in _DENIED:
        return _denial(answer, what, repository)
    if status == HTTPStatus.NOT_FOUND:
        if code in {"RepoNotFound", "RevisionNotFound", "EntryNotFound"}:
            return NotFound(f"{what} does not exist on {host}")
        return Unreachable(f"{host} answered 404 for {what}, but not as a hub does", _NO_HUB)
    is_limit = status == HTTPStatus.TOO_MANY_REQUESTS
    reason = f"{host} answered {status} for {what}{': too many requests' if is_limit else ''}"
    hint = "wait, or set HF_TOKEN for a higher limit" if is_limit else None
    return Unreachable(reason, hint, retryable=status in RETRIED)


def _denial(answer: Head, what: str, repository: str) -> Unreachable:
    host, status = answer.origin.authority, answer.status
    hint = "check the name, or set HF_TOKEN to a token that may read it"
    if answer.headers.get("X-Error-Code") == "RepoNotFound":
        reason = f"'{repository}' does not exist on {host}, or is private ({status})"
        return Unreachable(reason, hint)
    return Unreachable(f"{host} denies access to {what} ({status})", hint)


def check_promise(hops: Sequence[Head], file: HubFile, commit: str, start: int) -> None:
    """Compare the headers of an answer for a file, first hop to last, with what the tree says.

    ``start`` is the first byte asked for; the last hop answered with 200, or 206 for ``start``.

    Raises:
        Unreachable: the first hop is no hub.
        Hostile: commit, digest or size differ from the tree's.
    """
    what = f"'{printable(file.name)}'"
    own = [hop for hop in hops if hop.origin == hops[0].origin]
    host = own[0].origin.authority
    commits = _stated(own, "X-Repo-Commit")
    if not commits:
        reason = f"{host} answered for {what} without X-Repo-Commit, so it is no hub"
        raise Unreachable(reason, _NO_HUB)
    for stated in commits - {commit}:
        reason = f"{host} sends {what} of commit '{printable(stated, 50)}', not of {commit}"
        raise Hostile(reason)
    tags = _stated(own, "X-Linked-Etag") or _stated(own[-1:], "ETag")
    if not tags:
        reason = f"{host} answered for {what} without an ETag, so it is no hub"
        raise Unreachable(reason, _NO_HUB)
    for tag in tags:
        if bare_tag(tag) != file.identity:
            shown = printable(tag, 80)
            reason = f"{host} says that {what} is '{shown}', and lists {file.identity}"
            raise Hostile(reason)
    for linked in _stated(own, "X-Linked-Size") - {str(file.size)}:
        reason = f"{host} says that {what} has {printable(linked, 30)} bytes, not {file.size}"
        raise Hostile(reason)
    _check_framing(hops[-1], file, start)


def bare_tag(tag: str) -> str:
    """Return an entity tag without quotes and without the mark of a weak one."""
    return tag.strip().removeprefix("W/").strip('"')


def _stated(hops: Sequence[Head], name: str) -> frozenset[str]:
    """Return the values that a header has in any of the answers."""
    return frozenset(hop.headers[name] for hop in hops if name in hop.headers)


def _check_framing(answer: Head, file: HubFile, start: int) -> None:
    """Compare the announced length of a body, or the range it is, with the file's size.

    Raises:
        Hostile: they differ.
    """
    host, what = answer.origin.authority, f"'{printable(file.name)}'"
    expected = file.size
    if answer.status == HTTPStatus.PARTIAL_CONTENT:
        stated = answer.headers.get("Content-Range", "")
        found = _RANGE.fullmatch(stated)
        first, last, whole = map(int, found.groups()) if found else (-1, 0, 0)
        if first != start or not first <= last < whole == file.size:
            wanted = f"those from {start} on, of {file.size}"
            reason = f"{host} sends '{printable(stated, 60)}' of {what}, not {wanted}"
            raise Hostile(reason)
        expected = last - first + 1
    length = answer.headers.get("Content-Length")
    if length is not None and length != str(expected):
        reason = f"{host} sends {printable(length, 30)} bytes for {what}, not {expected}"
        raise Hostile(reason)


def _document(answer: Answer, what: str, repository: str) -> Any:  # noqa: ANN401 -- JSON
    host = answer.origin.authority
    if answer.status != HTTPStatus.OK:
        raise refusal(answer, what, repository, str(answer.origin))
    if answer.content_type != "application/json":
        kind = printable(answer.content_type, 80) or "no content type"
        reason = f"{host} answered for {what} with {kind}, which is no JSON"
        raise Unreachable(reason, _NO_HUB)
    if answer.is_cut:
        reason = f"{host} sent more than {MAX_DOCUMENT} bytes for {what}"
        raise Hostile(reason)
    try:
        return json.read(answer.body, limit=MAX_DOCUMENT)
    except MalformedError as error:
        reason = f"the answer of {host} for {what} {error}"
        raise Hostile(reason) from None


def _file(entry: object, repository: str) -> HubFile | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
        reason = f"the files of '{repository}' have an entry without a path"
        raise Hostile(reason)
    name = entry["path"]
    shown = printable(name, 100)
    flaw = paths.flaw_of(name)
    if flaw is not None:
        reason = f"a file of '{repository}' is called '{shown}', which {flaw}"
        raise Hostile(reason)
    if entry.get("type") == "directory":
        return None
    large, git_sha1 = entry.get("lfs"), entry.get("oid")
    size = (large if isinstance(large, dict) else entry).get("size")
    if not isinstance(git_sha1, str) or not _COMMIT.fullmatch(git_sha1):
        reason = f"the file '{shown}' of '{repository}' has no git object id"
        raise Hostile(reason)
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= MAX_FILE:
        reason = f"the file '{shown}' of '{repository}' has no size"
        raise Hostile(reason)
    if large is None:
        return HubFile(name=name, size=size, git_sha1=git_sha1)
    oid = large.get("oid") if isinstance(large, dict) else None
    try:
        digest = Digest("sha256", str(oid).removeprefix("sha256:"))
    except InvalidDigestError as error:
        reason = f"the file '{shown}' of '{repository}' has no digest: {error}"
        raise Hostile(reason) from None
    return HubFile(name=name, size=size, git_sha1=git_sha1, sha256=digest)


def _licences(document: Mapping[str, Any]) -> tuple[str, ...]:
    card = document.get("cardData")
    stated = card.get("license") if isinstance(card, dict) else None
    texts = stated if isinstance(stated, list) else [stated]
    tags = document.get("tags")
    if stated is None and isinstance(tags, list):
        named = [tag for tag in tags if isinstance(tag, str) and tag.startswith(_LICENCE_TAG)]
        texts = [tag.removeprefix(_LICENCE_TAG) for tag in named]
    return tuple(sorted({text for text in texts if isinstance(text, str) and text}))


def _scans(status: object) -> tuple[bool | None, tuple[tuple[str, str], ...]]:
    if not isinstance(status, dict):
        return None, ()
    done, listed = status.get("scansDone"), status.get("filesWithIssues")
    issues = []
    for issue in (listed if isinstance(listed, list) else [])[:MAX_ISSUES]:
        if isinstance(issue, dict) and isinstance(issue.get("path"), str):
            level = issue.get("level")
            issues.append((issue["path"], level if isinstance(level, str) else "unknown"))
    return done if isinstance(done, bool) else None, tuple(sorted(issues))
