"""How a simulated registry asks for logins: not at all, by password, or by token."""

from __future__ import annotations

import base64
import json
import threading
import time
from dataclasses import dataclass
from typing import Literal

from tests.simulators.protocol import Asked, Reply, refusal

Scheme = Literal["open", "basic", "bearer"]
SERVICE = "simulator"


@dataclass(frozen=True, kw_only=True)
class Door:
    """Who is let in.

    Without ``user`` a token is given to anybody. ``identity_token`` can be exchanged for a token by
    OAuth2 refresh; ``lifetime`` is in seconds, ``realm`` replaces the registry's own token server
    and ``answer`` whatever that one would answer.
    """

    scheme: Scheme = "open"
    user: str = ""
    password: str = ""
    identity_token: str = ""
    lifetime: int | None = 300
    realm: str | None = None
    answer: bytes | None = None


class Gatekeeper:
    """Judges authorizations and gives tokens out."""

    def __init__(self, door: Door, realm: str) -> None:
        self._door = door
        self._realm = door.realm or realm
        self._guard = threading.Lock()
        self._tokens: dict[str, tuple[str, float]] = {}

    def challenge(self, asked: Asked) -> Reply | None:
        """Return the refusal of a request, or ``None`` when it may pass."""
        door = self._door
        if door.scheme == "open":
            return None
        if door.scheme == "basic":
            if asked.authorization == basic(door.user, door.password):
                return None
            return _unauthorized('Basic realm="simulator"')
        scope = f"repository:{asked.repository}:pull"
        given = self._tokens.get(asked.authorization.removeprefix("Bearer "))
        if given and given[0] == scope and given[1] > time.monotonic():
            return None
        error = ',error="invalid_token"' if asked.authorization else ""
        where = f'realm="{self._realm}",service="{SERVICE}",scope="{scope}"'
        return _unauthorized(f"Bearer {where}{error}")

    def token(self, asked: Asked) -> Reply:
        """Return a token, or the refusal of one, as the token specification of distribution has it.

        The GET carries a password, the POST an identity token.
        """
        door = self._door
        if door.answer is not None:
            return Reply(headers={"Content-Type": "application/json"}, body=door.answer)
        fields = asked.form if asked.method == "POST" else asked.query
        if asked.method == "POST":
            granted = bool(door.identity_token) and fields == {
                "grant_type": "refresh_token",
                "service": SERVICE,
                "scope": fields.get("scope", ""),
                "client_id": fields.get("client_id", ""),
                "refresh_token": door.identity_token,
            }
        else:
            login = basic(door.user, door.password) if door.user else ""
            granted = asked.authorization == login
        if not granted or fields.get("service") != SERVICE:
            return refusal(401, "UNAUTHORIZED", "no")
        return self._given(fields["scope"], "access_token" if asked.method == "POST" else "token")

    def _given(self, scope: str, name: str) -> Reply:
        lifetime = self._door.lifetime
        with self._guard:
            token = f"token-{len(self._tokens) + 1}"
            self._tokens[token] = (scope, time.monotonic() + (lifetime or 60))
        told = {name: token} if lifetime is None else {name: token, "expires_in": lifetime}
        body = json.dumps(told).encode()
        return Reply(headers={"Content-Type": "application/json"}, body=body)


def basic(user: str, password: str) -> str:
    """Return the Authorization value of a user name and password."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _unauthorized(challenge: str) -> Reply:
    return refusal(401, "UNAUTHORIZED", "log in").with_headers(www_authenticate=challenge)
