"""HTTP for strangers' servers: bounded in bytes and time, redirects under rules, no hidden state.

Nothing here knows of registries. Proxies and certificate authorities come from the environment as
``requests`` takes them; ``.netrc`` and cookies are never used.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar
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
from supplychain.access.connections import (
    MAX_OVERHEAD,
    Allowance,
    GuardedAdapter,
    Pace,
    allowing,
)
from supplychain.access.failures import AccessError, Hostile, Unreachable
from supplychain.access.trouble import TransientError, explained
from supplychain.access.urls import Origin, shown
from supplychain.formats.text import printable

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
class Head:
    """The status and the headers that one server answered."""

    status: int
    origin: Origin
    headers: Mapping[str, str] = field(repr=False)

    @property
    def content_type(self) -> str:
        """The media type without its parameters, in lower case; empty where none is sent."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Head):
    """The answer of the last hop; ``is_cut`` when its body went on beyond the limit."""

    body: bytes = field(repr=False)
    is_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream(Head):
    """The answer of the last hop with its body yet to come; ``hops`` are those before it."""

    hops: tuple[Head, ...]
    response: requests.Response = field(repr=False)

    def read(self, size: int) -> bytes:
        """Return what has come of the body, at most ``size`` bytes; none only at its end.

        Raises:
            Unreachable: the connection broke, ended before the announced length, or was too slow.
        """
        raw = self.response.raw
        assert isinstance(raw, BaseHTTPResponse)  # noqa: S101 -- narrows what requests calls Any
        try:
            return raw.read1(size, decode_content=False)
        except (requests.RequestException, HTTPError, OSError) as error:
            failure = explained(error, self.origin.authority)
            raise failure.failure if isinstance(failure, TransientError) else failure from None


Hop = TypeVar("Hop", bound=Head)
_Send = Callable[[str, frozenset[Zone], str | None], Hop]


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
                answer = _follow(request, self._answering(request), self.zones_open_to)
            except TransientError as error:
                failure, wait = error.failure, error.wait
            except Unreachable as error:
                if error.retryable:
                    self._budget.blame(host, started)
                raise
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

    @contextmanager
    def stream(self, request: Request, pace: Pace) -> Iterator[Stream]:
        """Send a request once and hand over its answer, whatever its status, body unread.

        Headers and the first bytes must come before the request's deadline; the body may take as
        long as it keeps ``pace``. The connection fails once more than ``limit`` bytes, and what is
        allowed for headers, have come; the caller counts the body.

        Raises:
            Unreachable: no answer could be had, or it is no plain HTTP.
            Hostile: it redirects to where no server must send us.
        """
        hops: list[Stream] = []

        def send(url: str, zones: frozenset[Zone], authorization: str | None) -> Stream:
            for one in hops[-1:]:
                one.response.close()
            response, origin = self._sent(request, url, zones, authorization, pace)
            hop = Stream(
                status=response.status_code,
                origin=origin,
                headers=response.headers,
                hops=tuple(hops),
                response=response,
            )
            hops.append(hop)
            _refuse_coding(response, origin, request)
            return hop

        try:
            yield _follow(request, send, self.zones_open_to)
        except TransientError as error:
            raise error.failure from None
        finally:
            for one in hops[-1:]:
                one.response.close()

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

    def _answering(self, request: Request) -> _Send[Answer]:
        """Return what sends a request to one server and reads its answer to the end or limit."""

        def send(url: str, zones: frozenset[Zone], authorization: str | None) -> Answer:
            response, origin = self._sent(request, url, zones, authorization, None)
            try:
                with response:
                    return _read(response, origin, request)
            except (requests.RequestException, HTTPError, OSError) as error:
                raise self._failure(error, request, origin) from None

        return send

    def _sent(
        self,
        request: Request,
        url: str,
        zones: frozenset[Zone],
        authorization: str | None,
        pace: Pace | None,
    ) -> tuple[requests.Response, Origin]:
        """Send one request to one server and return its answer, of which the headers are read."""
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
            pace=pace,
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
        except (requests.RequestException, HTTPError, OSError) as error:
            raise self._failure(error, request, origin) from None
        return response, origin

    def _failure(
        self, error: Exception, request: Request, origin: Origin
    ) -> AccessError | TransientError:
        if time.monotonic() < request.deadline:
            return explained(error, origin.authority)
        seconds = f"{self._timeouts.operation:g} s"
        reason = f"{origin.authority} gave no whole answer within {seconds}"
        return Unreachable(reason, "run again when it is faster", retryable=True)


def _follow(
    request: Request,
    send: _Send[Hop],
    zones_open_to: Callable[[Origin, Origin, float], frozenset[Zone]],
) -> Hop:
    first = Origin.of(request.url)
    url, zones, authorization = request.url, request.zones, request.authorization
    for _ in range(MAX_REDIRECTS + 1):
        answer = send(url, zones, authorization)
        location = answer.headers.get("Location")
        if answer.status not in _REDIRECTS or location is None or request.method == "POST":
            return answer
        source = answer.origin
        url = _redirected(source, url, location)
        target = Origin.of(url)
        zones = zones_open_to(first, target, request.deadline)
        if target != source:
            authorization = None
    reason = f"{first.authority} redirects more than {MAX_REDIRECTS} times"
    raise Unreachable(reason, "check for a login page or a proxy in front of the registry")


def _refuse_coding(response: requests.Response, origin: Origin, request: Request) -> None:
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("", "identity") and request.method != "HEAD":
        reason = f"{origin.authority} compresses its answer, which was not asked for"
        raise Unreachable(reason, "check for a proxy in front of the registry")


def _read(response: requests.Response, origin: Origin, request: Request) -> Answer:
    _refuse_coding(response, origin, request)
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
    """Return the file or folder of certificate authorities of the environment, or the default.

    Raises:
        Unreachable: the environment names one that does not exist.
    """
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        path = os.environ.get(name)
        if path and not Path(path).exists():
            reason = f"{name} names {printable(path)!r}, which does not exist"
            raise Unreachable(reason, f"correct or unset {name}")
        if path:
            return path
    return True
