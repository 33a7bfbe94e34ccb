"""Single values of reports, read leniently: what cannot be read is absent, never an error."""

from __future__ import annotations

from datetime import UTC, datetime

from supplychain.core.digest import Digest, InvalidDigestError

MAX_MOMENT = 40  # characters of an RFC 3339 time with nanoseconds and an offset


def digest_of(text: str | None) -> Digest | None:
    """Return a digest, ``None`` where the text is none."""
    try:
        return Digest.parse(text) if text else None
    except InvalidDigestError:
        return None


def moment_of(text: str | None) -> datetime | None:
    """Return an RFC 3339 time in UTC, ``None`` where the text is none or names no offset."""
    if not text or len(text) > MAX_MOMENT:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
