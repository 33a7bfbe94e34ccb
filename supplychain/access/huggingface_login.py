"""Which hub is asked, and the token it is given.

Rules of huggingface_hub 2.4.0: ``constants.py`` (HF_ENDPOINT, HF_HOME, HF_TOKEN_PATH) and
``utils/_auth.py`` (``get_token``). The token belongs to the hub that is asked, to no other server.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from supplychain.access.addresses import is_loopback
from supplychain.access.files import TooLargeError, UnreadableError, read_bounded
from supplychain.access.urls import InvalidURLError, Origin
from supplychain.errors import ConfigError
from supplychain.formats.text import printable

HUB = "https://huggingface.co"
MAX_TOKEN = 4096  # bytes; user tokens have 37 characters
_VISIBLE = re.compile(r"[!-~]+")
_TRUE = frozenset({"1", "on", "yes", "true"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """A hub: the address that its paths are appended to, its origin, and our token for it."""

    base: str
    origin: Origin
    token: str | None = field(default=None, repr=False)


def hub_of(endpoint: str | None, environment: Mapping[str, str]) -> Hub:
    """Return the hub to ask: ``endpoint``, else ``$HF_ENDPOINT``, else Hugging Face's own.

    Over plain http the token is sent to this machine only.

    Raises:
        ConfigError: the address is none, or the token cannot be a token.
    """
    chosen = endpoint or environment.get("HF_ENDPOINT") or HUB
    base = chosen.rstrip("/")
    try:
        origin = Origin.of(base)
    except InvalidURLError as error:
        message = f"the hub's address {printable(chosen)!r} {error}"
        raise ConfigError(message, "write it as https://HOST, with --endpoint") from None
    if "?" in base or "#" in base:
        message = f"the hub's address {printable(chosen)!r} has a query"
        raise ConfigError(message, "write it as https://HOST, with --endpoint")
    is_private = origin.is_secure or is_loopback(origin.host)
    return Hub(base=base, origin=origin, token=_token(environment) if is_private else None)


def _token(environment: Mapping[str, str]) -> str | None:
    if environment.get("HF_HUB_DISABLE_IMPLICIT_TOKEN", "").lower() in _TRUE:
        return None
    for variable in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        text = environment.get(variable, "").strip()
        if text:
            return _checked(text, f"the token in {variable}")
    path = _token_path(environment)
    if path is None:
        return None
    try:
        data = read_bounded(path, MAX_TOKEN)
    except UnreadableError:
        return None
    except TooLargeError:
        message = f"the token in {str(path)!r} has more than {MAX_TOKEN} bytes"
        raise ConfigError(message, "log in again with `hf auth login`") from None
    text = data.decode("ascii", "replace").strip()
    return _checked(text, f"the token in {str(path)!r}") if text else None


def _token_path(environment: Mapping[str, str]) -> Path | None:
    if path := environment.get("HF_TOKEN_PATH"):
        return Path(path).expanduser()
    if home := environment.get("HF_HOME"):
        return Path(home).expanduser() / "token"
    if cache := environment.get("XDG_CACHE_HOME"):
        return Path(cache).expanduser() / "huggingface" / "token"
    if user := environment.get("HOME"):
        return Path(user) / ".cache" / "huggingface" / "token"
    return None


def _checked(text: str, what: str) -> str:
    """Return a token that may stand in a header; the message never holds it."""
    if not _VISIBLE.fullmatch(text):
        message = f"{what} holds characters that no token has"
        raise ConfigError(message, "log in again with `hf auth login`")
    return text
