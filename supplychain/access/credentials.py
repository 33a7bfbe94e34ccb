"""Finding the login for a registry: files first named first, credential helpers asked when needed.

Helpers are programs of the user's own that speak the protocol of docker-credential-helpers v0.9:
``docker-credential-NAME get``, the server on its input, a JSON object on its output.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from supplychain.access import process
from supplychain.access.credential_files import (
    HUB_KEY,
    TOKEN_USER,
    CredentialFile,
    Login,
    canonical_host,
    credential_paths,
    read_credential_file,
)
from supplychain.access.failures import Unreachable
from supplychain.access.locks import KeyedLocks
from supplychain.core.limits import MAX_CONFIG_FILE
from supplychain.core.reference import DEFAULT_REGISTRY
from supplychain.errors import ConfigError
from supplychain.formats import json
from supplychain.formats.text import MalformedError

HELPER_SECONDS = 10.0  # a helper may ask a key ring or a cloud, never a person
MAX_HELPER_OUTPUT = 65536  # bytes; tokens of cloud registries have about 3,000
_NOT_FOUND = b"credentials not found in native keychain"  # docker-credential-helpers, error.go


class Credentials:
    """The logins of one run; may be used from any thread."""

    def __init__(self, files: Sequence[CredentialFile] = ()) -> None:
        self._files = tuple(files)
        self._told: dict[tuple[str, str], Login | None] = {}
        self._locks = KeyedLocks[tuple[str, str]]()

    @classmethod
    def load(cls, environment: Mapping[str, str]) -> Self:
        """Read all files that ``environment`` leads to; those that do not exist are skipped.

        ``$DOCKER_AUTH_CONFIG`` may hold a file's content itself, as docker and GitLab have it.

        Raises:
            ConfigError: a file cannot be read or is not of the format.
        """
        files = []
        if content := environment.get("DOCKER_AUTH_CONFIG"):
            files.append(read_credential_file("$DOCKER_AUTH_CONFIG", content.encode()))
        for path in dict.fromkeys(credential_paths(environment)):
            data = _content(path)
            if data is not None:
                files.append(read_credential_file(str(path), data))
        return cls(files)

    def find(self, registry: str, repository: str) -> Login | None:
        """Return the login for a repository, ``None`` where nothing is stored.

        Raises:
            Unreachable: a credential helper failed.
        """
        host = canonical_host(registry)
        for file in self._files:
            helper = file.helpers.get(host, file.store)
            login = self._ask_once(helper, host) if helper else None
            login = login or file.login(host, repository)
            if login is not None:
                return login
        return None

    def _ask_once(self, helper: str, host: str) -> Login | None:
        key = (helper, host)
        with self._locks.of(key):
            if key not in self._told:
                self._told[key] = _ask_helper(helper, host)
            return self._told[key]


def _content(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_CONFIG_FILE + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        message = f"{path}: cannot be read: {(error.strerror or 'unknown').lower()}"
        raise ConfigError(message, "let this user read the file, or unset what names it") from None
    return data


def _ask_helper(helper: str, host: str) -> Login | None:
    """Ask a helper for a host's login.

    Raises:
        Unreachable: it cannot be run, fails, or answers something else.
    """
    program = f"docker-credential-{helper}"
    server = HUB_KEY if host == DEFAULT_REGISTRY else host
    finished = process.run(
        (program, "get"), server.encode(), seconds=HELPER_SECONDS, limit=MAX_HELPER_OUTPUT
    )
    if finished.code != 0:
        if finished.output.strip() == _NOT_FOUND:
            return None
        reason = f"{program!r} failed with exit code {finished.code} for {host!r}"
        raise Unreachable(reason, f"run `docker login {host}`")
    try:
        answer = json.read(finished.output, limit=MAX_HELPER_OUTPUT)
    except MalformedError:
        answer = None
    username = answer.get("Username") if isinstance(answer, dict) else None
    secret = answer.get("Secret") if isinstance(answer, dict) else None
    if not isinstance(username, str) or not isinstance(secret, str):
        reason = f"{program!r} answered with no user name and secret for {host!r}"
        raise Unreachable(reason, f"run `docker login {host}`")
    if not username and not secret:
        return None
    if username == TOKEN_USER:
        return Login(username="", identity_token=secret)
    return Login(username=username, password=secret)
