from __future__ import annotations

from dataclasses import dataclass

from supplychain.core.evidence import Evidence, Gap
from supplychain.verify.dossier import Dossier
from tests.unit.core.samples import NOW, TOOL, WEB


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Evidence):
    """One kind of evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Right(Left):
    """Another kind, derived from the first."""


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


def test_gaps_explain_what_is_missing_for_their_link_alone() -> None:
    dossier = Dossier(WEB, [Gap(id="g", wanted="w", reason="r", link="a"), left("a")])
    assert [gap.id for gap in dossier.gaps] == ["g"]
    assert dossier.explains("a")
    assert not dossier.explains("b")
    assert not dossier.explains(None)
