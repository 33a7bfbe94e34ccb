"""``checks`` and ``explain``."""

from __future__ import annotations

import pytest

from supplychain.core.check import Check
from supplychain.verify.discover import all_checks
from tests.cli.entry import Entry

CHECKS = all_checks()


def test_checks_lists_each_on_a_line(entry: Entry) -> None:
    result = entry.run("checks")
    lines = result.out.splitlines()
    assert result.code == 0
    assert [line.split()[0] for line in lines] == [item.id for item in CHECKS]
    assert all(item.summary in line for item, line in zip(CHECKS, lines, strict=True))


def test_checks_are_data_as_well(entry: Entry) -> None:
    report = entry.report("checks").report
    assert report["schema"] == "supplychain.checks/1"
    first = report["checks"][0]
    assert set(first) == {"id", "name", "severity", "on", "summary", "since"}
    assert [one["id"] for one in report["checks"]] == [item.id for item in CHECKS]


@pytest.mark.parametrize("item", CHECKS, ids=lambda item: item.id)
def test_explain_takes_id_and_name(entry: Entry, item: Check) -> None:
    by_id, by_name = entry.run("explain", item.id.lower()), entry.run("explain", item.name)
    assert by_id.code == by_name.code == 0
    assert by_id.out == by_name.out
    assert by_id.out.startswith(f"{item.id} {item.name} ({item.severity.value})\n\n{item.summary}")
    assert "## How to fix" in by_id.out


def test_explain_shows_a_hostile_name_escaped(entry: Entry) -> None:
    result = entry.run("explain", "\x1b[2J\n::error::")
    assert result.code == 2
    assert "\x1b" not in result.err
    assert result.err.splitlines()[0] == r"error: there is no check '\\x1b[2J\\n::error::'"
