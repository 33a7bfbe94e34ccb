"""What keeps the hits of one check on one file to a number that somebody reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from supplychain.core.finding import Hit

MAX_HITS = 20  # of one check on one file; a header may hold 100,000 lies of the same kind


def capped(hits: Iterable[Hit]) -> Iterator[Hit]:
    """Yield the first ``MAX_HITS`` hits, and where there are more, one that counts the rest."""
    remaining = iter(hits)
    yield from islice(remaining, MAX_HITS)
    following = next(remaining, None)
    if following is not None:
        count = 1 + sum(1 for _ in remaining)
        yield replace(following, message=f"{count} more: {following.message}", key="more")
