"""URLs that a registry or a user hands us: a strict reading, and the origin of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from supplychain.formats.text import printable

MAX_URL = 8192  # characters; presigned URLs of object stores have about 2,000
_AUTHORITY = re.compile(r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?")
_VISIBLE = re.compile(r"[!-~]+")  # ASCII without space and control characters
_PORTS = {"http": 80, "https": 443}
_MAX_PORT = 65535


class InvalidURLError(ValueError):
    """The text is no URL that we would ask; the message says why."""


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """Scheme, host and port: what a credential belongs to (RFC 6454)."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Self:
        """Return the origin of an http or https URL.

        Anything that two URL parsers might read differently is refused: a user name, a backslash,
        characters beyond visible ASCII.

        Raises:
            InvalidURLError: the scheme is another one, or the URL is not well formed.
        """
        if len(url) > MAX_URL or not _VISIBLE.fullmatch(url):
            message = "is longer than a URL may be or holds characters that no URL has"
            raise InvalidURLError(message)
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise InvalidURLError(str(error)) from None
        authority = _AUTHORITY.fullmatch(parts.netloc)
        if parts.scheme not in _PORTS:
            message = f"has the scheme {printable(parts.scheme, 20)!r}, not http or https"
            raise InvalidURLError(message)
        if authority is None:
            message = "names no plain host and port"
            raise InvalidURLError(message)
        port = int(authority["port"]) if authority["port"] else _PORTS[parts.scheme]
        if not 0 < port <= _MAX_PORT:
            message = f"has the port {port}"
            raise InvalidURLError(message)
        return cls(parts.scheme, authority["host"].lower(), port)

    @property
    def is_secure(self) -> bool:
        """Whether what travels is encrypted and the server authenticated."""
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """Host and port as in a URL, the scheme's own port left out."""
        return self.host if self.port == _PORTS[self.scheme] else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


def shown(url: str) -> str:
    """Return a URL for a message: no query, which may hold a signature, and nothing unprintable."""
    return printable(url.partition("?")[0], 100)
