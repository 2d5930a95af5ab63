"""Dates, numbers and texts as a page shows them, in the language of who looks; each is a filter of the templates."""

from __future__ import annotations

import datetime

from babel import Locale
from babel.units import format_unit
from flask import Flask
from flask_babel import format_date, format_decimal, format_percent, get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from recommender.moments import moment_of, parse_moment

MAX_SHOWN = 300
"""Characters of a title, a name or a sentence with one in it that a page shows."""

Day = int | str | datetime.date


def filter_formats(app: Flask) -> None:
    """Offer them to an application's templates by their names."""
    for one in (bdi, cut, date, deadline, number, percent, hours, weeks, money, share_of, language_name):
        app.add_template_filter(one)


def bdi(text: object) -> Markup:
    """Return a text that turns nothing but itself, whatever direction it is written in."""
    return Markup("<bdi>{}</bdi>").format(text)


def cut(text: object, length: int = MAX_SHOWN) -> str:
    """Return a text of at most `length` characters: the end of a longer one is an ellipsis."""
    whole = str(text)
    return whole if len(whole) <= length else whole[: length - 1].rstrip() + "…"


def date(value: Day) -> str:
    """Return the day of a moment in UTC, such as Mar 1, 2026; the moment is in seconds, ISO 8601, or a day itself."""
    return str(format_date(_moment(value), "medium", rebase=False))


def deadline(value: Day) -> str:
    """Return the last day a deadline allows: one that ends at 24:00 is midnight of the day after."""
    moment = _moment(value)
    return date(moment - datetime.timedelta(seconds=1) if isinstance(moment, datetime.datetime) else moment)


def number(value: float, digits: int = 1) -> str:
    """Return a number with at most so many digits after the decimal sign, such as 1,234.5."""
    return str(format_decimal(_tidy(value, digits), "#,##0" + ("." + "#" * digits if digits else "")))


def percent(share: float) -> str:
    """Return a share as a whole number of percent, such as 31%; below all of it 99% at most, above nothing 1% at least."""
    whole = min(max(round(share * 100), 1), 99) if 0 < share < 1 else round(share * 100)
    return str(format_percent(whole / 100))


def hours(value: float) -> str:
    """Return a number of hours, such as 3.5 hours."""
    return format_unit(_tidy(value, 1), "duration-hour", locale=_locale())


def weeks(value: float) -> str:
    """Return a number of weeks, such as 1 week."""
    return format_unit(_tidy(value, 1), "duration-week", locale=_locale())


def money(value: float) -> str:
    """Return an amount of the company's currency, which nobody told us: 1,250 or 49.90, and a word where it is nothing."""
    if value == 0:
        return str(_("free"))
    return str(format_decimal(value, "#,##0" if value == round(value) else "#,##0.00"))


def share_of(value: float, whole: float) -> str:
    """Return how many percent of a whole something is, for the geometry of a picture: 0 to 100, with a decimal point."""
    return f"{min(max(value / whole, 0.0), 1.0) * 100:.4g}"


def language_name(code: str) -> str:
    """Return what a language calls itself, such as Deutsch."""
    return str(Locale.parse(code, sep="-").get_language_name() or code)


def _moment(value: Day) -> datetime.date:
    if isinstance(value, str):
        value = parse_moment(value)
    return moment_of(value) if isinstance(value, int) else value


def _tidy(value: float, digits: int) -> float:
    """Return a number rounded, never a negative nothing, and whole where it is."""
    rounded = round(float(value), digits)
    return int(rounded) if rounded.is_integer() else rounded


def _locale() -> Locale:
    return get_locale() or Locale("en")
