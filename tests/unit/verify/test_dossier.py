from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from supplychain.core.evidence import Evidence, Gap
from supplychain.verify.dossier import Dossier
from tests.unit.core.samples import NOW, TOOL, WEB


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Evidence):
    """One kind of evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Right(Left):
    """Another kind, derived from the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Evidence):
    """Why there is no answer."""

    replaces_answer: ClassVar[bool] = True


def left(link: str | None) -> Left:
    return Left(subject=WEB, producer=TOOL, observed_at=NOW, link=link)


def right(link: str | None) -> Right:
    return Right(subject=WEB, producer=TOOL, observed_at=NOW, link=link)


def test_keeps_pieces_by_their_exact_type() -> None:
    dossier = Dossier(WEB, [left("a"), right("a"), left("b")])
    assert dossier.of(Left) == [left("a"), left("b")]
    assert dossier.of(Right) == [right("a")]
    assert dossier.of(Evidence) == []
    assert dossier.evidence() == [left("a"), left("b"), right("a")]


def test_joins_by_link_else_by_the_piece_about_the_whole() -> None:
    dossier = Dossier(WEB, [right(None), right("a"), right("b")])
    assert dossier.joined(Right, "b") == right("b")
    assert dossier.joined(Right, "c") == right(None)
    assert dossier.joined(Right, None) == right(None)
    assert Dossier(WEB, [right("a")]).joined(Right, "b") is None
    assert dossier.joined(Left, "a") is None


def test_joins_the_first_piece_with_a_link_also_when_more_come_later() -> None:
    first, second = left("a"), replace(left("a"), observed_at=NOW + timedelta(days=1))
    whole, later = left(None), replace(left(None), observed_at=NOW + timedelta(days=1))
    dossier = Dossier(WEB, [first, whole])
    dossier.extend([second, later])
    assert dossier.joined(Left, "a") is first
    assert dossier.joined(Left, None) is whole
    assert dossier.joined(Left, "other") is later


def test_refused_answers_explain_what_is_missing() -> None:
    refused = Refused(subject=WEB, producer=TOOL, observed_at=NOW, link="a")
    whole = replace(refused, link=None)
    dossier = Dossier(WEB, [refused, whole, left("b")])
    assert [dossier.explains(link) for link in ("a", "b", None)] == [True, False, False]


def test_gaps_explain_what_is_missing_for_their_link_alone() -> None:
    dossier = Dossier(WEB, [Gap(id="g", wanted="w", reason="r", link="a"), left("a")])
    assert [gap.id for gap in dossier.gaps] == ["g"]
    assert dossier.explains("a")
    assert not dossier.explains("b")
    assert not dossier.explains(None)
