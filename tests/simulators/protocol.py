"""What a registry answers by the OCI distribution specification, as values without a socket."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, urlsplit

from tests.simulators.images import Content, SimulatedImage, digest_of

_PATH = re.compile(r"/v2/(?P<name>.+)/(?P<kind>manifests|blobs|tags)/(?P<key>[^/]+)")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as it was received; header names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The last value of each parameter of the query."""
        return {key: values[-1] for key, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def authorization(self) -> str:
        """The value of its Authorization header, empty where none was sent."""
        return self.headers.get("authorization", "")

    @property
    def kind(self) -> str:
        """Whether it is for ``manifests``, ``blobs``, ``tags`` or, when empty, something else."""
        match = _PATH.fullmatch(self.path)
        return match["kind"] if match else ""

    @property
    def repository(self) -> str:
        """The repository it is for, empty where it is for none."""
        match = _PATH.fullmatch(self.path)
        return match["name"] if match else ""

    @property
    def key(self) -> str:
        """The tag or digest it is for, empty where it is for none."""
        match = _PATH.fullmatch(self.path)
        return match["key"] if match else ""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer; a body in pieces is sent piece by piece, without a length unless it is set."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Iterator[bytes] = b""

    def with_headers(self, **headers: str | None) -> Reply:
        """Return the reply with headers set, or taken away by ``None``; ``_`` stands for ``-``."""
        named = {key.replace("_", "-").title(): value for key, value in headers.items()}
        merged = {**self.headers, **named}
        kept = {key: value for key, value in merged.items() if value is not None}
        return replace(self, headers=kept)


class Shelf:
    """The contents of a registry: repositories with tags, manifests and blobs."""

    def __init__(self, images: Iterable[SimulatedImage]) -> None:
        self._tags: dict[str, dict[str, Content]] = {}
        self._manifests: dict[tuple[str, str], Content] = {}
        self._blobs: dict[tuple[str, str], bytes] = {}
        for image in images:
            self.add(image)

    def add(self, image: SimulatedImage) -> None:
        """Put an image under its tag; one that had the tag stays, by its digest."""
        self._tags.setdefault(image.name, {})[image.tag] = image.top
        for digest, content in image.manifests.items():
            self._manifests[image.name, digest] = content
        for digest, blob in image.blobs.items():
            self._blobs[image.name, digest] = blob

    def reply(self, asked: Asked) -> Reply:
        """Return what a registry without faults and without logins answers."""
        if asked.path == "/v2/":
            return Reply(headers={"Content-Type": "application/json"}, body=b"{}")
        if asked.kind and asked.repository not in self._tags:
            return refusal(404, "NAME_UNKNOWN", f"repository {asked.repository} is not known")
        if asked.kind == "manifests":
            return self._manifest(asked)
        if asked.kind == "blobs":
            return self._blob(asked)
        if asked.kind == "tags" and asked.key == "list":
            return self._tag_list(asked)
        return refusal(404, "UNSUPPORTED", "no such route")

    def _manifest(self, asked: Asked) -> Reply:
        content = self._tags[asked.repository].get(asked.key)
        content = content or self._manifests.get((asked.repository, asked.key))
        if content is None:
            return refusal(404, "MANIFEST_UNKNOWN", f"manifest {asked.key} is not known")
        if content.media_type not in asked.headers.get("accept", ""):
            return refusal(404, "MANIFEST_UNKNOWN", "the accept header does not allow its type")
        return _addressed(content.body, content.media_type)

    def _blob(self, asked: Asked) -> Reply:
        blob = self._blobs.get((asked.repository, asked.key))
        if blob is None:
            return refusal(404, "BLOB_UNKNOWN", f"blob {asked.key} is not known")
        return _addressed(blob, "application/octet-stream")

    def _tag_list(self, asked: Asked) -> Reply:
        names = sorted(self._tags[asked.repository])
        rest = [name for name in names if name > asked.query.get("last", "")]
        count = int(asked.query.get("n", len(rest)))
        page = rest[:count]
        body = json.dumps({"name": asked.repository, "tags": page}).encode()
        reply = Reply(headers={"Content-Type": "application/json"}, body=body)
        if len(page) < len(rest):
            link = f'<{asked.path}?n={count}&last={page[-1]}>; rel="next"'
            return reply.with_headers(link=link)
        return reply


def refusal(status: int, code: str, message: str) -> Reply:
    """Return an error of the distribution specification."""
    body = json.dumps({"errors": [{"code": code, "message": message}]}).encode()
    return Reply(status=status, headers={"Content-Type": "application/json"}, body=body)


def _addressed(body: bytes, media_type: str) -> Reply:
    digest = digest_of(body)
    headers = {"Content-Type": media_type, "Docker-Content-Digest": digest, "ETag": f'"{digest}"'}
    return Reply(headers=headers, body=body)
