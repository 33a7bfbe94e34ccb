"""Addresses in lock files: scheme, host, and which package and version a path names."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

MAX_URL = 2_048  # characters; the longest in a real lock has about 300
_DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A URL taken apart; ``path`` is decoded and has no ``..`` left."""

    scheme: str
    host: str
    path: str
    has_user: bool


def read_address(url: str) -> Address | None:
    """Return the parts of a URL, ``None`` where two programs could read it differently.

    Backslashes, spaces and control characters make some parsers see another host.
    """
    odd = any(sign <= " " or sign in "\\\x7f" for sign in url)
    if odd or len(url) > MAX_URL or "://" not in url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError:
        return None
    if not host:
        return None
    if port is not None and port != _DEFAULT_PORTS.get(parts.scheme.lower()):
        host = f"{host}:{port}"
    decoded = unquote(parts.path)
    return Address(
        scheme=parts.scheme.lower(),
        host=host,
        path=posixpath.normpath(decoded) if decoded else "/",
        has_user="@" in parts.netloc,
    )


def npm_names(address: Address, package: str) -> bool:
    """Say whether a registry's path names an npm package: ``/NAME/-/FILE``, behind any prefix."""
    before, sign, _ = address.path.partition("/-/")
    if not sign:
        return f"/{package}/" in f"{address.path}/"
    if not before.endswith(f"/{package}"):
        return False
    above = before[: -len(package) - 1].rpartition("/")[2]
    return not above.startswith("@")


def npm_has_version(address: Address, package: str, version: str) -> bool:
    """Say whether the file of a registry's path is that of a version: ``NAME-VERSION.tgz``."""
    if "/-/" not in address.path:
        return True
    plain = version.partition("+")[0]
    name = package.rpartition("/")[2]
    filename = address.path.rpartition("/")[2]
    return filename in {f"{name}-{one}.tgz" for one in (version, plain)}


def python_file(filename: str) -> tuple[str, Version] | None:
    """Return the normalised name and version that a wheel or source archive is named for."""
    try:
        if filename.endswith(".whl"):
            name, version, _, _ = parse_wheel_filename(filename)
        else:
            name, version = parse_sdist_filename(_as_sdist(filename))
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None
    return name, version


def is_native(filename: str) -> bool:
    """Say whether a wheel holds code for one platform (``packaging.utils``: platform not any)."""
    try:
        _, _, _, tags = parse_wheel_filename(filename)
    except (InvalidWheelFilename, InvalidVersion):
        return False
    return any(tag.platform != "any" for tag in tags)


def same_version(one: str, other: Version) -> bool:
    """Say whether a written version equals another, a local part left out of neither."""
    try:
        return Version(one) == other
    except InvalidVersion:
        return False


def normal_name(name: str) -> str:
    """Return a Python package name as PEP 503 normalises it."""
    return canonicalize_name(name)


def _as_sdist(filename: str) -> str:
    for ending in (".tar.bz2", ".tar.xz", ".tgz", ".tar.Z"):
        if filename.endswith(ending):
            return filename.removesuffix(ending) + ".tar.gz"
    return filename
