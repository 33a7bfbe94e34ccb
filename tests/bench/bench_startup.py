"""How long the commands take that do nothing but answer."""

from __future__ import annotations

import sys

import pytest

from tests.bench.measure import compared

CLICK = [sys.executable, "-c", "import click"]


@pytest.mark.parametrize(
    ("arguments", "most"),
    [(["--version"], 1.5), (["--help"], 1.5), (["explain", "IMG001"], 2.0)],
    ids=str,
)
def test_it_starts_as_fast_as_click_allows(
    arguments: list[str], most: float, capsys: pytest.CaptureFixture[str]
) -> None:
    found = compared([sys.executable, "-m", "supplychain", *arguments], CLICK)
    with capsys.disabled():
        print(f"\n{found.told(' '.join(arguments))} (at most {most})")
    assert found.ratio <= most
