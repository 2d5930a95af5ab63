"""A moment as text: ISO 8601 in, seconds since 1970-01-01 UTC inside, ISO 8601 in UTC out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache

LAST_MOMENT = 253_402_300_799
"""9999-12-31T23:59:59Z: no later moment can be written."""
FIRST_MOMENT = -62_135_596_800
"""0001-01-01T00:00:00Z: no earlier moment can be written."""


def parse_moment(text: object) -> int:
    """Return the seconds of an ISO 8601 date or time; a date is its 00:00, no offset is UTC, fractions are cut off.

    Raises
    ------
    ValueError
        If it is not one.
    """
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        if moment is not None:
            return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() // 1)
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"found {text!r:.60}; expected an ISO 8601 date or time, for example 2026-03-01T09:30:00Z")


def parse_deadline(text: object) -> int:
    """Return the seconds up to which an ISO 8601 date or time allows: a date is its 24:00, else as `parse_moment`.

    Not later than `LAST_MOMENT`, at which the last day there is ends.
    """
    moment = parse_moment(text)
    try:
        date.fromisoformat(str(text))
    except ValueError:
        return moment
    return min(moment + 86_400, LAST_MOMENT)


@lru_cache(maxsize=1000)
def moment_text(seconds: int) -> str:
    """Return a moment as ISO 8601 in UTC, for example 2026-03-01T09:30:00Z; as `moment_of` beyond what a date can say."""
    return moment_of(seconds).isoformat().replace("+00:00", "Z")


def moment_of(seconds: int) -> datetime:
    """Return a moment as an aware datetime in UTC; the nearest there is from `FIRST_MOMENT` to `LAST_MOMENT`."""
    return datetime.fromtimestamp(min(max(seconds, FIRST_MOMENT), LAST_MOMENT), UTC)
