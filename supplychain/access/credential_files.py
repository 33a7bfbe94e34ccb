"""The files in which docker and podman keep what logs into registries.

The format is that of docker/cli v29.7 (cli/config/configfile/file.go, types/authconfig.go) and of
containers-auth.json(5). Secrets never appear in a message or a repr.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from supplychain.core.limits import MAX_CONFIG_FILE
from supplychain.core.reference import DEFAULT_REGISTRY
from supplychain.errors import ConfigError
from supplychain.formats import json
from supplychain.formats.text import MalformedError, printable

HUB_KEY = "https://index.docker.io/v1/"  # what `docker login` without a host writes
_HUB_NAMES = frozenset({DEFAULT_REGISTRY, "index.docker.io", "registry-1.docker.io"})
_HELPER = re.compile(r"[a-z0-9._-]+")
_API_PATHS = frozenset({"", "v1", "v2"})
TOKEN_USER = "<token>"  # noqa: S105 -- the user name with which a helper says that its secret is a token


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user name and password, or an identity token that is exchanged for others."""

    username: str
    password: str = field(default="", repr=False)
    identity_token: str | None = field(default=None, repr=False)

    @property
    def basic(self) -> str:
        """The value of an ``Authorization`` header, RFC 7617."""
        pair = f"{self.username}:{self.password}".encode(errors="replace")
        return f"Basic {base64.b64encode(pair).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialFile:
    """One file: logins by host and path prefix, helpers by host, the helper for all other hosts."""

    path: str
    logins: Mapping[tuple[str, str], Login]
    helpers: Mapping[str, str]
    store: str | None

    def login(self, host: str, repository: str) -> Login | None:
        """Return the login with the longest path prefix of the repository; the host's own last."""
        prefix = repository
        while True:
            login = self.logins.get((host, prefix))
            if login is not None or not prefix:
                return login
            prefix = prefix.rpartition("/")[0]


def canonical_host(key: str) -> str:
    """Return the host and port that a key of such a file, or a reference's registry, stands for.

    Docker Hub has several names; all become ``docker.io``.
    """
    return _split(key)[0]


def read_credential_file(path: str, data: bytes) -> CredentialFile:
    """Read a file's content; ``path`` is for messages.

    Raises:
        ConfigError: it is not of the format.
    """
    try:
        document = json.read(data, limit=MAX_CONFIG_FILE) if data.strip() else {}
    except MalformedError as error:
        place = path if error.line is None else f"{path}:{error.line}"
        raise _broken(place, error.reason) from None
    document = _mapping(path, document, "the file")
    logins: dict[tuple[str, str], Login] = {}
    for key, entry in _mapping(path, document.get("auths"), "auths").items():
        login = _login(path, key, _mapping(path, entry, f"auths of {printable(key)!r}"))
        if login is not None:
            logins.setdefault(_split(key), login)
    named = _mapping(path, document.get("credHelpers"), "credHelpers")
    store = document.get("credsStore")
    return CredentialFile(
        path=path,
        logins=logins,
        helpers={canonical_host(key): _helper(path, name) for key, name in named.items()},
        store=_helper(path, store) if store else None,
    )


def credential_paths(environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield where the files may lie, first choice first.

    ``$DOCKER_CONFIG`` replaces ``~/.docker``, as for docker; podman's places follow.
    """
    home = environment.get("HOME")
    if folder := environment.get("DOCKER_CONFIG"):
        yield Path(folder, "config.json")
    elif home:
        yield Path(home, ".docker", "config.json")
    if path := environment.get("REGISTRY_AUTH_FILE"):
        yield Path(path)
    if folder := environment.get("XDG_RUNTIME_DIR"):
        yield Path(folder, "containers", "auth.json")
    if folder := environment.get("XDG_CONFIG_HOME") or (home and f"{home}/.config"):
        yield Path(folder, "containers", "auth.json")


def _split(key: str) -> tuple[str, str]:
    """Split a key into host and path prefix; a URL's path and an API version are no prefix."""
    scheme, separator, rest = key.partition("://")
    host, _, path = (rest if separator else scheme).partition("/")
    path = path.strip("/")
    host = host.lower()
    if host in _HUB_NAMES:
        host = DEFAULT_REGISTRY
    return host, "" if separator or path in _API_PATHS else path


def _login(path: str, key: str, entry: Mapping[str, Any]) -> Login | None:
    texts = {name: value for name, value in entry.items() if isinstance(value, str) and value}
    username, password = texts.get("username", ""), texts.get("password", "")
    if "auth" in texts:
        username, password = _decoded(path, key, texts["auth"])
    token = texts.get("identitytoken")
    if not username and token is None:
        return None
    return Login(username=username, password=password, identity_token=token)


def _decoded(path: str, key: str, auth: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(auth.encode(), validate=True).decode()
    except (binascii.Error, UnicodeError):
        reason = f"the auth of {printable(key)!r} is not base64 of a user name and password"
        raise _broken(path, reason) from None
    username, colon, password = text.partition(":")
    if not colon or not username:
        raise _broken(path, f"the auth of {printable(key)!r} holds no user name and password")
    return username, password.strip("\0")


def _helper(path: str, name: object) -> str:
    if not isinstance(name, str) or not _HELPER.fullmatch(name):
        raise _broken(path, f"{printable(str(name), 50)!r} is not the name of a credential helper")
    return name


def _mapping(path: str, value: object, what: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _broken(path, f"{what} is no object")
    return value


def _broken(place: str, reason: str) -> ConfigError:
    return ConfigError(f"{place}: {reason}", "mend the file, or log in again with `docker login`")
