"""Waivers of vulnerabilities; those of checks and gaps are tested with ``decide``."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from supplychain.core.digest import Digest
from supplychain.core.finding import Finding, PropertyValue, Severity
from supplychain.core.subject import Subject, SubjectKind
from supplychain.core.waiver import VulnerabilityScope, Waiver
from tests.unit.core.samples import finding, gap

IMAGE = Subject(kind=SubjectKind.IMAGE, ref="ghcr.io/acme/api:2", digest=Digest.of(b"image"))
PROPERTIES: dict[str, PropertyValue] = {
    "vulnerability": "CVE-2026-1",
    "aliases": "GHSA-a, GHSA-b",
    "package": "openssl",
    "installed": "3.0.1",
    "purl": "pkg:deb/debian/openssl@3.0.1?arch=amd64#x",
    "paths": "usr/lib/a, usr/lib/b",
}


def found(**properties: PropertyValue) -> Finding:
    made = finding(Severity.CRITICAL, check="VUL001", subject=IMAGE)
    return replace(made, properties={**PROPERTIES, **properties})


def accepted(scope: VulnerabilityScope, check: str | None = None) -> Waiver:
    return Waiver(
        check=check,
        subject="*",
        reason="r",
        owner="o",
        expires=date(2026, 12, 31),
        scope=scope,
    )


@pytest.mark.parametrize(
    ("scope", "covers"),
    [
        (VulnerabilityScope(vulnerability="CVE-2026-1"), True),
        (VulnerabilityScope(vulnerability="GHSA-b"), True),
        (VulnerabilityScope(vulnerability="CVE-2026-2"), False),
        (VulnerabilityScope(vulnerability=""), False),
        (VulnerabilityScope(vulnerability="CVE-2026-1", package="openssl"), True),
        (VulnerabilityScope(vulnerability="CVE-2026-1", package="pkg:deb/debian/openssl"), True),
        (VulnerabilityScope(vulnerability="CVE-2026-1", package="libssl"), False),
        (VulnerabilityScope(vulnerability="CVE-2026-1", version="3.0.1"), True),
        (VulnerabilityScope(vulnerability="CVE-2026-1", version="3.0.2"), False),
        (VulnerabilityScope(vulnerability="CVE-2026-1", path="usr/lib/*"), True),
        (VulnerabilityScope(vulnerability="CVE-2026-1", path="usr/lib/a"), False),
        (VulnerabilityScope(vulnerability="CVE-2026-1", image="ghcr.io/acme/*"), True),
        (VulnerabilityScope(vulnerability="CVE-2026-1", image=str(IMAGE.digest)), True),
        (VulnerabilityScope(vulnerability="CVE-2026-1", image="ghcr.io/other/*"), False),
    ],
)
def test_covers_a_finding_that_lies_wholly_in_its_scope(
    scope: VulnerabilityScope, *, covers: bool
) -> None:
    assert accepted(scope).covers(found(), IMAGE) is covers


def test_covers_no_finding_whose_places_are_not_known() -> None:
    scope = VulnerabilityScope(vulnerability="CVE-2026-1", path="*")
    assert not accepted(scope).covers(found(paths=None), IMAGE)


def test_a_package_without_purl_has_only_its_name() -> None:
    scope = VulnerabilityScope(vulnerability="CVE-2026-1", package="pkg:deb/debian/openssl")
    assert not accepted(scope).covers(found(purl=None), IMAGE)
    assert accepted(scope).covers(found(purl="pkg:deb/debian/openssl"), IMAGE)


def test_an_image_is_asked_for_only_where_there_is_one() -> None:
    scope = VulnerabilityScope(vulnerability="CVE-2026-1", image="*")
    assert not accepted(scope).covers(found(), None)


def test_may_be_narrowed_to_a_check() -> None:
    scope = VulnerabilityScope(vulnerability="CVE-2026-1")
    assert accepted(scope, "VUL001").covers(found(), IMAGE)
    assert not accepted(scope, "VUL002").covers(found(), IMAGE)


def test_never_covers_a_gap() -> None:
    assert not accepted(VulnerabilityScope(vulnerability="CVE-2026-1")).covers(gap(), IMAGE)
