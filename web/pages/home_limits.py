"""Where no course of a path fits: which limit is in the way, and the address that is without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask_babel import gettext as _

from store.people import StoredPerson
from web.pages.formats import date, money, percent
from web.pages.home_asking import effective_budget, effective_hours
from web.pages.home_view import COURSES, ROLES, Notice
from web.pages.settings import Asked, address, changed

ENOUGH_HOURS = 2.0
"""Hours a week that are offered to somebody who has none."""

PathOf = Callable[[Asked], Mapping[str, Any]]
"""Returns the path at once under other limits."""


def why_no_step(person: StoredPerson, path: Mapping[str, Any], asked: Asked, path_of: PathOf) -> tuple[Notice, ...]:
    """Return why a path is empty, and what to do about it.

    Each limit in effect is taken away by itself, and the path asked for anew: one without which there is a path is named
    with what it would cover.
    """
    before = path.get("coverage_before")
    if before is None:
        return (Notice(_("Without a role whose needs are known there is no path."), ((_("Find a role"), ROLES),)),)
    if before >= 1:
        return (Notice(_("There is nothing to close: the path is empty.")),)
    found = [Notice(text, (link,)) for text, link in _reliefs(person, asked, path_of)]
    if found:
        return tuple(found)
    free = changed(asked, by=None, budget="", language=None, format=None)
    if len(list(_limits(person, asked))) > 1 and path_of(free)["steps"]:
        text = _("Nothing fits within all of your limits together.")
        return (Notice(text, ((_("Show the path without limits"), address(free)),)),)
    text = _("No course that is open to you now leads further towards this role.")
    return (Notice(text, ((_("Look at other roles"), ROLES), (_("Look for a course"), COURSES))),)


def _reliefs(person: StoredPerson, asked: Asked, path_of: PathOf) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield what each limit keeps away that stands alone in the way, and the link that is without it."""
    for text, relaxed in _limits(person, asked):
        path = path_of(relaxed)
        if path["steps"]:
            reached = percent(path["coverage_after"])
            yield text, (_("Show the path that leads to %(share)s", share=reached), address(relaxed))


def _limits(person: StoredPerson, asked: Asked) -> Iterator[tuple[str, Asked]]:
    """Yield each limit in effect in words, and the same question without it."""
    if asked.by:
        if effective_hours(person, asked) == 0:
            text = _("With no hours a week there is no time for a course before %(day)s.", day=date(asked.by))
            yield text, changed(asked, hours_per_week=ENOUGH_HOURS)
        yield _("Nothing fits before %(day)s.", day=date(asked.by)), changed(asked, by=None)
    budget = effective_budget(person, asked)
    if budget is not None:
        yield _("Nothing fits a budget of %(budget)s.", budget=money(budget)), changed(asked, budget="")
    if asked.language:
        yield _("Nothing fits in the languages you ask for."), changed(asked, language=None)
    if asked.format:
        yield _("Nothing fits in the formats you ask for."), changed(asked, format=None)
