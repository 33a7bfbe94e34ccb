"""What must hold for every check of every stage."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest

from supplychain.core.check import Check
from supplychain.core.digest import Digest
from supplychain.core.evidence import Evidence
from supplychain.core.finding import Finding, Hit, Location
from supplychain.core.policy import Policy
from supplychain.core.verdict import Verdict
from supplychain.verify.discover import all_checks
from supplychain.verify.dossier import Dossier
from supplychain.verify.judge import judge

CHECKS = all_checks()
NOW = datetime(2026, 11, 25, tzinfo=UTC)
POLICY = Policy(name="test", digest=Digest.of(b"test"))
SECTIONS = ["## What it does", "## Why it matters", "## Example", "## How to fix"]

Case = tuple[Evidence, ...]
per_check = pytest.mark.parametrize("item", CHECKS, ids=lambda item: item.id)


def cases(item: Check, which: str) -> list[Case]:
    module = import_module(f"tests.checks.{item.id}.cases")
    listed = getattr(module, which)()
    return [one if isinstance(one, tuple) else (one,) for one in listed]


def judged(item: Check, *chosen: Case) -> Verdict:
    """Judge the cases as evidence of one subject, each joined by a link of its own."""
    subject = chosen[0][0].subject if chosen else cases(item, "bad")[0][0].subject
    dossier = Dossier(subject)
    for number, case in enumerate(chosen):
        link = f"{number} {case[0].link}"
        dossier.extend(replace(piece, link=link) if item.needs else piece for piece in case)
    return judge(dossier, [item], POLICY, NOW)


def found(item: Check, *chosen: Case) -> list[Finding]:
    verdict = judged(item, *chosen)
    assert not verdict.gaps
    return list(verdict.findings)


def keys(findings: list[Finding]) -> list[tuple[str, Location]]:
    return sorted(((one.message, one.location) for one in findings), key=str)


@per_check
def test_it_is_documented_in_four_sections(item: Check) -> None:
    assert re.findall(r"^## .*$", item.documentation, re.MULTILINE) == SECTIONS
    assert item.summary.endswith(".")
    bodies = re.split(r"^## .*$", item.documentation, flags=re.MULTILINE)
    assert all(len(body.strip()) > 20 for body in bodies)


@per_check
def test_every_bad_case_is_found_with_place_reason_and_remedy(item: Check) -> None:
    listed = cases(item, "bad")
    assert listed
    for case in listed:
        for finding in found(item, case) or pytest.fail(f"{item.id} misses {case[0]}"):
            assert finding.id == item.id
            assert finding.location.path or finding.location.at
            assert finding.message
            assert finding.message[:1] == finding.message[:1].lower() or item.id.startswith("BLD")
            assert finding.hint
            assert not finding.message.endswith(".")


@per_check
def test_no_good_case_is_found(item: Check) -> None:
    for case in cases(item, "good"):
        assert found(item, case) == []


@per_check
def test_one_piece_never_hides_another_in_either_order(item: Check) -> None:
    assert found(item) == []
    pieces = [*cases(item, "bad"), *cases(item, "good")]
    for one in pieces:
        for other in pieces:
            both = sorted({*keys(found(item, one)), *keys(found(item, other))}, key=str)
            assert keys(found(item, one, other)) == both
            assert keys(found(item, other, one)) == both


@per_check
def test_it_says_the_same_twice(item: Check) -> None:
    listed = cases(item, "bad")
    assert judged(item, *listed) == judged(item, *listed)


@per_check
def test_it_is_a_generator_with_one_parameter_for_each_piece(item: Check) -> None:
    assert inspect.isgeneratorfunction(item.run)
    assert len(inspect.signature(item.run).parameters) == 1 + len(item.needs)
    hints = inspect.get_annotations(item.run, eval_str=True)
    assert [*hints.values()][: 1 + len(item.needs)] == [item.on, *item.needs]


@per_check
def test_a_missing_piece_is_a_gap_of_the_check(item: Check) -> None:
    if not item.needs:
        return
    piece, *_ = cases(item, "bad")[0]
    verdict = judge(Dossier(piece.subject, [piece]), [item], POLICY, NOW)
    assert [gap.id for gap in verdict.gaps] == [item.id]
    assert verdict.decision == "inconclusive"


def test_every_fixture_folder_belongs_to_a_check() -> None:
    folders = {path.parent.name for path in Path(__file__).parent.glob("*/cases.py")}
    assert folders == {item.id for item in CHECKS}


def test_hits_are_yielded_not_returned() -> None:
    for item in CHECKS:
        for piece, *needed in cases(item, "bad"):
            assert all(isinstance(hit, Hit) for hit in item.run(piece, *needed))
