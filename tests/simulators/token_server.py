"""A token server for a real registry: signed tokens as distribution v3 verifies them.

Tokens are JWTs by RS256 with the certificate in the ``x5c`` header; the registry is given the same
certificate as its ``rootcertbundle``. Repositories below ``public/`` may be pulled by anybody.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization

from tests.simulators.certificates import Identity
from tests.simulators.gatekeeper import basic

ISSUER = "simulator"
SERVICE = "registry"
LIFETIME = 300  # seconds


class TokenServer:
    """Gives tokens out while it is entered; ``log`` holds the scope of each one asked for."""

    def __init__(self, identity: Identity, user: str, password: str) -> None:
        self.log: list[str] = []
        self._identity = identity
        self._login = basic(user, password)
        self._user = user
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._server.answer = self.answer  # type: ignore[attr-defined]

    @property
    def realm(self) -> str:
        """The URL that the registry sends its clients to."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/token"

    @property
    def certificate_file(self) -> Path:
        """What the registry verifies tokens with."""
        return self._identity.certificate_file

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, target: str, authorization: str) -> tuple[int, bytes]:
        """Return status and body of the answer to a GET."""
        query = {key: values[-1] for key, values in parse_qs(urlsplit(target).query).items()}
        scope = query.get("scope", "")
        self.log.append(scope)
        if authorization and authorization != self._login:
            return 401, b"{}"
        actions = ["pull"] if authorization or scope.startswith("repository:public/") else []
        _, _, name = scope.rpartition(":")[0].partition(":")
        token = self.token(name, actions)
        return 200, json.dumps({"token": token, "expires_in": LIFETIME}).encode()

    def token(self, repository: str, actions: list[str]) -> str:
        """Return a token that allows actions on a repository."""
        now = int(time.time())
        certificate = self._identity.certificate.public_bytes(serialization.Encoding.DER)
        return jwt.encode(
            {
                "iss": ISSUER,
                "sub": self._user,
                "aud": SERVICE,
                "exp": now + LIFETIME,
                "nbf": now - 10,
                "iat": now,
                "jti": f"{now}",
                "access": [{"type": "repository", "name": repository, "actions": actions}],
            },
            self._identity.key,
            algorithm="RS256",
            headers={"x5c": [base64.b64encode(certificate).decode()]},
        )


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        authorization = self.headers.get("Authorization", "")
        status, body = self.server.answer(self.path, authorization)  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Print nothing: the server keeps a log of its own."""
