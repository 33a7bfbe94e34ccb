"""Sockets that keep a deadline and stay out of zones that the request must not reach.

``requests`` bounds each single wait on a socket, not the answer as a whole: a server that sends one
byte every few seconds is never left. Here each read from the socket is bounded by what remains of
the deadline, and counted. The address connected to is the one that was checked, so a name that
changes its address between check and use gains nothing.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import create_connection

from supplychain.access.addresses import Resolver, Zone, zone_of
from supplychain.access.failures import Hostile, Unreachable
from supplychain.core.limits import MIB

MAX_OVERHEAD = 8 * MIB  # bytes besides the body; http.client reads at most 100 headers of 64 KiB
MAX_HOSTS = 64  # hosts whose idle connections are kept
_LEAST_CONNECT = 2.0  # seconds that each of several addresses of one name is given


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a body must come that may take longer than a deadline: ``bytes`` a ``seconds``."""

    bytes: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What one exchange may do: until when, where, and how many bytes it may receive.

    ``deadline`` is a time of the monotonic clock; ``connect`` is in seconds. With a ``pace`` the
    deadline is that of the headers, and moves on while the body keeps the pace.
    """

    deadline: float
    connect: float
    zones: frozenset[Zone]
    max_bytes: int
    resolver: Resolver
    pace: Pace | None = None

    @property
    def remaining(self) -> float:
        """Seconds left, at least a thousandth, since a socket takes 0 for "do not block"."""
        return max(self.deadline - time.monotonic(), 0.001)


_allowance: ContextVar[Allowance] = ContextVar("allowance")


@contextmanager
def allowing(allowance: Allowance) -> Iterator[None]:
    """Let what this thread sends meanwhile have ``allowance``."""
    token = _allowance.set(allowance)
    try:
        yield
    finally:
        _allowance.reset(token)


class _TimedReader(io.RawIOBase):
    """Reads from a socket until the deadline, and not more bytes than allowed."""

    def __init__(self, sock: socket.socket, allowance: Allowance) -> None:
        super().__init__()
        self._socket = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._read_timeout = sock.gettimeout()
        self._allowance = allowance
        self._left = allowance.max_bytes
        self._deadline = allowance.deadline
        self._pace: Pace | None = None
        self._since = 0

    def begin_body(self) -> None:
        """Let what follows move the deadline, where the allowance has a pace."""
        self._pace = self._allowance.pace

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 -- any writable buffer, as in RawIOBase
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            message = "the deadline of the whole answer has passed"
            raise TimeoutError(message)
        self._socket.settimeout(min(self._read_timeout or remaining, remaining))
        count = self._raw.readinto(buffer)
        self._move_deadline(count or 0)
        self._left -= count or 0
        if self._left < 0:
            message = f"the server sent more than {self._allowance.max_bytes} bytes"
            raise http.client.HTTPException(message)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()

    def _move_deadline(self, count: int) -> None:
        if self._pace is not None:
            self._since += count
            if self._since >= self._pace.bytes:
                self._since = 0
                self._deadline = time.monotonic() + self._pace.seconds


class _TimedResponse(http.client.HTTPResponse):
    """A response whose status line, headers and body come through a `_TimedReader`."""

    def __init__(
        self,
        sock: socket.socket,
        debuglevel: int = 0,
        method: str | None = None,
        url: str | None = None,
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        self.fp.close()
        self._timed = _TimedReader(sock, _allowance.get())
        self.fp = io.BufferedReader(self._timed)

    def begin(self) -> None:
        """Read the status line and the headers, and drop cookies before anything parses them."""
        super().begin()
        del self.headers["Set-Cookie"]
        self._timed.begin_body()


class _GuardedConnection(HTTPConnection):
    """Connects only to addresses in the allowed zones, and is used again only for such."""

    response_class = _TimedResponse
    peer_zone: Zone | None = None  # none behind a proxy, which resolves names itself

    def _new_conn(self) -> socket.socket:
        allowance = _allowance.get()
        self.peer_zone = None
        addresses = allowance.resolver.addresses(self._dns_host, allowance.deadline)
        least = min(allowance.connect, _LEAST_CONNECT)
        share = max(allowance.connect / len(addresses), least)
        failure: OSError | None = None
        for address in addresses:
            if self.proxy is None:
                self.peer_zone = zone_of(address)
                self._refuse_forbidden_zone(allowance)
            try:
                return create_connection(
                    (str(address), self.port),
                    timeout=min(share, allowance.remaining),
                    socket_options=self.socket_options,
                )
            except OSError as error:
                failure = error
        if isinstance(failure, TimeoutError):
            raise ConnectTimeoutError(self, "no connection was accepted in time") from failure
        raise NewConnectionError(self, f"no connection: {failure}") from failure

    def putrequest(
        self,
        method: str,
        url: str,
        skip_host: bool = False,  # noqa: FBT001, FBT002 -- signature of http.client
        skip_accept_encoding: bool = False,  # noqa: FBT001, FBT002
    ) -> None:
        self._refuse_forbidden_zone(_allowance.get())
        super().putrequest(method, url, skip_host, skip_accept_encoding)

    def _refuse_forbidden_zone(self, allowance: Allowance) -> None:
        if self.peer_zone is not None and self.peer_zone not in allowance.zones:
            reason = f"a registry sends us to {self.host}, which is {self.peer_zone.value}"
            raise Hostile(reason)


class _GuardedTLSConnection(_GuardedConnection, HTTPSConnection):
    """The same with TLS on top."""


class _GuardedPool(HTTPConnectionPool):
    ConnectionCls = _GuardedConnection


class _GuardedTLSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTLSConnection


class GuardedAdapter(HTTPAdapter):
    """The transport of ``requests`` over guarded connections; used without a session.

    A session would add what must not be sent: cookies of one server, credentials from ``.netrc``.
    The pools beneath are safe to share between threads, and keep at most ``connections`` a host.
    """

    def __init__(self, connections: int) -> None:
        super().__init__(
            pool_connections=MAX_HOSTS, pool_maxsize=connections, pool_block=True, max_retries=0
        )

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 -- passed on as they are
        """Make the pools for direct connections."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 -- passed on as they are
        """Return the pools for connections through an HTTP proxy.

        Raises:
            Unreachable: it is a SOCKS proxy, whose connections could not be guarded.
        """
        proxy = str(arguments[0])
        if proxy.lower().startswith("socks"):
            reason = "a SOCKS proxy is set in the environment, which is not supported"
            raise Unreachable(reason, "set HTTPS_PROXY to the address of an HTTP proxy")
        manager = super().proxy_manager_for(*arguments, **options)
        manager.pool_classes_by_scheme = _POOLS
        return manager


_POOLS = {"http": _GuardedPool, "https": _GuardedTLSPool}
