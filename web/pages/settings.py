"""What a person asks their page: another role, other limits. It lives in the address, so that it can be kept and shared.

A field that is left out has the value that is saved. `hours_per_week` and `budget`, given empty, mean that there is none. A
value that cannot be used is answered with a message beside its field; the page shows the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from flask_babel import format_decimal
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from recommender.moments import parse_deadline
from recommender.schema import LEAST_HOURS_PER_WEEK
from web.pages.amounts import read_amount, written_amount

HOURS_A_WEEK = 168
FEW, STEP, MOST = 5, 5, 10
"""Courses shown at first, how many each "show more" adds, and the most there are."""
MOST_MONEY = 1e12
"""A budget beyond it is a slip of the hand."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MANY = ("language", "format")
_CAN_BE_ABSENT = ("hours_per_week", "budget")
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Offered:
    """What may be asked for: the roles there are, the languages and formats of the catalogue, and after which moment."""

    has_role: Callable[[str], bool]
    languages: Collection[str]
    formats: Collection[str]
    now: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, and what of it cannot be used.

    Parameters
    ----------
    role
        Id of a role to look at, "" for the saved one.
    hours_per_week, budget
        None where not asked for; `without` names those that are asked to be absent.
    by
        The last day of the path, YYYY-MM-DD, "" for none.
    language, format
        What courses are limited to; empty for no limit.
    k
        How many courses to show.
    typed, errors
        By field: what was typed where it cannot be used, and what is wrong with it.
    """

    role: str = ""
    hours_per_week: float | None = None
    budget: float | None = None
    by: str = ""
    language: tuple[str, ...] = ()
    format: tuple[str, ...] = ()
    k: int = FEW
    without: frozenset[str] = frozenset()
    typed: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    errors: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    @property
    def deadline(self) -> int | None:
        """The moment the path must be done by, exclusive."""
        return parse_deadline(self.by) if self.by else None


def read_asked(given: MultiDict[str, str], offered: Offered) -> Asked:
    """Return what the query of an address asks."""
    found: dict[str, Any] = {}
    errors: dict[str, str] = {}
    without = {name for name in _CAN_BE_ABSENT if name in given and not given[name].strip()}
    for name, read in _READERS.items():
        text = given.get(name, "").strip()
        if not text:
            continue
        try:
            found[name] = read(text, offered)
        except ValueError as error:
            errors[name] = str(error)
    for name, known in (("language", offered.languages), ("format", offered.formats)):
        wanted = dict.fromkeys(one for one in given.getlist(name) if one)
        found[name] = tuple(one for one in wanted if one in known)
        if len(found[name]) < len(wanted):
            errors[name] = _("There is no course of this kind now; it is left out.")
    typed = {name: given.get(name, "")[:100] for name in errors if name not in _MANY}
    return Asked(**found, without=frozenset(without), typed=typed, errors=errors)


def changed(asked: Asked, **changes: Any) -> Asked:
    """Return a question that asks the same but for some changes: None leaves a field out, "" asks for it to be absent."""
    values = {name: _DEFAULT[name] if value in {None, ""} else value for name, value in changes.items()}
    absent = {name for name, value in changes.items() if value == "" and name in _CAN_BE_ABSENT}
    without = asked.without - changes.keys() | absent
    return replace(asked, **values, without=without, typed=_NOTHING, errors=_NOTHING)


def as_query(asked: Asked, **changes: Any) -> str:
    """Return the query of an address that asks the same but for some changes; "" where nothing is asked."""
    wanted = changed(asked, **changes)
    given: dict[str, Any] = {
        name: getattr(wanted, name) for name in _DEFAULT if getattr(wanted, name) != _DEFAULT[name]
    }
    given = {name: plain_number(one) if isinstance(one, float) else one for name, one in given.items()}
    given |= dict.fromkeys(sorted(wanted.without), "")
    return f"?{urlencode(given, doseq=True)}" if given else ""


def address(asked: Asked, path: str = "/me", **changes: Any) -> str:
    """Return the address of a page that asks the same but for some changes."""
    return path + as_query(asked, **changes)


def plain_number(amount: float | None) -> str:
    """Return a number as a field of a form holds it, "" for none."""
    return "" if amount is None else written_amount(amount, 6)


def _role(text: str, offered: Offered) -> str:
    if not offered.has_role(text):
        raise ValueError(_("There is no such role now. This is about your own target."))
    return text


def _amount(text: str, *, most: float) -> float:
    amount = read_amount(text)
    if amount is None or amount > most:
        raise ValueError(_("Expected a number from 0 to %(most)s.", most=format_decimal(most)))
    return amount


def _hours(text: str, _offered: Offered) -> float:
    hours = _amount(text, most=HOURS_A_WEEK)
    if 0 < hours < LEAST_HOURS_PER_WEEK:
        raise ValueError(_("Expected 0 or at least %(least)s hours.", least=format_decimal(LEAST_HOURS_PER_WEEK)))
    return hours


def _budget(text: str, _offered: Offered) -> float:
    return _amount(text, most=MOST_MONEY)


def _by(text: str, offered: Offered) -> str:
    try:
        ends = parse_deadline(text) if _DAY.fullmatch(text) else None
    except ValueError:
        ends = None
    if ends is None:
        raise ValueError(_("Expected a date as YYYY-MM-DD, for example 2027-03-31."))
    if ends <= offered.now:
        raise ValueError(_("Expected a date that is not over yet."))
    return text


def _k(text: str, _offered: Offered) -> int:
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else FEW
    return min(max(wanted, 1), MOST)


_READERS: dict[str, Callable[[str, Offered], Any]] = {
    "role": _role,
    "hours_per_week": _hours,
    "budget": _budget,
    "by": _by,
    "k": _k,
}
_DEFAULT: dict[str, Any] = {
    "role": "",
    "hours_per_week": None,
    "by": "",
    "budget": None,
    "language": (),
    "format": (),
    "k": FEW,
}
"""What each field is where it is not asked for, in the order of an address."""
