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
        self._first: dict[tuple[type[Evidence], str], Evidence] = {}
        self._first_whole: dict[type[Evidence], Evidence] = {}
        self._last_whole: dict[type[Evidence], Evidence] = {}
        self._explained: set[str | None] = set()
        self.extend(pieces)

    def extend(self, pieces: Iterable[Evidence | Gap]) -> None:
        """Add evidence and gaps, in the order in which they come."""
        for piece in pieces:
            if isinstance(piece, Gap):
                self.gaps.append(piece)
                self._explained.add(piece.link)
            else:
                self._add(piece)

    def evidence(self) -> list[Evidence]:
        """Return all pieces."""
        return [piece for pieces in self._by_type.values() for piece in pieces]

    def of(self, kind: type[Piece]) -> list[Piece]:
        """Return the pieces of exactly one type."""
        return [piece for piece in self._by_type.get(kind, ()) if isinstance(piece, kind)]

    def joined(self, kind: type[Evidence], link: str | None) -> Evidence | None:
        """Return the piece of one type that carries ``link``, else one about the whole subject."""
        if link is None:
            return self._first_whole.get(kind)
        return self._first.get((kind, link)) or self._last_whole.get(kind)

    def explains(self, link: str | None) -> bool:
        """Say whether a gap, or a refused answer, already tells why evidence is missing."""
        return link is not None and link in self._explained

    def _add(self, piece: Evidence) -> None:
        kind = type(piece)
        self._by_type[kind].append(piece)
        if piece.link is None:
            self._first_whole.setdefault(kind, piece)
            self._last_whole[kind] = piece
        else:
            self._first.setdefault((kind, piece.link), piece)
        if piece.replaces_answer:
            self._explained.add(piece.link)
