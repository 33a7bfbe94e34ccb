"""Answering a registry's challenge: bearer tokens and basic authentication.

Sources: distribution v3.1 docs, "Token Authentication" and "OAuth2 Token Authentication"; where the
realm may lie is decided as go-containerregistry v0.22.1 does (transport/bearer.go), and stricter
for names that resolve into this machine's own network.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlencode

from supplychain.access.addresses import Zone, is_loopback, literal_address, zone_of
from supplychain.access.challenges import Challenge, read_challenges
from supplychain.access.credential_files import Login
from supplychain.access.credentials import Credentials
from supplychain.access.endpoints import Endpoint, may_be_plain
from supplychain.access.failures import Hostile, Unreachable
from supplychain.access.http import RETRIED, Answer, HttpClient, Request
from supplychain.access.locks import KeyedLocks
from supplychain.access.urls import InvalidURLError, Origin, shown
from supplychain.formats import json
from supplychain.formats.text import MalformedError, printable

MAX_TOKEN_ANSWER = 65536  # bytes; as go-containerregistry v0.22.1, maxTokenBodySize
MAX_TOKEN = 16384  # characters; half of what common servers accept as headers
DEFAULT_LIFETIME = 60  # seconds a token lives when its server does not say
MAX_LIFETIME = 3600  # seconds after which a token is asked for again in any case
_EARLY = 10  # seconds before its end at which a token is no longer used
_CLIENT_ID = "supplychain"
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750 §2.1, b64token
_PULL_SCOPE = re.compile(r"repository:[a-z0-9._/-]{1,255}:pull")


@dataclass(frozen=True, slots=True)
class _Authorization:
    header: str = field(repr=False)
    until: float  # on the monotonic clock


class Authenticator:
    """Keeps one authorization a registry and repository; may be used from any thread."""

    def __init__(
        self, http: HttpClient, credentials: Credentials, insecure: frozenset[str]
    ) -> None:
        self._http = http
        self._credentials = credentials
        self._insecure = insecure
        self._known: dict[tuple[str, str], _Authorization] = {}
        self._locks = KeyedLocks[tuple[str, str]]()

    def known(self, endpoint: Endpoint, repository: str) -> str | None:
        """Return the ``Authorization`` value to send at once, if one is still good."""
        found = self._known.get((endpoint.base, repository))
        return found.header if found and found.until > time.monotonic() else None

    def renew(
        self,
        endpoint: Endpoint,
        repository: str,
        refusal: Answer,
        refused: str | None,
        deadline: float,
    ) -> str:
        """Return a new ``Authorization`` value after the registry's own 401.

        ``refused`` is the value that was sent with the refused request. Threads that are refused
        at the same time share one new value.

        Raises:
            Unreachable: no login is stored, it is refused, or the token server does not answer.
            Hostile: the realm lies where a registry must not send us.
        """
        key = (endpoint.base, repository)
        with self._locks.of(key):
            known = self.known(endpoint, repository)
            if known is not None and known != refused:
                return known
            challenge = _chosen_challenge(refusal, endpoint)
            login = self._credentials.find(endpoint.login, repository)
            if challenge.scheme == "basic":
                fresh = _basic(login, refused, endpoint)
            else:
                fresh = self._bearer(endpoint, repository, challenge, login, deadline)
            self._known[key] = fresh
            return fresh.header

    def _bearer(
        self,
        endpoint: Endpoint,
        repository: str,
        challenge: Challenge,
        login: Login | None,
        deadline: float,
    ) -> _Authorization:
        realm = challenge.parameters.get("realm", "")
        origin = self._permitted_realm(endpoint, realm)
        zones = self._http.zones_open_to(endpoint.origin, origin, deadline)
        fields = [("scope", _scope(challenge, repository))]
        if service := challenge.parameters.get("service"):
            fields.insert(0, ("service", service))
        if login is not None and login.identity_token is not None:
            request = _refresh_request(realm, fields, login.identity_token, zones, deadline)
        else:
            request = _token_request(realm, fields, login, zones, deadline)
        return _read_token(self._http.exchange(request), origin, endpoint, login)

    def _permitted_realm(self, endpoint: Endpoint, realm: str) -> Origin:
        """Return the origin of a realm that a registry may send credentials to.

        Raises:
            Hostile: it is none.
        """
        own = endpoint.origin
        try:
            origin = Origin.of(realm)
        except InvalidURLError as error:
            reason = f"{own.authority} names the credentials realm {shown(realm)!r}, which {error}"
            raise Hostile(reason) from None
        is_own_host = origin.host == own.host
        if not origin.is_secure and (
            own.is_secure or not (is_own_host or may_be_plain(origin, self._insecure))
        ):
            reason = f"{own.authority} wants credentials sent over plain http to {origin.authority}"
            raise Hostile(reason)
        address = literal_address(origin.host)
        is_local = is_loopback(origin.host) and is_loopback(own.host)
        if address and zone_of(address) is not Zone.PUBLIC and not (is_own_host or is_local):
            where = zone_of(address).value
            reason = f"{own.authority} wants credentials sent to {origin.authority}, {where}"
            raise Hostile(reason)
        return origin


def _chosen_challenge(refusal: Answer, endpoint: Endpoint) -> Challenge:
    """Return the bearer challenge of a 401, else the basic one.

    Raises:
        Unreachable: there is neither.
    """
    host = endpoint.origin.authority
    try:
        challenges = read_challenges(refusal.headers.get("WWW-Authenticate", ""))
    except MalformedError as error:
        reason = f"{host} asks for a login in a way that cannot be read: it {error}"
        raise Unreachable(reason) from None
    offered = {challenge.scheme: challenge for challenge in reversed(challenges)}
    chosen = offered.get("bearer") or offered.get("basic")
    if chosen is None:
        names = printable(", ".join(sorted(offered)) or "nothing", 100)
        reason = f"{host} asks for a login but offers {names}, neither bearer nor basic"
        raise Unreachable(reason)
    return chosen


def _basic(login: Login | None, refused: str | None, endpoint: Endpoint) -> _Authorization:
    if login is None or not login.username:
        reason = f"{endpoint.login} asks for a user name and password, and none are stored"
        raise Unreachable(reason, _log_in(endpoint))
    if login.basic == refused:
        reason = f"{endpoint.login} refuses the stored user name and password"
        raise Unreachable(reason, _log_in(endpoint))
    return _Authorization(login.basic, float("inf"))


def _scope(challenge: Challenge, repository: str) -> str:
    """Return the scope to ask for: never more than pulling, whatever the registry wishes."""
    wished = challenge.parameters.get("scope", "")
    return wished if _PULL_SCOPE.fullmatch(wished) else f"repository:{repository}:pull"


def _token_request(
    realm: str,
    fields: list[tuple[str, str]],
    login: Login | None,
    zones: frozenset[Zone],
    deadline: float,
) -> Request:
    account = [("account", login.username)] if login else []
    query = urlencode([*fields, *account], errors="replace")
    bare = realm.partition("#")[0]
    return Request(
        url=f"{bare}{'&' if '?' in bare else '?'}{query}",
        authorization=login.basic if login else None,
        zones=zones,
        limit=MAX_TOKEN_ANSWER,
        deadline=deadline,
    )


def _refresh_request(
    realm: str,
    fields: list[tuple[str, str]],
    identity_token: str,
    zones: frozenset[Zone],
    deadline: float,
) -> Request:
    own = [("grant_type", "refresh_token"), ("client_id", _CLIENT_ID)]
    form = urlencode([*fields, *own, ("refresh_token", identity_token)], errors="replace")
    return Request(
        method="POST",
        url=realm.partition("#")[0],
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        form=form.encode(),
        zones=zones,
        limit=MAX_TOKEN_ANSWER,
        deadline=deadline,
    )


def _read_token(
    answer: Answer, origin: Origin, endpoint: Endpoint, login: Login | None
) -> _Authorization:
    """Read what a token server answered.

    Raises:
        Unreachable: it is no token.
    """
    server = f"the token server {origin.authority}"
    if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        what = "the stored login" if login else "to give a token without a login"
        reason = f"{server} of {endpoint.login} refuses {what}"
        raise Unreachable(reason, _log_in(endpoint))
    if answer.status != HTTPStatus.OK:
        reason = f"{server} answered {answer.status}"
        raise Unreachable(reason, retryable=answer.status in RETRIED)
    try:
        document = json.read(answer.body, limit=MAX_TOKEN_ANSWER)
    except MalformedError:
        document = None
    fields = document if isinstance(document, dict) else {}
    token = fields.get("token") or fields.get("access_token")
    if not isinstance(token, str) or len(token) > MAX_TOKEN or not _TOKEN.fullmatch(token):
        reason = f"{server} answered with no token"
        raise Unreachable(reason, "check for a proxy or a login page")
    lifetime = fields.get("expires_in")
    seconds = lifetime if type(lifetime) is int else DEFAULT_LIFETIME
    seconds = max(min(seconds, MAX_LIFETIME) - _EARLY, 0)
    return _Authorization(f"Bearer {token}", time.monotonic() + seconds)


def _log_in(endpoint: Endpoint) -> str:
    return f"run `docker login {endpoint.login}`"
