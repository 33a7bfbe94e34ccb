"""Which part of the network an address belongs to, and looking names up within a deadline.

A redirect or a credentials realm chosen by a registry must not lead this machine to itself, to its
own network or to a cloud's metadata service. The zones below say what is which.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
import threading
import time
from enum import Enum
from queue import Empty, SimpleQueue

from supplychain.access.failures import Unreachable
from supplychain.access.locks import KeyedLocks
from supplychain.formats.text import printable

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_LOOK_UP = 5.0  # seconds for one name; glibc's resolver waits 5 s for one answer
MAX_ADDRESSES = 4  # addresses of one name that are tried; big registries publish up to 8
_NUMBER = r"(?:0[xX][0-9a-fA-F]{1,8}|[0-9]{1,11})"
_LEGACY_IPV4 = re.compile(rf"{_NUMBER}(?:\.{_NUMBER}){{0,3}}")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052
_PRIVATE = tuple(
    ipaddress.ip_network(block)
    for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)  # RFC 1918, 6598, 4193
_METADATA = frozenset(
    ipaddress.ip_address(text) for text in ("fd00:ec2::254", "100.100.100.200", "168.63.129.16")
)  # instance metadata of AWS, Alibaba and Azure outside the link-local block


class Zone(Enum):
    """A part of the network, by what a stranger may send us to."""

    PUBLIC = "a public address"
    PRIVATE = "a private address"
    LOOPBACK = "a loopback address"
    SPECIAL = "a link-local or reserved address"


EVERYWHERE = frozenset(Zone)


def literal_address(host: str) -> IPAddress | None:
    """Return the address that ``host`` spells, in any form the C library takes; else ``None``.

    The forms are those of inet_aton(3) besides the usual ones: ``127.1``, ``0x7f000001``,
    ``2130706433`` all mean 127.0.0.1, so a guard that does not know them can be walked round.
    """
    bare = host.strip("[]").partition("%")[0]
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(bare)
    if not _LEGACY_IPV4.fullmatch(bare):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(bare))
    except OSError:
        return None


def zone_of(address: IPAddress) -> Zone:
    """Return the zone of an address; an IPv4 address wrapped into IPv6 counts as itself."""
    inner = _unwrapped(address)
    if inner.is_loopback:
        return Zone.LOOPBACK
    if inner in _METADATA:
        return Zone.SPECIAL
    if any(inner in block for block in _PRIVATE if block.version == inner.version):
        return Zone.PRIVATE
    if inner.is_global and not inner.is_multicast and not inner.is_reserved:
        return Zone.PUBLIC
    return Zone.SPECIAL


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine by its very spelling: localhost, 127.0.0.0/8 or ::1."""
    if host.lower() == "localhost":
        return True
    address = literal_address(host)
    return address is not None and zone_of(address) is Zone.LOOPBACK


def _unwrapped(address: IPAddress) -> IPAddress:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address


class Resolver:
    """Looks each name up once a run, never longer than a deadline; a failure is kept as well."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[IPAddress, ...] | Unreachable] = {}
        self._locks = KeyedLocks[str]()

    def addresses(self, host: str, deadline: float) -> tuple[IPAddress, ...]:
        """Return the first ``MAX_ADDRESSES`` addresses of a host, at least one.

        ``deadline`` is in seconds of the monotonic clock.

        Raises:
            Unreachable: the name has no address, or none was told in time.
        """
        literal = literal_address(host)
        if literal is not None:
            return (literal,)
        with self._locks.of(host):
            found = self._known.get(host)
            if found is None:
                found = self._known[host] = _look_up(host, deadline)
        if isinstance(found, Unreachable):
            raise Unreachable(*found.args)
        return found

    def zones(self, host: str, deadline: float) -> frozenset[Zone]:
        """Return the zones of all addresses of a host.

        Raises:
            Unreachable: as ``addresses`` does.
        """
        return frozenset(zone_of(address) for address in self.addresses(host, deadline))


def _look_up(host: str, deadline: float) -> tuple[IPAddress, ...] | Unreachable:
    """Ask the system's resolver in a thread that is left behind when it takes too long."""
    seconds = min(MAX_LOOK_UP, deadline - time.monotonic())
    shown = printable(host, 100)
    answers: SimpleQueue[tuple[IPAddress, ...] | OSError | UnicodeError] = SimpleQueue()
    threading.Thread(target=_ask_system, args=(host, answers), daemon=True).start()
    try:
        answer = answers.get(timeout=max(seconds, 0.0))
    except Empty:
        reason = f"the name {shown!r} was not looked up within {seconds:.0f} s"
        return Unreachable(reason, "check the name servers of this machine", retryable=True)
    if isinstance(answer, tuple) and answer:
        return answer
    again = isinstance(answer, socket.gaierror) and answer.errno == socket.EAI_AGAIN
    reason = f"no address is known for the name {shown!r}"
    return Unreachable(
        reason, "check the name, and the name servers of this machine", retryable=again
    )


def _ask_system(
    host: str, answers: SimpleQueue[tuple[IPAddress, ...] | OSError | UnicodeError]
) -> None:
    try:
        rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        answers.put(error)
        return
    texts = dict.fromkeys(str(row[4][0]).partition("%")[0] for row in rows)
    answers.put(tuple(ipaddress.ip_address(text) for text in list(texts)[:MAX_ADDRESSES]))
