"""What references mean: by the lock, and by what a registry, or its absence, is evidence of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from supplychain.access.environment import Environment
from supplychain.access.failures import AccessError, Hostile, NotFound, Unreachable
from supplychain.core.digest import Digest
from supplychain.core.evidence import Evidence, Gap
from supplychain.core.lock import Lock, lock_of
from supplychain.images.collect import resolution
from supplychain.images.collect.resolution import answer_evidence, ask
from supplychain.images.evidence import (
    AllowedRegistries,
    ImageUse,
    LockLookup,
    RefusedAnswer,
    Resolution,
)
from tests.checks.image_evidence import entry, use
from tests.simulators.images import image
from tests.simulators.registry import RegistrySimulator
from tests.unit.core.samples import NOW, POLICY, TOOL

ENVIRONMENT = Environment(
    now=NOW, tool=TOOL, policy=replace(POLICY, allowed_registries=("docker.io", "127.0.0.1"))
)


@pytest.fixture
def registry() -> Iterator[RegistrySimulator]:
    with RegistrySimulator([image("library/node", "22")]) as simulator:
        yield simulator


def asking(registry: RegistrySimulator) -> Environment:
    return replace(ENVIRONMENT, mirrors={"docker.io": registry.url})


def collected(uses: list[ImageUse], environment: Environment) -> list[Evidence | Gap]:
    return [piece for _, piece in resolution.collect(uses, environment)]


def kinds(pieces: list[Evidence | Gap]) -> list[type]:
    return [type(piece) for piece in pieces]


def test_a_locked_reference_means_what_the_lock_says(registry: RegistrySimulator) -> None:
    environment = replace(asking(registry), lock=lock_of([entry("node:22")]))
    pinned = use(f"node:22@{Digest.of(b'other')}")
    allowed, lookup, resolved = collected([pinned], environment)
    assert isinstance(allowed, AllowedRegistries)
    assert isinstance(lookup, LockLookup)
    assert isinstance(resolved, Resolution)
    assert (lookup.entry, lookup.lock_exists) == (entry("node:22"), True)
    assert (resolved.image, resolved.source) == (entry("node:22").digest, "supplychain.lock")
    assert {one.link for one in (allowed, lookup, resolved)} == {pinned.link}
    assert registry.log == []


def test_another_is_asked_of_its_registry_once(registry: RegistrySimulator) -> None:
    environment = replace(asking(registry), lock=Lock())
    pieces = collected([use("node:22"), use("node:22", line=9)], environment)
    assert kinds(pieces) == [AllowedRegistries, LockLookup, Resolution] * 2
    lookup, resolved = pieces[1], pieces[2]
    assert isinstance(lookup, LockLookup)
    assert isinstance(resolved, Resolution)
    assert (lookup.entry, lookup.lock_exists) == (None, True)
    assert (str(resolved.image), resolved.source) == (
        image("library/node", "22").digest,
        "docker.io",
    )
    assert len(registry.log) == 1


def test_without_a_lock_the_lookup_says_so(registry: RegistrySimulator) -> None:
    lookup = collected([use("node:22")], asking(registry))[1]
    assert isinstance(lookup, LockLookup)
    assert (lookup.entry, lookup.lock_exists) == (None, False)


def test_one_that_is_not_allowed_is_not_asked(registry: RegistrySimulator) -> None:
    environment = replace(asking(registry), policy=POLICY)
    pieces = collected([use("node:22")], environment)
    assert kinds(pieces) == [AllowedRegistries, LockLookup, Gap]
    gap = pieces[2]
    assert isinstance(gap, Gap)
    assert gap.reason == "its registry is not on the allow list, so it was not asked"
    assert registry.log == []


def test_offline_nothing_is_asked(registry: RegistrySimulator) -> None:
    environment = replace(asking(registry), offline=True)
    node = use("node:22")
    answers = ask([node.reference], environment)
    assert isinstance(answers[node.reference], Unreachable)
    assert registry.log == []
    assert ask([], environment) == {}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (NotFound("is unknown"), Resolution),
        (Hostile("lies"), RefusedAnswer),
        (Unreachable("is down", "wait", retryable=True), Gap),
        (AccessError("is odd"), Gap),
        (entry("node:22"), Resolution),
        (None, Gap),
    ],
)
def test_every_answer_is_evidence_or_a_gap(answer: AccessError | None, kind: type) -> None:
    node = use("node:22", line=7)
    piece = answer_evidence(node, answer, ENVIRONMENT)
    assert type(piece) is kind
    assert piece.link == node.link


def test_what_a_registry_does_not_know_has_no_image() -> None:
    piece = answer_evidence(use("node:22"), NotFound("is unknown"), ENVIRONMENT)
    assert isinstance(piece, Resolution)
    assert (piece.image, piece.absence, piece.digest) == (None, "is unknown", None)


def test_a_gap_tells_what_would_bring_it() -> None:
    answer = Unreachable("is down", "wait", retryable=True)
    piece = answer_evidence(use("node:22", line=7), answer, ENVIRONMENT)
    assert isinstance(piece, Gap)
    assert (piece.reason, piece.hint, piece.retryable) == ("is down", "wait", True)
    assert piece.wanted == "the manifest of 'docker.io/library/node:22'"
    assert str(piece.location) == "web/Dockerfile:7"
