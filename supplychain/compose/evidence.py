"""Evidence of the compose stage."""

from __future__ import annotations

from dataclasses import dataclass

from supplychain.core.evidence import MalformedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class MalformedCompose(MalformedFile):
    """A compose file that ``docker compose config`` would refuse."""
