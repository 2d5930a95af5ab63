"""Times as people write them, a column at a time: ISO 8601 text, timestamps and dates to seconds since 1970 UTC.

A time without an offset is UTC. A date without a time begins at 00:00 in the tenant's time zone; where a column says
until when something holds, it means 24:00 of that day (design, section 4).
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recommender.arrays import DAY, BoolArray, LongArray
from recommender.errors import ConfigError
from recommender.moments import LAST_MOMENT

NO_TIME = -(2**63)
"""Stands for an empty cell."""

_EARLIEST_DAY, _LATEST_DAY = -719_162, 2_932_896
"""0001-01-01 and 9999-12-31, the dates ISO 8601 writes with four digits, in days from 1970."""

_DAYS_TO_1970 = 719_163
"""`date(1970, 1, 1).toordinal()`."""

_ISO = (
    r"^(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[Tt ](?P<hour>\d\d)(?::(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?)?"
    r" ?(?:[Zz]|(?P<sign>[+-])(?P<off_hour>\d\d):?(?P<off_minute>\d\d)?)?)?$"
)

_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone with an IANA name.

    Raises
    ------
    ConfigError
        If there is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ConfigError(
            f"time_zone: found {name!r}; expected the IANA name of a time zone, for example UTC or Europe/Paris."
        ) from error


def read_times(cells: pa.Array, zone: ZoneInfo, *, until: bool = False) -> tuple[LongArray, BoolArray]:
    """Return seconds since 1970 UTC, fractions cut off, and which cells are no time; both shape (n,).

    `cells` is text, dates, timestamps or nothing but nulls; any zone a timestamp carries is honoured. Empty and bad
    cells give `NO_TIME`. `until` makes a date without a time mean the end of that day. No time is after `LAST_MOMENT`,
    at which the last day there is ends in every zone.
    """
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    if pa.types.is_null(cells.type):
        return np.full(len(cells), NO_TIME, dtype=np.int64), np.zeros(len(cells), dtype=np.bool_)
    if pa.types.is_date(cells.type):
        days = _integers(pc.cast(cells, pa.date32()), pa.int32())
        seconds, bad = _midnights(days + until, zone), np.zeros(len(cells), dtype=np.bool_)
    elif pa.types.is_timestamp(cells.type):
        seconds = _integers(cells, pa.int64()) // _PER_SECOND[cells.type.unit]
        bad = (seconds < _EARLIEST_DAY * DAY) | (seconds >= (_LATEST_DAY + 1) * DAY)
    else:
        cells = pc.utf8_trim_whitespace(pc.cast(cells, pa.string()))
        cells = pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)
        seconds, bad = _from_text(cells, zone, until=until)
    empty = np.asarray(pc.is_null(cells))
    bad &= ~empty
    seconds = np.minimum(seconds, LAST_MOMENT)
    seconds[empty | bad] = NO_TIME
    return seconds, bad


def iso(seconds: int) -> str:
    """Return a time as ISO 8601 UTC, for messages."""
    return str(np.datetime64(seconds, "s")) + "Z"


def _integers(cells: pa.Array, kind: pa.DataType) -> LongArray:
    return np.asarray(pc.fill_null(cells.cast(kind), 0)).astype(np.int64)


def _from_text(cells: pa.Array, zone: ZoneInfo, *, until: bool) -> tuple[LongArray, BoolArray]:
    for kind in (pa.timestamp("s", "UTC"), pa.timestamp("s")):
        if kind.tz is None and (pc.min(pc.binary_length(cells)).as_py() or 0) <= len("2026-03-01"):
            break  # dates without a time need the zone
        try:
            return _integers(pc.cast(cells, kind), pa.int64()), np.zeros(len(cells), dtype=np.bool_)
        except pa.ArrowInvalid:
            continue
    return _by_pattern(cells, zone, until=until)


def _by_pattern(cells: pa.Array, zone: ZoneInfo, *, until: bool) -> tuple[LongArray, BoolArray]:
    pieces = pc.extract_regex(cells, _ISO)
    matched = np.asarray(pc.is_valid(pieces))
    piece = {name: _piece(pieces, i) for i, name in enumerate(field.name for field in pieces.type)}
    sign = pc.struct_field(pieces, "sign")
    off_sign = np.where(np.asarray(pc.fill_null(pc.equal(sign, "-"), False)), -1, 1)
    date_only = np.asarray(pc.fill_null(pc.equal(pc.struct_field(pieces, "hour"), ""), False))
    month = ((piece["year"] - 1970) * 12 + piece["month"] - 1).astype("datetime64[M]")
    first_day = month.astype("datetime64[D]").astype(np.int64)
    days_in_month = (month + 1).astype("datetime64[D]").astype(np.int64) - first_day
    good = (
        matched
        & (piece["year"] >= 1)
        & (piece["month"] >= 1)
        & (piece["month"] <= 12)
        & (piece["day"] >= 1)
        & (piece["day"] <= days_in_month)
        & (np.maximum(piece["hour"], piece["off_hour"]) <= 23)
        & (np.maximum.reduce([piece["minute"], piece["second"], piece["off_minute"]]) <= 59)
    )
    days = np.where(good, first_day + piece["day"] - 1, 0)
    clock = piece["hour"] * 3600 + piece["minute"] * 60 + piece["second"]
    seconds = days * DAY + clock - off_sign * (piece["off_hour"] * 3600 + piece["off_minute"] * 60)
    seconds[date_only] = _midnights(days[date_only] + until, zone)
    return seconds, ~good


def _piece(pieces: pa.StructArray, i: int) -> LongArray:
    text = pc.struct_field(pieces, i)
    if i == pieces.type.get_field_index("sign"):
        return np.empty(0, dtype=np.int64)
    digits = pc.if_else(pc.equal(text, ""), "0", text)
    return np.asarray(pc.fill_null(pc.cast(digits, pa.int32()), 0)).astype(np.int64)


def _midnights(days: LongArray, zone: ZoneInfo) -> LongArray:
    """Return the seconds at which each day begins in a zone; days past the year 9999 begin as in UTC."""
    if zone.key == "UTC":
        return days * DAY
    each, where = np.unique(days, return_inverse=True)
    return (each * DAY - np.array([_offset(int(day), zone) for day in each], dtype=np.int64))[where]


def _offset(day: int, zone: ZoneInfo) -> int:
    if not _EARLIEST_DAY < day < _LATEST_DAY:
        return 0
    offset = datetime.fromordinal(day + _DAYS_TO_1970).replace(tzinfo=zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0
