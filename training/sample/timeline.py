"""The five years of the sample company: fixed dates, weeks counted from 0, days counted from 1970-01-01."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]

N_WEEKS = 261
DAY_SECONDS = 86_400


def day_number(date: str) -> int:
    """Return the days from 1970-01-01 to an ISO date."""
    return int(np.datetime64(date, "D").astype(np.int64))


END_DAY = day_number("2026-07-01")
"""The first day after the sample: nothing recorded reaches it."""
START_DAY = END_DAY - 7 * N_WEEKS


def week_start(week: NDArray[Any] | int) -> Any:
    """Return the first day of a week, as a day number."""
    return START_DAY + 7 * week


def first_week_from(day: NDArray[Any] | int) -> Any:
    """Return the first week that begins on or after a day; negative before the sample."""
    return -((START_DAY - day) // 7)


def months_of_weeks() -> IntArray:
    """Return the month (1-12) in which each week has its middle day, shape (N_WEEKS,)."""
    middle = (week_start(np.arange(N_WEEKS)) + 3).astype("datetime64[D]")
    return np.asarray(middle.astype("datetime64[M]").astype(np.int64) % 12 + 1, dtype=np.int64)


def iso_days(days: IntArray) -> list[str]:
    """Write day numbers as ISO dates."""
    return [str(text) for text in np.datetime_as_string(days.astype("datetime64[D]"))]


def iso_day(day: int) -> str:
    """Write one day number as an ISO date."""
    return str(np.datetime64(int(day), "D"))


def iso_seconds(seconds: IntArray) -> list[str]:
    """Write seconds since 1970 as ISO 8601 times in UTC."""
    texts = np.datetime_as_string(seconds.astype("datetime64[s]"), unit="s")
    return [f"{text}Z" for text in texts.tolist()]


def draw(rng: np.random.Generator, weights: NDArray[Any]) -> IntArray:
    """Draw one column a row, with probability proportional to its weight; weights has shape (n, k)."""
    heights = np.cumsum(weights, axis=1)
    marks = rng.random(len(weights))[:, None] * heights[:, -1:]
    return np.asarray(np.minimum((heights <= marks).sum(axis=1), weights.shape[1] - 1), dtype=np.int64)
