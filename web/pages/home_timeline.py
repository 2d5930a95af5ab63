"""The path as a timeline: which course in which weeks, what is reached when, how good it is and what stays open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from babel.dates import format_interval
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from recommender.model import Model
from recommender.moments import moment_of, parse_moment
from web.pages.formats import date as day_text
from web.pages.formats import deadline, hours, number
from web.pages.home_courses import Lift, about, duration, followable, lifts_of, price
from web.pages.home_path import PathFound
from web.pages.told import course_title
from web.pages.wording import said
from web.pages.words import listed, shown

WEEK = 7
_OF_AN_EMPTY_PATH = frozenset({"required_late", "no_time_left", "begun_left_out", "closes_early"})
"""Notes worth reading though there is no step; why there is none is said apart."""
_OPENS = "opens_way"
LAST_DATED_WEEK = 5_000
"""Weeks beyond it, some hundred years away, have no dates."""


@dataclass(frozen=True, slots=True)
class StepView:
    """One course of the path, when its turn is, and what is covered then, in [0, 1].

    `opening` says what a course that lifts nothing itself opens the way to.
    """

    position: int
    course_id: str
    title: str
    link: str
    about: str
    weeks: str
    dates: str
    facts: tuple[str, ...]
    lifts: tuple[Lift, ...]
    opening: str
    reasons: tuple[str, ...]
    coverage: float
    instead: str
    milestone: str


@dataclass(frozen=True, slots=True)
class PathView:
    """The path: its steps, what it takes, how good it is, and what is left. `summary` is "" where there is no step."""

    steps: tuple[StepView, ...]
    summary: str
    quality: str
    is_draft: bool
    unmet: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequiredView:
    """One piece of mandatory training: what it is, when it is due, and what of that is pressing, "" if nothing."""

    title: str
    link: str
    about: str
    due: str
    pressing: str
    facts: tuple[str, ...]


def path_view(found: PathFound, model: Model) -> PathView:
    """Return the timeline of a path."""
    path = found.body
    begins = moment_of(parse_moment(path["as_of"])).date()
    milestones = {one["position"]: one for one in path["milestones"]}
    return PathView(
        steps=tuple(_step(one, milestones.get(one["position"]), begins, model) for one in path["steps"]),
        summary=_summary(path, begins) if path["steps"] else "",
        quality="" if found.is_draft else _quality(path),
        is_draft=found.is_draft,
        unmet=tuple(_unmet(one, model) for one in path["unmet"]),
        notes=tuple(said(one, model) for one in path["notes"] if path["steps"] or one["code"] in _OF_AN_EMPTY_PATH),
    )


def required_views(
    listed: Sequence[Mapping[str, Any]], planned: Sequence[Mapping[str, Any]], model: Model
) -> tuple[RequiredView, ...]:
    """Return the mandatory training that is listed now, and that which a path reserves time for."""
    plans = {one["course_id"]: one for one in planned}
    rest = [one for one in planned if one["course_id"] not in {each["course_id"] for each in listed}]
    both = sorted([*listed, *rest], key=lambda one: (one.get("due_at", "9999"), one["course_id"]))
    return tuple(_required(one, plans.get(one["course_id"], {}), model) for one in both)


def course_url(course_id: str, model: Model) -> str:
    """Return the address of a course of the catalogue, "" where it has none to follow."""
    found = model.catalog.ids.find(course_id)
    return followable(model.catalog.urls[found]) if found >= 0 else ""


def _step(one: Mapping[str, Any], milestone: Mapping[str, Any] | None, begins: date, model: Model) -> StepView:
    facts = [duration(one), price(one["cost"]) if "cost" in one else "", _("begun") if one.get("continues") else ""]
    told = {"closes_gap"} if one["lifts"] else {"closes_gap", _OPENS}
    return StepView(
        position=one["position"],
        course_id=one["course_id"],
        title=one["title"] or one["course_id"],
        link=course_url(one["course_id"], model),
        about=about(one["course_id"]),
        weeks=_weeks(one),
        dates=_dates(one, begins),
        facts=tuple(fact for fact in facts if fact),
        lifts=lifts_of(one["lifts"]),
        opening=""
        if one["lifts"]
        else next((said(each, model) for each in one["reasons"] if each["code"] == _OPENS), ""),
        reasons=tuple(said(each, model) for each in one["reasons"] if each["code"] not in told),
        coverage=one["coverage_after"],
        instead=_instead(one["alternatives"], model),
        milestone=_milestone(milestone) if milestone else "",
    )


def _weeks(one: Mapping[str, Any]) -> str:
    if "from_week" not in one:
        return ""
    first, last = one["from_week"], one["to_week"]
    if first == last:
        return _("Week %(week)s", week=number(first))
    return _("Weeks %(first)s–%(last)s", first=number(first), last=number(last))


def _dates(one: Mapping[str, Any], begins: date) -> str:
    """Return the days of the weeks of a step, in the form of the page's language."""
    if "from_week" not in one or one["to_week"] > LAST_DATED_WEEK:
        return ""
    first = begins + timedelta(days=WEEK * (one["from_week"] - 1))
    return str(format_interval(first, _end_of(one["to_week"], begins), "yMMMd", locale=get_locale()))


def _end_of(week: int, begins: date) -> date:
    return begins + timedelta(days=WEEK * week - 1)


def _unmet(one: Mapping[str, Any], model: Model) -> str:
    return _(
        "%(skill)s stays at %(reached)s of %(needed)s. %(why)s",
        skill=shown(one["name"]),
        reached=one["reached"],
        needed=one["needed"],
        why=said(one, model),
    )


def _milestone(one: Mapping[str, Any]) -> str:
    skills = listed(shown(skill["name"]) for skill in one["skills"])
    return _("Reached as needed: %(skills)s", skills=skills)


def _instead(alternatives: Sequence[str], model: Model) -> str:
    if not alternatives:
        return ""
    titles = [_("“%(title)s”", title=course_title(model, one)) for one in alternatives]
    return _("Would do as well: %(titles)s", titles=listed(titles, style="or"))


def _summary(path: Mapping[str, Any], begins: date) -> str:
    n, unknown = len(path["steps"]), sum("cost" not in one for one in path["steps"])
    found = [ngettext("%(n)s course", "%(n)s courses", n, n=number(n)), hours(path["hours"])]
    if unknown < n:
        found.append(price(path["cost"]))
    if unknown:
        found.append(
            ngettext("the price of %(n)s is not known", "the prices of %(n)s are not known", unknown, n=unknown)
        )
    last = max((one.get("to_week", 0) for one in path["steps"]), default=0)
    if 0 < last <= LAST_DATED_WEEK:
        found.append(_("done by %(day)s", day=day_text(_end_of(last, begins))))
    each = path["limits"].get("hours_per_week")
    if each:
        found.append(_("at %(hours)s a week", hours=hours(each)))
    return " · ".join(found)


def _quality(path: Mapping[str, Any]) -> str:
    """Return how good a path is, in words: what is proven of it."""
    if not path["steps"]:
        return ""
    if path["proven"]:
        return _("This is the best there can be: it is proven that nothing within your limits covers more.")
    points = max(100 * path["optimality_gap"], 0.1)
    return _("It is proven that at most %(points)s points of coverage are missing to the best.", points=number(points))


def _required(one: Mapping[str, Any], plan: Mapping[str, Any], model: Model) -> RequiredView:
    facts = [duration(one), _("comes back regularly") if one["recurring"] else "", _weeks(plan)]
    return RequiredView(
        title=one["title"] or one["course_id"],
        link=course_url(one["course_id"], model),
        about=about(one["course_id"]),
        due=_due(one),
        pressing=_("Overdue") if one["overdue"] else _("No longer possible in time") if plan.get("late") else "",
        facts=tuple(fact for fact in facts if fact),
    )


def _due(one: Mapping[str, Any]) -> str:
    if "due_at" not in one:
        return _("No date is set.")
    day = deadline(one["due_at"])
    return _("It was due by %(day)s.", day=day) if one["overdue"] else _("Due by %(day)s.", day=day)
