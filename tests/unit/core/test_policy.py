from __future__ import annotations

from dataclasses import replace

import pytest

from supplychain.core.reference import ImageReference
from tests.unit.core.samples import POLICY


@pytest.mark.parametrize(
    ("text", "allows"),
    [("node", True), ("ghcr.io/acme/a", True), ("ghcr.io/evil/a", False), ("quay.io/a/b", False)],
)
def test_allows_what_lies_below_a_prefix(text: str, *, allows: bool) -> None:
    policy = replace(POLICY, allowed_registries=("docker.io", "ghcr.io/acme"))
    assert policy.allows(ImageReference.parse(text)) is allows


def test_without_prefixes_allows_nothing() -> None:
    assert not POLICY.allows(ImageReference.parse("node"))


def test_requires_all_evidence_but_what_is_optional() -> None:
    policy = replace(POLICY, optional_evidence=frozenset({"a"}))
    assert (policy.requires("a"), policy.requires("b")) == (False, True)
