"""Waivers: somebody accepts a finding or a gap, for a reason, until a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fnmatch import fnmatchcase

from supplychain.core.evidence import Gap
from supplychain.core.finding import Finding, PropertyValue
from supplychain.core.subject import Subject

LIST_SEPARATOR = ", "  # between the aliases and the paths in a finding's properties

Properties = Mapping[str, PropertyValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class VulnerabilityScope:
    """Which findings about a vulnerability a waiver means; what is ``None`` matches all.

    ``vulnerability`` is its id or an alias; ``package`` a package's name, or its purl without
    version and qualifiers; ``version`` the installed version; ``path`` a shell pattern that all
    places of the package in the image must match; ``image`` a shell pattern over the subject's
    ref, or its digest.
    """

    vulnerability: str
    package: str | None = None
    version: str | None = None
    path: str | None = None
    image: str | None = None

    def covers(self, finding: Finding, subject: Subject | None) -> bool:
        """Say whether the finding is about this vulnerability, and all of it lies in the scope."""
        properties = finding.properties
        return (
            self.vulnerability in _names(properties)
            and self.package in (None, properties.get("package"), _plain_purl(properties))
            and self.version in (None, properties.get("installed"))
            and (self.path is None or _all_match(properties, self.path))
            and (self.image is None or _is_image(subject, self.image))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """An accepted finding or gap.

    ``check`` is a check's id or name, a gap's id, or a fingerprint, and may be ``None`` where a
    ``scope`` names a vulnerability; ``subject`` a shell pattern over the subject's ref; the waiver
    counts up to and including the day ``expires`` (UTC).
    """

    check: str | None
    subject: str
    reason: str
    owner: str
    expires: date
    scope: VulnerabilityScope | None = None

    def is_current(self, now: datetime) -> bool:
        """Say whether the waiver still counts."""
        return now.date() <= self.expires

    def covers(self, item: Finding | Gap, subject: Subject | None) -> bool:
        """Say whether the waiver names this finding or gap on this subject."""
        names = {item.id}
        if isinstance(item, Finding):
            names |= {item.name, item.fingerprint}
        if self.scope is not None:
            in_scope = isinstance(item, Finding) and self.scope.covers(item, subject)
            named = self.check is None or self.check in names
        else:
            in_scope, named = True, self.check in names
        return in_scope and named and fnmatchcase(subject.ref if subject else "", self.subject)


def current_waiver(
    waivers: tuple[Waiver, ...], item: Finding | Gap, subject: Subject | None, now: datetime
) -> Waiver | None:
    """Return the waiver that covers ``item`` now, if one does."""
    for waiver in waivers:
        if waiver.is_current(now) and waiver.covers(item, subject):
            return waiver
    return None


def _names(properties: Properties) -> set[str]:
    """Return the id and the aliases of the vulnerability that a finding is about."""
    return {str(properties.get("vulnerability") or ""), *_listed(properties, "aliases")} - {""}


def _plain_purl(properties: Properties) -> str | None:
    purl = properties.get("purl")
    if not isinstance(purl, str):
        return None
    plain = purl.partition("?")[0].partition("#")[0]
    return plain.rpartition("@")[0] or plain


def _all_match(properties: Properties, pattern: str) -> bool:
    paths = _listed(properties, "paths")
    return bool(paths) and all(fnmatchcase(path, pattern) for path in paths)


def _is_image(subject: Subject | None, image: str) -> bool:
    if subject is None:
        return False
    return image == str(subject.digest) or fnmatchcase(subject.ref, image)


def _listed(properties: Properties, name: str) -> list[str]:
    value = properties.get(name)
    return value.split(LIST_SEPARATOR) if isinstance(value, str) and value else []
