"""Environment markers and Python ranges compared by what they mean, on samples.

uv writes markers anew (``python_version < "3.12"`` becomes ``python_full_version < '3.12'``) and
leaves out what ``requires-python`` implies. Two markers are one where they agree in every sampled
environment that the lock was made for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from supplychain.lockfiles.python_requirement import is_too_deep

MAX_MARKER = 4_096  # characters; the longest in a real lock has about 400

_MINORS = range(30)
_SYSTEMS = (
    ("posix", "linux", "Linux", "x86_64"),
    ("posix", "linux", "Linux", "aarch64"),
    ("posix", "darwin", "Darwin", "arm64"),
    ("nt", "win32", "Windows", "AMD64"),
    ("posix", "freebsd14", "FreeBSD", "amd64"),
)
_LITERAL = re.compile(r"""['"]([^'"]*)['"]""")
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+){0,3}")


class Markers:
    """Compares the markers of one lock, over the Pythons that it was made for."""

    def __init__(self, requires_python: str | None) -> None:
        try:
            self._pythons = SpecifierSet(requires_python or "")
        except InvalidSpecifier:
            self._pythons = SpecifierSet()

    def same(self, one: str, other: str) -> bool:
        """Say whether two markers hold in the same environments; an empty one always holds."""
        if one == other:
            return True
        return _verdicts(one, one + other, self._pythons) == _verdicts(
            other, one + other, self._pythons
        )


def same_pythons(one: SpecifierSet, other: SpecifierSet) -> bool:
    """Say whether two specifiers allow the same versions of Python."""
    bounds = [part.version.removesuffix(".*") for part in (*one, *other)]
    samples = {
        *(f"{major}.{minor}" for major in (2, 3, 4) for minor in _MINORS),
        *(f"{major}.{minor}.{patch}" for major in (3,) for minor in _MINORS for patch in (1, 99)),
        *bounds,
    }
    for bound in bounds:
        parts = bound.split(".")
        if len(parts) > 2 and parts[2].isdecimal():  # noqa: PLR2004 -- a patch release
            patch = int(parts[2][:6])
            samples |= {f"{parts[0]}.{parts[1]}.{near}" for near in (patch + 1, max(patch - 1, 0))}
    return all(_allows(one, sample) == _allows(other, sample) for sample in samples)


def _allows(specifier: SpecifierSet, version: str) -> bool:
    try:
        return specifier.contains(version, prereleases=True)
    except InvalidVersion:
        return False


@lru_cache(maxsize=4_096)
def _verdicts(text: str, both: str, pythons: SpecifierSet) -> tuple[object, ...]:
    if not text:
        return tuple(True for _ in _environments(both, pythons))
    try:
        if is_too_deep(text):
            return (text,)
        marker = Marker(text[:MAX_MARKER])
        return tuple(marker.evaluate(one) for one in _environments(both, pythons))
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName, InvalidVersion):
        return (text,)


def _environments(both: str, pythons: SpecifierSet) -> Iterator[dict[str, str]]:
    """Yield environments in which two markers may differ: every value that either names."""
    literals = sorted(set(_LITERAL.findall(both[: 2 * MAX_MARKER])))
    versions = {f"3.{minor}.{patch}" for minor in range(6, 20) for patch in (0, 5)}
    versions |= {one for one in literals if _VERSION.fullmatch(one)}
    kept = [one for one in sorted(versions) if _allows(pythons, one)] or ["3.11.0"]
    words = [one for one in literals if not _VERSION.fullmatch(one)][:8]
    for version in kept[:64]:
        release = Version(version).release
        short = f"{release[0]}.{release[1] if len(release) > 1 else 0}"
        for name, platform, system, machine in _SYSTEMS:
            yield {
                "python_version": short,
                "python_full_version": version,
                "os_name": name,
                "sys_platform": platform,
                "platform_system": system,
                "platform_machine": machine,
                "implementation_name": "cpython",
                "platform_python_implementation": "CPython",
                "extra": "",
            }
    for word in words:
        yield {
            "python_version": "3.12",
            "python_full_version": "3.12.0",
            "os_name": word,
            "sys_platform": word,
            "platform_system": word,
            "platform_machine": word,
            "implementation_name": word,
            "platform_python_implementation": word,
            "extra": "",
        }
