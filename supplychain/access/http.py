"""HTTP for strangers' servers: bounded in bytes and time, redirects under rules, no hidden state.

Nothing here knows of registries. Proxies and certificate authorities come from the environment as
``requests`` takes them; ``.netrc`` and cookies are never used.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import requests
from requests.utils import get_environ_proxies, select_proxy
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from supplychain import __version__
from supplychain.access.addresses import (
    EVERYWHERE,
    Resolver,
    Zone,
    is_loopback,
    literal_address,
    zone_of,
)
from supplychain.access.budget import RetryBudget
from supplychain.access.connections import MAX_OVERHEAD, Allowance, GuardedAdapter, allowing
from supplychain.access.failures import Hostile, Unreachable
from supplychain.access.trouble import TransientError, explained
from supplychain.access.urls import Origin, shown

USER_AGENT = f"supplychain/{__version__}"
MAX_REDIRECTS = 5  # hops; registries use one, to their blob store
RETRIED = frozenset({408, 429, 500, 502, 503, 504})  # as go-containerregistry v0.22.1
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PIECE = 65536  # bytes read at once
_KEPT_ZONES = frozenset({Zone.LOOPBACK, Zone.PRIVATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds: to connect, between two reads, and for one operation with its tries and hops."""

    connect: float = 5.0
    read: float = 15.0
    operation: float = 18.0

    def deadline(self) -> float:
        """Return when an operation that begins now must have ended, on the monotonic clock."""
        return time.monotonic() + self.operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, sent up to as often as the budget allows.

    ``authorization`` goes to the origin of ``url`` only. At most ``limit`` bytes of body are kept.
    ``zones`` are those that the first hop may lie in; a user's own choice may lie anywhere.
    """

    url: str
    deadline: float
    limit: int
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    authorization: str | None = field(default=None, repr=False)
    form: bytes | None = field(default=None, repr=False)
    zones: frozenset[Zone] = EVERYWHERE
    retried: frozenset[int] = RETRIED


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer of the last hop; ``is_cut`` when its body went on beyond the limit."""

    status: int
    origin: Origin
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    is_cut: bool = False

    @property
    def content_type(self) -> str:
        """The media type without its parameters, in lower case; empty where none is sent."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()


class HttpClient:
    """Sends requests; may be used from any thread."""

    def __init__(self, budget: RetryBudget, timeouts: Timeouts, connections: int) -> None:
        self._budget = budget
        self._timeouts = timeouts
        self._adapter = GuardedAdapter(connections)
        self._resolver = Resolver()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections kept for the next request."""
        self._adapter.close()

    def exchange(self, request: Request) -> Answer:
        """Send a request, again where that may help, and return the answer whatever its status.

        Raises:
            Unreachable: no answer could be had, or it is no plain HTTP.
            Hostile: it redirects to where a registry must not send us.
        """
        host = str(Origin.of(request.url))
        if self._budget.has_given_up(host):
            reason = f"{host} was given up in this run, after requests that took long and failed"
            raise Unreachable(reason, "run again when it answers", retryable=True)
        started, tried = time.monotonic(), 0
        while True:
            tried += 1
            failure: Unreachable | None = None
            try:
                answer = self._follow(request)
            except TransientError as error:
                failure, wait = error.failure, error.wait
            else:
                if answer.status not in request.retried:
                    return answer
                wait = _retry_after(answer)
            if self._budget.wait(tried, deadline=request.deadline, asked=wait):
                continue
            self._budget.blame(host, started)
            if failure is not None:
                raise failure
            return answer

    def zones_open_to(self, source: Origin, target: Origin, deadline: float) -> frozenset[Zone]:
        """Return the zones in which ``target`` may lie when the server at ``source`` names it.

        A server may name itself, any public address, and others of its own private network or of
        this machine if it runs here itself.

        Raises:
            Hostile: the target lies elsewhere.
            Unreachable: its name, or the source's, cannot be looked up.
        """
        if target.host == source.host:
            return EVERYWHERE
        own = self._zones(source, deadline)
        allowed = (own & _KEPT_ZONES) | {Zone.PUBLIC}
        forbidden = self._zones(target, deadline) - allowed
        if forbidden:
            where = " and ".join(sorted(zone.value for zone in forbidden))
            reason = f"{source.authority} sends us to {target.authority}, which is {where}"
            raise Hostile(reason)
        return allowed

    def _zones(self, origin: Origin, deadline: float) -> frozenset[Zone]:
        if is_loopback(origin.host):
            return frozenset({Zone.LOOPBACK})
        literal = literal_address(origin.host)
        if literal is not None:
            return frozenset({zone_of(literal)})
        if _proxies(str(origin), origin.host):
            return frozenset({Zone.PUBLIC})  # the proxy looks names up, we perhaps cannot
        return self._resolver.zones(origin.host, deadline)

    def _follow(self, request: Request) -> Answer:
        first = Origin.of(request.url)
        url, zones, authorization = request.url, request.zones, request.authorization
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._send(request, url, zones, authorization)
            location = answer.headers.get("Location")
            if answer.status not in _REDIRECTS or location is None or request.method == "POST":
                return answer
            source = answer.origin
            url = _redirected(source, url, location)
            target = Origin.of(url)
            zones = self.zones_open_to(first, target, request.deadline)
            if target != source:
                authorization = None
        reason = f"{first.authority} redirects more than {MAX_REDIRECTS} times"
        raise Unreachable(reason, "check for a login page or a proxy in front of the registry")

    def _send(
        self, request: Request, url: str, zones: frozenset[Zone], authorization: str | None
    ) -> Answer:
        """Send one request to one server and read its answer to the end or to the limit."""
        origin = Origin.of(url)
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **request.headers}
        if authorization is not None:
            headers["Authorization"] = authorization
        allowance = Allowance(
            deadline=request.deadline,
            connect=self._timeouts.connect,
            zones=zones,
            max_bytes=request.limit + MAX_OVERHEAD,
            resolver=self._resolver,
        )
        read_timeout = min(self._timeouts.read, allowance.remaining)
        try:
            message = requests.Request(request.method, url, headers, data=request.form)
            with allowing(allowance):
                response = self._adapter.send(
                    message.prepare(),
                    stream=True,
                    timeout=(self._timeouts.connect, read_timeout),
                    verify=_authorities(),
                    proxies=_proxies(url, origin.host),
                )
                with response:
                    return _read(response, origin, request)
        except (requests.RequestException, HTTPError, OSError) as error:
            if time.monotonic() >= request.deadline:
                reason = (
                    f"{origin.authority} gave no whole answer within {self._timeouts.operation:g} s"
                )
                raise Unreachable(reason, "run again when it is faster", retryable=True) from None
            raise explained(error, origin.authority) from None


def _read(response: requests.Response, origin: Origin, request: Request) -> Answer:
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("", "identity") and request.method != "HEAD":
        reason = f"{origin.authority} compresses its answer, which was not asked for"
        raise Unreachable(reason, "check for a proxy in front of the registry")
    raw = response.raw
    assert isinstance(raw, BaseHTTPResponse)  # noqa: S101 -- narrows what requests calls Any
    pieces, size = [], 0
    while size <= request.limit:
        piece = raw.read(min(_PIECE, request.limit + 1 - size), decode_content=False)
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    return Answer(
        status=response.status_code,
        origin=origin,
        headers=response.headers,
        body=b"".join(pieces)[: request.limit],
        is_cut=size > request.limit,
    )


def _redirected(source: Origin, url: str, location: str) -> str:
    """Return the URL that a redirect leads to.

    Raises:
        Hostile: it is no http or https URL, or leaves https for http.
    """
    try:
        target = urljoin(url, location).partition("#")[0]
        origin = Origin.of(target)
    except ValueError as error:
        reason = f"{source.authority} redirects to {shown(location)!r}, which {error}"
        raise Hostile(reason) from None
    if source.is_secure and not origin.is_secure:
        reason = f"{source.authority} redirects from https to plain http at {origin.authority}"
        raise Hostile(reason)
    return target


def _retry_after(answer: Answer) -> float | None:
    """Return the seconds that the server asks us to wait; a date counts as a long time."""
    text = answer.headers.get("Retry-After", "").strip()
    if not text:
        return None
    return float(text) if text.isascii() and text.isdigit() and len(text) < 8 else float("inf")  # noqa: PLR2004


def _proxies(url: str, host: str) -> dict[str, str]:
    """Return the environment's proxies for a URL; none for this machine itself, as Go has it."""
    if is_loopback(host):
        return {}
    proxies = dict(get_environ_proxies(url))
    return proxies if select_proxy(url, proxies) else {}


def _authorities() -> str | bool:
    """Return the file of certificate authorities that the environment names, or the default."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
