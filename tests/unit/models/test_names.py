"""Names that two programs could read differently, and how many hits a file may have."""

from __future__ import annotations

import pytest

from supplychain.core.finding import Hit, Location
from supplychain.models.hits import MAX_HITS, capped
from supplychain.models.names import flaw_of


@pytest.mark.parametrize(
    ("name", "flaw"),
    [
        ("blk.0.attn_q.weight", None),
        ("", "is empty"),
        ("a\0b", "holds a NUL byte"),
        ("a\udcff", "is not UTF-8"),
        ("a\x1b[0m", "holds a control character or one that cannot be seen"),
        ("a\u200b", "holds a control character or one that cannot be seen"),
        ("a\u202eb", "holds a control character or one that cannot be seen"),
        ("\u0430", "holds a character that is not ASCII"),
    ],
)
def test_a_flaw_is_named(name: str, flaw: str | None) -> None:
    assert flaw_of(name) == flaw


@pytest.mark.parametrize("count", [0, 1, MAX_HITS, MAX_HITS + 1, 5000])
def test_hits_beyond_the_cap_are_counted(count: int) -> None:
    hits = (Hit(message=f"hit {n}", location=Location(), hint="", key=str(n)) for n in range(count))
    found = list(capped(hits))
    assert len(found) == min(count, MAX_HITS + 1)
    if count > MAX_HITS:
        assert found[-1].message == f"{count - MAX_HITS} more: hit {MAX_HITS}"
