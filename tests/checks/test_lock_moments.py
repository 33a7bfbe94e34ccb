"""Which checks the ``lock`` command runs: whatever stands in the way of a lock, or judges one."""

from __future__ import annotations

import pytest

from supplychain.compose.evidence import MalformedCompose
from supplychain.core.check import LockMoment
from supplychain.core.evidence import Evidence
from supplychain.images.evidence import (
    InvalidReference,
    LockedTag,
    LockLookup,
    MalformedDockerfile,
    RefusedAnswer,
)
from supplychain.verify.discover import all_checks

WHENEVER = frozenset(LockMoment)


@pytest.mark.parametrize(
    ("evidence", "moments"),
    [
        (MalformedDockerfile, WHENEVER),
        (MalformedCompose, WHENEVER),
        (InvalidReference, WHENEVER),
        (RefusedAnswer, WHENEVER - {LockMoment.BEFORE}),
        (LockedTag, {LockMoment.CHECK}),
        (LockLookup, {LockMoment.CHECK}),
    ],
)
def test_all_checks_on_what_a_lock_rests_on_judge_it(
    evidence: type[Evidence], moments: frozenset[LockMoment]
) -> None:
    concerned = [item for item in all_checks() if evidence in (item.on, *item.needs)]
    pinning = {item.id for item in concerned if not item.judges_lock}
    assert pinning <= {"IMG001", "IMG002"}, "whether a reference is pinned is the gate's business"
    assert {item.judges_lock for item in concerned if item.judges_lock} == {frozenset(moments)}


def test_a_registry_that_is_not_allowed_is_not_asked() -> None:
    (allowed,) = [item for item in all_checks() if item.name == "registry-not-allowed"]
    assert allowed.judges_lock == {LockMoment.BEFORE, LockMoment.AFTER}
