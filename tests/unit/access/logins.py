"""Logins as tests expect them."""

from __future__ import annotations

from supplychain.access.credential_files import Login


def login(username: str, secret: str = "", identity: str | None = None) -> Login:
    """Return a login by user name and password, or by identity token."""
    return Login(username=username, password=secret, identity_token=identity)
