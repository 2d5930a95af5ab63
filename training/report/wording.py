"""Figures and names as words: how a report says a number, an interval, a moment, a part of the model."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from training.report.blocks import Numbers
from training.tabulating import UNKNOWN, interval_in_words

LONGEST = 1000
"""Characters of a sentence or a cell that are shown."""
LONGEST_NAME = 80
"""Characters of an id or a name of the data that are shown."""
_CONTROLS = {"Cc", "Cf", "Co", "Cs"}

SEGMENTS = {
    "none": "no history",
    "short_away": "1–4 completions, away for more than a day",
    "long_away": "5 or more, away for more than a day",
    "short_active": "1–4 completions, active within a day",
    "long_active": "5 or more, active within a day",
}
"""The segments of the blend."""
PARTS = {
    "blend": "learned blend",
    "scaled fusion": "fusion, one learned scale a signal",
    "fusion": "fusion, equal weights",
    "item_item.sum": "taken together (EASE)",
    "item_item.cosine": "taken together (cosine)",
    "sequence.next": "taken next (ridge)",
    "sequence.rate": "taken next (rates)",
    "sequence.last": "follows the last course",
    "sequence.second": "follows the last but one",
    "hybrid.affinity": "LightFM",
    "trend.ever": "popularity, all time",
    "trend.season": "popularity, 120 days",
    "trend.month": "popularity, 30 days",
    "trend.week": "popularity, 7 days",
    "trend.in_role": "popularity in the role",
    "content.history": "text like the history",
    "content.closest": "text like one course taken",
    "content.last": "text like the last course",
    "content.role": "text like the role",
    "role.target": "people in the target role",
    "role.current": "people in the current role",
}
"""What may rank alone, or together."""


def part_name(part: str) -> str:
    """Return a part of the model in words; its own name where there are none."""
    return PARTS.get(part, part)


def clean(text: str) -> str:
    """Return text without control and direction characters, cut at `LONGEST`."""
    spaced = text.replace("\n", " ").replace("\t", " ")
    return _cut("".join(one for one in spaced if unicodedata.category(one) not in _CONTROLS), LONGEST)


def named(name: str) -> str:
    """Return an id or a name of the data as it is shown."""
    return _cut(clean(name), LONGEST_NAME)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def interval(numbers: Numbers, digits: int = 4) -> str:
    """Return an estimate with its interval, a dash for what is not defined."""
    return interval_in_words(numbers, digits)


def gain(numbers: Numbers, digits: int = 4) -> str:
    """Return a difference with its sign and its interval."""
    estimate, low, high = numbers
    if estimate is None:
        return UNKNOWN
    if low is None or high is None:
        return f"{estimate:+.{digits}f}"
    return f"{estimate:+.{digits}f} [{low:+.{digits}f}, {high:+.{digits}f}]"


def number(value: float | None, digits: int = 4) -> str:
    """Return a number, a dash for what is not defined."""
    return UNKNOWN if value is None else f"{value:.{digits}f}"


def moment(iso: str) -> str:
    """Return a moment of ISO 8601 in UTC to the minute, as people read it."""
    return f"{iso[:10]} {iso[11:16]} UTC"


def whole(value: Any) -> str:
    """Return a count with thousands apart."""
    return UNKNOWN if value is None else f"{value:,}"


def percent(value: float | None, digits: int = 1) -> str:
    """Return a share in percent."""
    return UNKNOWN if value is None else f"{100 * value:.{digits}f} %"


def listed(items: Iterable[str], *, most: int = 12) -> str:
    """Return names after each other; how many more there are beyond `most`."""
    found = list(items)
    more = f" and {len(found) - most:,} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more


def is_surely_above(numbers: Numbers, bound: float = 0.0) -> bool:
    """Tell whether the whole interval lies above a bound."""
    return numbers[1] is not None and numbers[1] > bound


def is_surely_below(numbers: Numbers, bound: float = 0.0) -> bool:
    """Tell whether the whole interval lies below a bound."""
    return numbers[2] is not None and numbers[2] < bound
