"""The evidence of one run about one subject, joined by links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

from supplychain.core.evidence import Evidence, Gap
from supplychain.core.subject import Subject

Piece = TypeVar("Piece", bound=Evidence)


class Dossier:
    """All pieces of evidence about a subject by type, and the gaps between them."""

    def __init__(self, subject: Subject, pieces: Iterable[Evidence | Gap] = ()) -> None:
        self.subject = subject
        self.gaps: list[Gap] = []
        self._by_type: dict[type[Evidence], list[Evidence]] = defaultdict(list)
        self.extend(pieces)

    def extend(self, pieces: Iterable[Evidence | Gap]) -> None:
        """Add evidence and gaps, in the order in which they come."""
        for piece in pieces:
            if isinstance(piece, Gap):
                self.gaps.append(piece)
            else:
                self._by_type[type(piece)].append(piece)

    def evidence(self) -> list[Evidence]:
        """Return all pieces."""
        return [piece for pieces in self._by_type.values() for piece in pieces]

    def of(self, kind: type[Piece]) -> list[Piece]:
        """Return the pieces of exactly one type."""
        return [piece for piece in self._by_type.get(kind, ()) if isinstance(piece, kind)]

    def joined(self, kind: type[Evidence], link: str | None) -> Evidence | None:
        """Return the piece of one type that carries ``link``, else one about the whole subject."""
        whole = None
        for piece in self._by_type.get(kind, ()):
            if piece.link == link:
                return piece
            if piece.link is None:
                whole = piece
        return whole

    def explains(self, link: str | None) -> bool:
        """Say whether a gap, or a refused answer, already tells why evidence is missing."""
        if link is None:
            return False
        refused = any(piece.replaces_answer and piece.link == link for piece in self.evidence())
        return refused or any(gap.link == link for gap in self.gaps)
