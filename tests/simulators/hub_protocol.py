"""What a Hugging Face hub answers, as values without a socket; free of pytest.

Checked against the real client: huggingface_hub downloads from it in tests/integration.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tests.simulators.protocol import Reply

LARGE = 1024  # bytes from which on a file lies in large-file storage, unless told otherwise
_API = re.compile(
    r"/api/models/(?P<repository>[^/]+/[^/]+)(?:/(?P<kind>revision|tree)/(?P<revision>[^/]+))?"
)
_RESOLVE = re.compile(
    r"(?:/api/resolve-cache/models)?/(?P<repository>[^/]+/[^/]+)/(?:resolve/)?"
    r"(?P<revision>[^/]+)/(?P<name>.+)"
)
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@dataclass(frozen=True, kw_only=True)
class SimulatedFile:
    """A file of a model; ``large`` says whether it lies in large-file storage."""

    content: bytes = field(repr=False)
    large: bool

    @cached_property
    def sha256(self) -> str:
        """The digest of its content."""
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def git_sha1(self) -> str:
        """The id of its git blob, which for a large file is that of its pointer."""
        data = self.pointer if self.large else self.content
        return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()

    @property
    def pointer(self) -> bytes:
        """What git holds in the place of a large file."""
        lines = ("version https://git-lfs.github.com/spec/v1", f"oid sha256:{self.sha256}")
        return "\n".join([*lines, f"size {len(self.content)}", ""]).encode()

    @property
    def tag(self) -> str:
        """Its entity tag on the hub."""
        return self.sha256 if self.large else self.git_sha1


@dataclass(kw_only=True)
class SimulatedModel:
    """A repository with one commit on ``main``; ``entries`` are more rows of its tree, as given."""

    name: str
    files: dict[str, SimulatedFile]
    licence: str | None = "apache-2.0"
    gated: bool = False
    issues: tuple[tuple[str, str], ...] = ()
    entries: Sequence[Mapping[str, Any]] = ()
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def commit(self) -> str:
        """The id of the commit: another one for other files."""
        listed = [f"{name} {file.tag}" for name, file in sorted(self.files.items())]
        return hashlib.sha1("\n".join(listed).encode(), usedforsecurity=False).hexdigest()

    def description(self) -> dict[str, Any]:
        """Return the answer for the model at a revision."""
        stated = {} if self.licence is None else {"license": self.licence}
        return {
            "_id": "0123456789abcdef01234567",
            "id": self.name,
            "modelId": self.name,
            "author": self.name.partition("/")[0],
            "sha": self.commit,
            "private": False,
            "gated": "auto" if self.gated else False,
            "disabled": False,
            "tags": [f"license:{self.licence}"] if self.licence else [],
            "cardData": stated,
            "siblings": [{"rfilename": name} for name in sorted(self.files)],
            "securityRepoStatus": {
                "scansDone": True,
                "filesWithIssues": [{"path": name, "level": level} for name, level in self.issues],
            },
            **self.document,
        }

    def tree(self) -> list[Mapping[str, Any]]:
        """Return the rows of the tree, folders included."""
        folders = sorted({name.rpartition("/")[0] for name in self.files if "/" in name})
        folder = {"type": "directory", "oid": "0" * 40, "size": 0}
        rows: list[Mapping[str, Any]] = [{**folder, "path": name} for name in folders]
        rows += [_row(name, file) for name, file in sorted(self.files.items())]
        return [*rows, *self.entries]


def model(
    name: str, contents: Mapping[str, bytes], *, large: Mapping[str, bool] | None = None
) -> SimulatedModel:
    """Return a model of these files; ``large`` overrules which lie in large-file storage."""
    chosen = large or {}
    files = {
        path: SimulatedFile(content=content, large=chosen.get(path, len(content) >= LARGE))
        for path, content in contents.items()
    }
    return SimulatedModel(name=name, files=files)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as it was received by the hub or its blob host; header names in lower case."""

    server: str
    method: str
    target: str
    headers: Mapping[str, str]

    @property
    def path(self) -> str:
        """The target without its query, decoded."""
        return unquote(urlsplit(self.target).path)

    @property
    def authorization(self) -> str:
        """The value of its Authorization header, empty where none was sent."""
        return self.headers.get("authorization", "")

    @property
    def kind(self) -> str:
        """Whether it is for a ``revision``, a ``tree``, a ``file`` or, when empty, else."""
        path = urlsplit(self.target).path
        if self.server == "cdn" or "/resolve" in path:
            return "file"
        match = _API.fullmatch(path)
        return (match["kind"] or "revision") if match else ""

    @property
    def name(self) -> str:
        """The name of the file it is for."""
        if self.server == "cdn":
            return self.path.split("/", 4)[-1]
        match = _RESOLVE.fullmatch(urlsplit(self.target).path)
        return unquote(match["name"]) if match else ""


class Hub:
    """The contents of a hub; pages of its trees have ``page`` rows."""

    def __init__(self, models: Sequence[SimulatedModel], cdn: str, page: int) -> None:
        self.models = {one.name: one for one in models}
        self._cdn = cdn
        self._page = page

    def reply(self, asked: Asked) -> Reply:
        """Return what a hub without faults answers."""
        split = urlsplit(asked.target)
        api = _API.fullmatch(split.path)
        if api is not None:
            return self._api(asked, api, split.query)
        found = _RESOLVE.fullmatch(split.path)
        if found is None:
            return refusal(404, None, "Sorry, we can't find the page you are looking for.")
        return self._file(asked, found)

    def blob(self, asked: Asked) -> Reply:
        """Return what the blob host answers."""
        _, owner, name, _, path = asked.path.split("/", 4)
        file = self.models[f"{owner}/{name}"].files[path]
        return served(file.content, asked, f'"{file.sha256}"')

    def _api(self, asked: Asked, found: re.Match[str], query: str) -> Reply:
        repository = self.models.get(found["repository"])
        if repository is None:
            return refusal(404, "RepoNotFound", "Repository not found")
        revision = unquote(found["revision"] or "main")
        if revision not in {"main", repository.commit}:
            return refusal(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        if found["kind"] != "tree":
            return _json(repository.description())
        rows = repository.tree()
        start = int(parse_qs(query).get("cursor", ["0"])[0])
        page = rows[start : start + self._page]
        reply = _json(page)
        if start + self._page < len(rows):
            path = urlsplit(asked.target).path
            more = f"{path}?recursive=true&expand=false&cursor={start + self._page}"
            host = asked.headers.get("host", "")
            return reply.with_headers(link=f'<http://{host}{more}>; rel="next"')
        return reply

    def _file(self, asked: Asked, found: re.Match[str]) -> Reply:
        repository = self.models.get(found["repository"])
        if repository is None:
            return refusal(404, "RepoNotFound", "Repository not found")
        commit, name = repository.commit, unquote(found["name"])
        file = repository.files.get(name)
        if file is None:
            return refusal(404, "EntryNotFound", "Entry not found")
        own = {"X-Repo-Commit": commit, "Etag": f'"{file.tag}"', "Accept-Ranges": "bytes"}
        if file.large:
            linked = {"X-Linked-Size": str(len(file.content)), "X-Linked-Etag": f'"{file.tag}"'}
            location = f"{self._cdn}/{repository.name}/{commit}/{quote(name)}?sig=secret"
            return Reply(status=302, headers={**own, **linked, "Location": location})
        if "/resolve/" in asked.target:
            location = f"/api/resolve-cache/models/{repository.name}/{commit}/{quote(name)}"
            return Reply(status=307, headers={**own, "Location": location})
        reply = served(file.content, asked, f'"{file.tag}"')
        return Reply(status=reply.status, headers={**reply.headers, **own}, body=reply.body)


def served(content: bytes, asked: Asked, tag: str) -> Reply:
    """Return content, or the range of it that a request asks for, by RFC 9110."""
    headers = {"Content-Type": "application/octet-stream", "Etag": tag, "Accept-Ranges": "bytes"}
    wanted = _RANGE.fullmatch(asked.headers.get("range", ""))
    condition = asked.headers.get("if-range")
    if wanted is None or condition not in (None, tag):
        return Reply(status=200, headers=headers, body=content)
    first = int(wanted[1])
    last = min(int(wanted[2] or len(content)), len(content) - 1)
    if first > last:
        unsatisfied = {"Content-Range": f"bytes */{len(content)}"}
        return Reply(status=416, headers={**headers, **unsatisfied}, body=b"")
    part = {"Content-Range": f"bytes {first}-{last}/{len(content)}"}
    body = content[first : last + 1]
    return Reply(status=206, headers={**headers, **part}, body=body)


def refusal(status: int, code: str | None, message: str) -> Reply:
    """Return an error as the hub writes it."""
    headers = {"Content-Type": "application/json", "X-Error-Message": message}
    if code is not None:
        headers["X-Error-Code"] = code
    return Reply(status=status, headers=headers, body=json.dumps({"error": message}).encode())


def pieces(body: bytes, size: int) -> Iterator[memoryview]:
    """Yield a body in pieces, none copied."""
    view = memoryview(body)
    for start in range(0, len(view), size):
        yield view[start : start + size]


def _row(name: str, file: SimulatedFile) -> Mapping[str, Any]:
    row = {"type": "file", "oid": file.git_sha1, "size": len(file.content), "path": name}
    if not file.large:
        return row
    pointer = {"oid": file.sha256, "size": len(file.content), "pointerSize": len(file.pointer)}
    return {**row, "lfs": pointer, "xetHash": file.sha256}


def _json(document: object) -> Reply:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return Reply(headers=headers, body=json.dumps(document).encode())
