"""Numbers as people type them into a field, and as a field holds them so that they are read again as the same."""

from __future__ import annotations

import re
from decimal import Decimal

_PLAIN = re.compile(r"(\d{1,15})(?:[.,](\d{1,17}))?", re.ASCII)
_GROUPED = re.compile(
    r"([1-9]\d{0,2}(?P<sign>[.,'’\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE} ])\d{3}(?:(?P=sign)\d{3}){0,3})"
    r"(?:(?!(?P=sign))[.,](\d{1,17}))?",
    re.ASCII,
)


def read_amount(text: str) -> float | None:
    """Return a number with a point or a comma as its decimal sign, and perhaps with signs between thousands; else None.

    Three digits after a single sign are thousands, in every language: 1.000 and 1,000 are a thousand, and 0.125 is not.
    """
    found = _GROUPED.fullmatch(text)
    if found is not None:
        whole, decimals = re.sub(r"\D", "", found[1]), found[3]
    elif (found := _PLAIN.fullmatch(text)) is not None:
        whole, decimals = found[1], found[2]
    else:
        return None
    return float(f"{whole}.{decimals or 0}")


def written_amount(value: float, digits: int | None = None) -> str:
    """Return a number as a field holds it, exactly or to so many digits: `read_amount` reads it as the same."""
    text = format(Decimal(repr(float(value))), "f") if digits is None else f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text}0" if _GROUPED.fullmatch(text) else text
