"""What a registry, or somebody between it and us, may do wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from enum import StrEnum
from itertools import chain, repeat

from tests.simulators.images import digest_of
from tests.simulators.protocol import Asked, Reply

DRIP_PAUSE = 0.05  # seconds between two bytes of a slow body
_HTML = b"<!doctype html><title>Log in to the network</title>"


class Fault(StrEnum):
    """One way to go wrong; most touch manifests, those named for blobs touch blobs."""

    WRONG_DIGEST_HEADER = "wrong-digest-header"
    MISSING_DIGEST_HEADER = "missing-digest-header"
    BAD_DIGEST_HEADER = "bad-digest-header"
    WRONG_BODY = "wrong-body"
    SHORT_BODY = "short-body"
    TRUNCATED_INDEX = "truncated-index"
    HTML = "html"
    WRONG_CONTENT_TYPE = "wrong-content-type"
    NO_CONTENT_TYPE = "no-content-type"
    SCHEMA_1 = "schema-1"
    COMPRESSED = "compressed"
    RATE_LIMITED = "rate-limited"
    SERVER_ERROR = "server-error"
    FORBIDDEN = "forbidden"
    UNKNOWN_CHALLENGE = "unknown-challenge"
    BROKEN_CHALLENGE = "broken-challenge"
    PLAIN_NOT_FOUND = "plain-not-found"
    HEAD_NOT_ALLOWED = "head-not-allowed"
    SLOW_DRIP = "slow-drip"
    ENDLESS_BODY = "endless-body"
    ENDLESS_CHUNK = "endless-chunk"
    SILENT = "silent"
    CONNECTION_RESET = "connection-reset"
    NO_HTTP = "no-http"
    REDIRECT_TO_FILE = "redirect-to-file"
    REDIRECT_TO_PRIVATE = "redirect-to-private"
    REDIRECT_TO_METADATA = "redirect-to-metadata"
    REDIRECT_WITH_USER = "redirect-with-user"
    REDIRECT_LOOP = "redirect-loop"
    FOREIGN_REALM = "foreign-realm"
    PLAIN_REALM = "plain-realm"
    BLOB_ELSEWHERE = "blob-elsewhere"
    WRONG_BLOB = "wrong-blob"
    SHORT_BLOB = "short-blob"
    LONG_BLOB = "long-blob"
    HTML_BLOB = "html-blob"


REALMS = {
    Fault.FOREIGN_REALM: "http://10.0.0.1/token",
    Fault.PLAIN_REALM: "http://registry.example/token",
}
_REDIRECTS = {
    Fault.REDIRECT_TO_FILE: "file:///etc/passwd",
    Fault.REDIRECT_TO_PRIVATE: "http://10.0.0.1/v2/",
    Fault.REDIRECT_TO_METADATA: "http://169.254.169.254/latest/meta-data/",
    Fault.REDIRECT_WITH_USER: "http://127.0.0.1@registry.example/",
    Fault.REDIRECT_LOOP: "{target}",
    Fault.BLOB_ELSEWHERE: "{elsewhere}{target}",
}
_STATUSES = {
    Fault.HTML: (200, {"Content-Type": "text/html; charset=utf-8"}),
    Fault.HTML_BLOB: (200, {"Content-Type": "text/html; charset=utf-8"}),
    Fault.HEAD_NOT_ALLOWED: (405, {}),
    Fault.RATE_LIMITED: (429, {"Retry-After": "1"}),
    Fault.SERVER_ERROR: (500, {}),
    Fault.FORBIDDEN: (403, {}),
    Fault.UNKNOWN_CHALLENGE: (401, {"WWW-Authenticate": 'Digest realm="x", nonce="y"'}),
    Fault.BROKEN_CHALLENGE: (401, {"WWW-Authenticate": 'Bearer realm="http://127'}),
    Fault.PLAIN_NOT_FOUND: (404, {"Content-Type": "text/html"}),
}
_ON_BLOBS = {fault for fault in Fault if fault.value.endswith("blob") or "blob-" in fault.value}


def touches(fault: Fault | None, asked: Asked) -> bool:
    """Say whether a fault changes the answer to a request."""
    if fault is None or fault in REALMS:
        return False
    if fault is Fault.HEAD_NOT_ALLOWED:
        return asked.method == "HEAD"
    return asked.kind == ("blobs" if fault in _ON_BLOBS else "manifests")


def spoiled(fault: Fault, asked: Asked, reply: Reply, elsewhere: str) -> Reply:
    """Return what is answered in the place of ``reply``; ``elsewhere`` is another server."""
    body = reply.body if isinstance(reply.body, bytes) else b""
    if fault in _STATUSES:
        status, headers = _STATUSES[fault]
        return Reply(status=status, headers=headers, body=_HTML)
    if fault in _REDIRECTS:
        location = _REDIRECTS[fault].format(elsewhere=elsewhere, target=asked.target)
        return Reply(status=307, headers={"Location": location})
    if fault in _BODIES:
        return replace(reply, body=_BODIES[fault](body))
    if fault in _STREAMS:
        coding = "chunked" if fault is Fault.ENDLESS_CHUNK else None
        length = str(len(body)) if fault in _OF_DECLARED_LENGTH else None
        framed = reply.with_headers(content_length=length, transfer_encoding=coding)
        return replace(framed, body=_STREAMS[fault](body))
    return reply.with_headers(**_HEADERS.get(fault, {}))


def _drip(body: bytes) -> Iterator[bytes]:
    for number in range(len(body)):
        time.sleep(DRIP_PAUSE)
        yield body[number : number + 1]


_HEADERS: dict[Fault, dict[str, str | None]] = {
    Fault.WRONG_DIGEST_HEADER: {"docker_content_digest": digest_of(b"something else")},
    Fault.MISSING_DIGEST_HEADER: {"docker_content_digest": None},
    Fault.BAD_DIGEST_HEADER: {"docker_content_digest": "md5:0"},
    Fault.WRONG_CONTENT_TYPE: {"content_type": "application/octet-stream"},
    Fault.NO_CONTENT_TYPE: {"content_type": None},
    Fault.SCHEMA_1: {"content_type": "application/vnd.docker.distribution.manifest.v1+prettyjws"},
    Fault.COMPRESSED: {"content_encoding": "gzip"},
}
_BODIES: dict[Fault, Callable[[bytes], bytes]] = {
    Fault.WRONG_BODY: lambda body: body.replace(b"0", b"1"),
    Fault.WRONG_BLOB: lambda body: body.replace(b"0", b"1"),
    Fault.SHORT_BLOB: lambda body: body[:-1],
    Fault.LONG_BLOB: lambda body: body + b"\n",
}
_STREAMS: dict[Fault, Callable[[bytes], Iterator[bytes]]] = {
    Fault.SHORT_BODY: lambda body: iter((body[:9],)),
    Fault.SLOW_DRIP: _drip,
    Fault.ENDLESS_BODY: lambda _: repeat(b" " * 65536),
    Fault.ENDLESS_CHUNK: lambda _: chain((b"-1\r\n",), repeat(b" " * 65536)),
}
_OF_DECLARED_LENGTH = {Fault.SHORT_BODY, Fault.SLOW_DRIP}
