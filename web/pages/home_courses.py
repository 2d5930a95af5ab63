"""Courses as cards: what one is and costs, what it lifts, why it is shown, and what its score is made of."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from flask_babel import format_decimal
from flask_babel import gettext as _

from recommender.model import Model
from recommender.schema import FEEDBACK_VERBS
from web.pages.formats import hours, money
from web.pages.wording import format_name, language_name, part_name, said

MOST_LIFTS = 4


@dataclass(frozen=True, slots=True)
class Lift:
    """A skill that is lifted: from, to and needed are levels 0–5."""

    name: str
    before: int
    after: int
    needed: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score: its name in words, in hundredths, and beside the largest part, in [0, 1]."""

    name: str
    hundredths: int
    share: float

    @property
    def amount(self) -> str:
        """The part as it is shown."""
        return two_digits(self.hundredths)


@dataclass(frozen=True, slots=True)
class Card:
    """One course that is suggested. `link` is its own address, "" where it has none a browser should follow."""

    course_id: str
    title: str
    link: str
    about: str
    facts: tuple[str, ...]
    lifts: tuple[Lift, ...]
    n_more_lifts: int
    reasons: tuple[str, ...]
    parts: tuple[Part, ...]
    score: str


def card_of(
    one: Mapping[str, Any], model: Model, *, query: str = "", name_of: Callable[[str], str] = part_name
) -> Card:
    """Return the card of a recommended course.

    `query` asks the page about it what the list was asked; `name_of` says what a part of its score is called.
    """
    parts = shown_parts(one["parts"], name_of=name_of)
    return Card(
        course_id=one["course_id"],
        title=one["title"] or one["course_id"],
        link=followable(one.get("url", "")),
        about=about(one["course_id"], query),
        facts=facts_of(one),
        lifts=lifts_of(one["lifts"][:MOST_LIFTS]),
        n_more_lifts=max(0, len(one["lifts"]) - MOST_LIFTS),
        reasons=tuple(said(reason, model) for reason in one["reasons"]),
        parts=parts,
        score=two_digits(sum(part.hundredths for part in parts)),
    )


def lifts_of(lifts: Sequence[Mapping[str, Any]]) -> tuple[Lift, ...]:
    """Return the lifts of an answer."""
    return tuple(Lift(one["name"], one["from"], one["to"], one["needed"]) for one in lifts)


def facts_of(one: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a course of an answer is, as far as known: by whom, how, in which language, how long, at what price."""
    found = [
        one.get("provider", ""),
        format_name(one["format"]) if "format" in one else "",
        language_name(one["language"]) if "language" in one else "",
        duration(one),
        price(one["cost"]) if "cost" in one else "",
    ]
    return tuple(fact for fact in found if fact)


def duration(one: Mapping[str, Any]) -> str:
    """Return how long a course takes, and whether that is a guess."""
    amount = hours(one["hours"])
    return _("about %(hours)s (not stated)", hours=amount) if one.get("hours_assumed") else amount


def price(cost: float) -> str:
    """Return what a course costs."""
    return money(cost) if cost == 0 else _("costs %(cost)s", cost=money(cost))


def about(course_id: str, query: str = "") -> str:
    """Return the address of the page about a course, with the query that asks the same of it as of the list."""
    return f"/me/courses/{quote(course_id, safe='')}{query}"


def followable(url: str) -> str:
    """Return an address of the catalogue if it is one of the web; "" if it is any other, such as a script."""
    if not url.isprintable() or any(one in url for one in ' <>"\\'):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.hostname else ""


def shown_parts(parts: Mapping[str, float], *, name_of: Callable[[str], str] = part_name) -> tuple[Part, ...]:
    """Return the parts of a score, the largest first, in hundredths that sum to the score in hundredths.

    Each is rounded down, and what is missing to the rounded sum goes to those that lost most (largest remainder). A part
    of 0.00 is left out.
    """
    exact = {name: 100 * part for name, part in parts.items()}
    floors = {name: math.floor(value) for name, value in exact.items()}
    missing = round(math.fsum(exact.values())) - sum(floors.values())
    lost_most = sorted(exact, key=lambda name: (floors[name] - exact[name], name))
    for name in lost_most[:missing]:
        floors[name] += 1
    most = max((abs(value) for value in floors.values()), default=0)
    order = sorted(floors, key=lambda name: (-floors[name], name))
    return tuple(Part(name_of(name), floors[name], abs(floors[name]) / most) for name in order if floors[name])


def two_digits(hundredths: int) -> str:
    """Return hundredths as a number with two digits after the decimal sign."""
    return format_decimal(hundredths / 100, "0.00")


def feedback_verbs() -> tuple[tuple[str, str], ...]:
    """Return what can be said of a course: each verb, and what its button says."""
    words = {
        "not_interested": _("Not interested"),
        "already_know": _("I know this already"),
        "too_easy": _("Too easy"),
        "too_hard": _("Too hard"),
        "later": _("Later"),
    }
    return tuple((verb, words[verb]) for verb in FEEDBACK_VERBS)
