from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from supplychain.core.check import check
from supplychain.core.evidence import Evidence, Gap
from supplychain.core.finding import Hit, Location, Severity
from supplychain.core.verdict import Decision
from supplychain.verify import discover
from supplychain.verify.discover import STAGES, all_checks, checks_of
from supplychain.verify.dossier import Dossier
from supplychain.verify.judge import judge
from tests.unit.core.samples import NOW, POLICY, TOOL, WEB, hit


@dataclass(frozen=True, slots=True, kw_only=True)
class Use(Evidence):
    """What a check runs on."""

    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Evidence):
    """What the check needs beside it."""

    good: bool


@check("IMG900", "answer-is-bad", on=Use, needs=(Answer,), severity=Severity.HIGH)
def answer_is_bad(use: Use, answer: Answer) -> Iterator[Hit]:
    """Report bad answers."""
    if not answer.good:
        yield hit(use.link or "")


@check("IMG901", "raises-always", on=Use, severity=Severity.LOW)
def raises_always(use: Use) -> Iterator[Hit]:
    """Raise."""
    raise LookupError(use.link)
    yield


def use(link: str | None) -> Use:
    place = Location(path="web/Dockerfile", line=3)
    return Use(subject=WEB, producer=TOOL, observed_at=NOW, link=link, location=place)


def answer(link: str | None, *, good: bool) -> Answer:
    return Answer(subject=WEB, producer=TOOL, observed_at=NOW, link=link, good=good)


def test_a_check_gets_what_it_needs_by_link() -> None:
    pieces = [use("a"), use("b"), answer("a", good=True), answer("b", good=False)]
    verdict = judge(Dossier(WEB, pieces), [answer_is_bad], POLICY, NOW)
    assert verdict.decision is Decision.FAIL
    assert [one.id for one in verdict.findings] == ["IMG900"]
    assert [one.kind for one in verdict.evidence] == ["Answer", "Use"]


def test_what_it_needs_may_be_about_the_whole_subject() -> None:
    pieces = [use("a"), use("b"), answer(None, good=False)]
    verdict = judge(Dossier(WEB, pieces), [answer_is_bad], POLICY, NOW)
    assert len(verdict.findings) == 2


def test_a_forgotten_join_is_inconclusive() -> None:
    pieces = [use("a"), use("b"), answer("a", good=True)]
    verdict = judge(Dossier(WEB, pieces), [answer_is_bad], POLICY, NOW)
    assert verdict.decision is Decision.INCONCLUSIVE
    (gap,) = verdict.gaps
    assert (gap.id, gap.link, gap.wanted) == ("IMG900", "b", "Answer for 'b'")
    assert str(gap.location) == "web/Dockerfile:3"


def test_a_gap_that_explains_the_missing_piece_is_enough() -> None:
    told = Gap(id="image-unresolved", wanted="w", reason="r", link="b")
    verdict = judge(Dossier(WEB, [use("b"), told]), [answer_is_bad], POLICY, NOW)
    assert [one.id for one in verdict.gaps] == ["image-unresolved"]


def test_a_check_that_raises_is_a_bug_and_no_pass() -> None:
    with pytest.raises(LookupError):
        judge(Dossier(WEB, [use("a")]), [raises_always], POLICY, NOW)


def test_without_evidence_no_check_runs() -> None:
    verdict = judge(Dossier(WEB), [raises_always], POLICY, NOW)
    assert verdict.decision is Decision.PASS
    assert verdict.subject == WEB


class TestDiscovery:
    def test_finds_every_check_by_id_and_each_once(self) -> None:
        ids = [item.id for item in all_checks()]
        assert ids == sorted(set(ids))
        assert {"IMG001", "BLD001", "CMP001"} <= set(ids)

    def test_finds_those_of_one_stage(self) -> None:
        assert {item.family for item in checks_of("images")} == {"IMG", "BLD"}

    def test_refuses_two_of_one_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        twice = [*checks_of("images"), *checks_of("images")[:1]]
        monkeypatch.setattr(discover, "checks_of", lambda stage: twice if stage == "images" else [])
        with pytest.raises(RuntimeError, match="is declared twice"):
            all_checks()

    def test_refuses_a_foreign_family(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(STAGES, "images", ("IMG",))
        with pytest.raises(RuntimeError, match="BLD001 does not belong into"):
            checks_of("images")
