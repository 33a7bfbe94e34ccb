"""Which server is asked for a registry's images, over which scheme, with whose login."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from supplychain.access.addresses import is_loopback
from supplychain.access.failures import Hostile
from supplychain.access.urls import InvalidURLError, Origin
from supplychain.core.reference import DEFAULT_REGISTRY
from supplychain.errors import ConfigError

HUB = "https://registry-1.docker.io"  # where Docker Hub speaks the registry protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a registry's requests go.

    ``login`` is the host whose stored login is used: a mirror gets its own, never its upstream's.
    """

    origin: Origin
    login: str

    @property
    def base(self) -> str:
        """Scheme and authority of every URL."""
        return str(self.origin)


def may_be_plain(origin: Origin, insecure: frozenset[str]) -> bool:
    """Say whether plain http to a host is allowed: it is this machine, or it is listed."""
    spellings = {origin.authority, f"{origin.host}:{origin.port}"}
    return is_loopback(origin.host) or any(entry.lower() in spellings for entry in insecure)


def endpoint_of(registry: str, *, mirrors: Mapping[str, str], insecure: frozenset[str]) -> Endpoint:
    """Return the endpoint of a registry as references name it.

    ``insecure`` lists hosts, with their port where it is not the scheme's own; ``mirrors`` maps
    registries to ``http://host:port`` or ``https://host`` that is asked instead.

    Raises:
        Hostile: the registry has a port that none has; the reference's author wrote it.
        ConfigError: as ``mirror_endpoint`` does.
    """
    mirror = mirrors.get(registry)
    if mirror is not None:
        return mirror_endpoint(registry, mirror, insecure)
    if registry == DEFAULT_REGISTRY:
        return Endpoint(origin=Origin.of(HUB), login=DEFAULT_REGISTRY)
    try:
        plain = Origin.of(f"http://{registry}")
        origin = plain if may_be_plain(plain, insecure) else Origin.of(f"https://{registry}")
    except InvalidURLError as error:
        reason = f"the registry {registry!r} {error}"
        raise Hostile(reason) from None
    return Endpoint(origin=origin, login=registry)


def mirror_endpoint(registry: str, mirror: str, insecure: frozenset[str]) -> Endpoint:
    """Return the endpoint that a mirror stands for.

    Raises:
        ConfigError: it is more or less than scheme and host, or plain http to a host that is
            neither this machine nor listed.
    """
    hint = "write a mirror as https://HOST or http://HOST:PORT, without a path"
    try:
        origin = Origin.of(mirror)
    except InvalidURLError as error:
        message = f"the mirror {mirror!r} of {registry!r} {error}"
        raise ConfigError(message, hint) from None
    if mirror.rstrip("/").lower() not in {
        str(origin),
        f"{origin.scheme}://{origin.host}:{origin.port}",
    }:
        message = f"the mirror {mirror!r} of {registry!r} is more than a host"
        raise ConfigError(message, hint)
    if not origin.is_secure and not may_be_plain(origin, insecure):
        message = f"the mirror {mirror!r} of {registry!r} is plain http"
        raise ConfigError(message, f"use https, or list {origin.authority!r} as insecure")
    return Endpoint(origin=origin, login=origin.authority)
