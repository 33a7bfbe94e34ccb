"""What a collector hands over: evidence, or a gap where evidence could not be had."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from datetime import datetime

    from supplychain.core.digest import Digest
    from supplychain.core.finding import Location
    from supplychain.core.subject import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Producer:
    """The program that made a piece of evidence.

    ``sha256`` is the digest of the program itself; a vulnerability database that it used has an
    age and a digest.
    """

    name: str
    version: str
    database_built_at: datetime | None = None
    sha256: Digest | None = None
    database_digest: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A fact about a subject. Stages derive their own types from this one.

    ``link`` joins pieces: a check on one piece gets the pieces it needs that carry the same link.
    A type that ``replaces_answer`` stands where an answer was refused, and says why there is none.
    """

    replaces_answer: ClassVar[bool] = False

    subject: Subject
    producer: Producer
    observed_at: datetime
    link: str | None = None
    digest: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MalformedFile(Evidence):
    """The subject's bytes are not what its format allows; says why and where."""

    reason: str
    at: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Evidence that could not be had, and what would bring it.

    ``id`` is stable, so that a gap can be explained, waived and counted. ``required`` comes from
    the policy: only a required gap makes a subject inconclusive.
    """

    id: str
    wanted: str
    reason: str
    hint: str | None = None
    retryable: bool = False
    location: Location | None = None
    link: str | None = None
    required: bool = field(default=True)
