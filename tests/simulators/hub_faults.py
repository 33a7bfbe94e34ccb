"""What a hub, or somebody between it and us, may do wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from enum import StrEnum
from itertools import repeat

from tests.simulators.hub_protocol import Asked, refusal
from tests.simulators.protocol import Reply

_HTML = b"<!doctype html><title>Log in to the network</title>"
_OTHER = "f" * 64


class HubFault(StrEnum):
    """One way to go wrong. The first word says what it touches: files, trees, revisions, all."""

    FILE_FLIPPED = "file-flipped-byte"
    FILE_JUNK = "file-junk"
    FILE_WRONG_ETAG = "file-wrong-etag"
    FILE_WRONG_COMMIT = "file-wrong-commit"
    FILE_NO_COMMIT = "file-no-commit"
    FILE_NO_ETAG = "file-no-etag"
    FILE_WRONG_SIZE = "file-wrong-linked-size"
    FILE_SHORT = "file-shorter-length"
    FILE_LONG = "file-longer-length"
    FILE_CUT = "file-cut-before-its-end"
    FILE_RESET = "file-reset-after-some-bytes"
    FILE_ENDLESS = "file-endless"
    FILE_SILENT = "file-silent"
    FILE_HTML = "file-html"
    FILE_COMPRESSED = "file-compressed"
    FILE_FORBIDDEN = "file-forbidden"
    FILE_ERROR = "file-server-error"
    FILE_GONE = "file-gone"
    FILE_NO_RANGES = "file-without-ranges"
    FILE_WRONG_RANGE = "file-wrong-range"
    FILE_TO_DISK = "file-redirect-to-disk"
    FILE_TO_METADATA = "file-redirect-to-metadata"
    FILE_LOOP = "file-redirect-loop"
    TREE_ENDLESS = "tree-endless"
    TREE_ELSEWHERE = "tree-continued-elsewhere"
    TREE_HUGE = "tree-huge"
    TREE_DEEP = "tree-deep"
    TREE_NO_JSON = "tree-no-json"
    TREE_HTML = "tree-html"
    REVISION_GATED = "revision-gated"
    REVISION_PRIVATE = "revision-private"
    REVISION_FORBIDDEN = "revision-forbidden"
    REVISION_DISABLED = "revision-disabled"
    REVISION_LIMITED = "revision-rate-limited"
    REVISION_ERROR = "revision-server-error"
    REVISION_HTML = "revision-html"
    REVISION_NO_COMMIT = "revision-no-commit"
    REVISION_OTHER_MODEL = "revision-other-model"


_REDIRECTS = {
    HubFault.FILE_TO_DISK: "file:///etc/passwd",
    HubFault.FILE_TO_METADATA: "http://169.254.169.254/latest/meta-data/",
    HubFault.FILE_LOOP: "{target}",
}
_LOGIN = Reply(headers={"Content-Type": "text/html; charset=utf-8"}, body=_HTML)
_ANSWERS = {
    HubFault.FILE_HTML: _LOGIN,
    HubFault.TREE_HTML: _LOGIN,
    HubFault.REVISION_HTML: _LOGIN,
    HubFault.FILE_FORBIDDEN: refusal(403, None, "forbidden"),
    HubFault.FILE_ERROR: refusal(500, None, "internal error"),
    HubFault.FILE_GONE: refusal(404, "EntryNotFound", "Entry not found"),
    HubFault.REVISION_GATED: refusal(403, "GatedRepo", "Access to this model is restricted."),
    HubFault.REVISION_PRIVATE: refusal(401, "RepoNotFound", "Repository not found"),
    HubFault.REVISION_FORBIDDEN: refusal(403, None, "forbidden"),
    HubFault.REVISION_DISABLED: refusal(403, None, "Access to this resource is disabled."),
    HubFault.REVISION_LIMITED: refusal(429, None, "too many requests"),
    HubFault.REVISION_ERROR: refusal(500, None, "internal error"),
}
_CDN_ONLY = {
    HubFault.FILE_FLIPPED,
    HubFault.FILE_JUNK,
    HubFault.FILE_SHORT,
    HubFault.FILE_LONG,
    HubFault.FILE_CUT,
    HubFault.FILE_RESET,
    HubFault.FILE_ENDLESS,
    HubFault.FILE_SILENT,
    HubFault.FILE_COMPRESSED,
    HubFault.FILE_NO_RANGES,
    HubFault.FILE_WRONG_RANGE,
}


def touches(fault: HubFault, asked: Asked) -> bool:
    """Say whether a fault changes the answer to a request."""
    if asked.kind != fault.value.partition("-")[0]:
        return False
    is_body = asked.server == "cdn" or "/resolve-cache/" in asked.target
    return is_body if fault in _CDN_ONLY else asked.server == "hub"


def spoiled(fault: HubFault, asked: Asked, reply: Reply) -> Reply:
    """Return what is answered in the place of ``reply``."""
    body = reply.body if isinstance(reply.body, bytes) else b""
    if fault in _ANSWERS:
        return _ANSWERS[fault]
    if fault in _BODIES:
        return replace(reply, body=_BODIES[fault](body))
    if fault in _STREAMS:
        return _STREAMS[fault](reply, body)
    if fault in _TREES:
        return _TREES[fault](asked, reply)
    if fault in _REDIRECTS:
        location = _REDIRECTS[fault].format(target=asked.target)
        return Reply(status=302, headers={**reply.headers, "Location": location})
    return reply.with_headers(**_HEADERS[fault])


def _flipped(body: bytes) -> bytes:
    """Return a body whose last byte differs, which no header of a model reaches."""
    return body[:-1] + bytes([body[-1] ^ 1]) if body else body


def _cut(reply: Reply, body: bytes) -> Reply:
    framed = reply.with_headers(content_length=str(len(body)))
    return replace(framed, body=iter((body[: len(body) // 2],)))


def _endless(reply: Reply, body: bytes) -> Reply:
    def more() -> Iterator[bytes]:
        yield body
        yield from repeat(b"\0" * 65536)

    return replace(reply, body=more())


def _elsewhere(_: Asked, reply: Reply) -> Reply:
    return reply.with_headers(link='<http://169.254.169.254/api/models/x>; rel="next"')


def _never_ending(asked: Asked, reply: Reply) -> Reply:
    path, _, query = asked.target.partition("?")
    count = query.count("&more") + 1
    link = f'<{path}?recursive=true{"&more" * count}>; rel="next"'
    return replace(reply.with_headers(link=link), body=b"[]")


_BODIES: dict[HubFault, Callable[[bytes], bytes]] = {
    HubFault.FILE_FLIPPED: _flipped,
    HubFault.FILE_JUNK: lambda body: b"\xa5" * len(body),
    HubFault.FILE_SHORT: lambda body: body[:-1],
    HubFault.FILE_LONG: lambda body: body + b"\0",
    HubFault.TREE_DEEP: lambda _: b"[" * 100_000 + b"]" * 100_000,
    HubFault.TREE_NO_JSON: lambda body: body[: len(body) // 2],
}
_STREAMS: dict[HubFault, Callable[[Reply, bytes], Reply]] = {
    HubFault.FILE_CUT: _cut,
    HubFault.FILE_ENDLESS: _endless,
    HubFault.TREE_HUGE: lambda reply, _: replace(reply, body=repeat(b" " * 65536)),
}
_TREES: dict[HubFault, Callable[[Asked, Reply], Reply]] = {
    HubFault.TREE_ENDLESS: _never_ending,
    HubFault.TREE_ELSEWHERE: _elsewhere,
}
_HEADERS: dict[HubFault, dict[str, str | None]] = {
    HubFault.FILE_WRONG_ETAG: {"etag": f'"{_OTHER}"', "x_linked_etag": f'"{_OTHER}"'},
    HubFault.FILE_WRONG_COMMIT: {"x_repo_commit": "0" * 40},
    HubFault.FILE_NO_COMMIT: {"x_repo_commit": None},
    HubFault.FILE_NO_ETAG: {"etag": None, "x_linked_etag": None},
    HubFault.FILE_WRONG_SIZE: {"x_linked_size": "1"},
    HubFault.FILE_COMPRESSED: {"content_encoding": "gzip"},
    HubFault.FILE_WRONG_RANGE: {"content_range": "bytes 5-9/10"},
}
