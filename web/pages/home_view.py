"""The employee's page as values for its templates: where somebody stands, what to do next, what else to ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from flask_babel import gettext as _

from recommender.model import Model
from recommender.moments import parse_moment
from store.people import StoredPerson
from web.pages.formats import percent
from web.pages.home_asking import distinct, effective_budget, effective_hours
from web.pages.home_courses import Card, card_of
from web.pages.home_gap import GapPicture, gap_picture
from web.pages.home_path import PathFound
from web.pages.home_timeline import PathView, RequiredView, path_view, required_views
from web.pages.settings import MOST, STEP, Asked, address, as_query, plain_number
from web.pages.told import role_title
from web.pages.wording import distance_name, format_name, language_name, part_name
from web.pages.words import listed, shown

MOST_NAMED = 3
"""Skills named at the top of the page, those in which most is missing."""
ROLES, SKILLS, COURSES = "/me/roles", "/me/skills", "/me/courses"

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know, and where it leads on: (what a link says, its address)."""

    text: str
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RoleOption:
    """One role that can be looked at."""

    role_id: str
    label: str


@dataclass(frozen=True, slots=True)
class Stand:
    """Where somebody stands: for which role, and how much of it is covered now and after the path, in [0, 1].

    `before` is None where no role with known needs is aimed at. `looked_at` is the id of a role that is not the saved
    target and could be made it, "" if none is.
    """

    title: str
    said: str
    missing: str
    before: float | None
    after: float
    distance: str
    looked_at: str
    looked_at_said: str
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Ways:
    """What the page can be asked instead: roles, and limits with what is offered, in effect or wrong."""

    roles: tuple[RoleOption, ...]
    role: str
    hours_per_week: str
    budget: str
    by: str
    languages: tuple[tuple[str, str], ...]
    formats: tuple[tuple[str, str], ...]
    kept: tuple[str, str] | None
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the employee's page shows."""

    stand: Stand
    gap: GapPicture
    cards: tuple[Card, ...]
    cards_notices: tuple[Notice, ...]
    more: str
    path: PathView
    path_notices: tuple[Notice, ...]
    best: str
    required: tuple[RequiredView, ...]
    ways: Ways
    asked: Asked


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered about a person: their gap, their courses and their path."""

    gap: Answer
    courses: Answer
    path: PathFound


def page_view(
    person: StoredPerson,
    answers: Answers,
    model: Model,
    asked: Asked,
    *,
    path_notices: Callable[[], tuple[Notice, ...]],
) -> Page:
    """Return the page of some answers; `path_notices` is asked where no course of a path fits, and says why."""
    path, courses, name_of = answers.path.body, answers.courses, cache(part_name)
    alike = as_query(asked, hours_per_week=None, by=None, k=None)
    return Page(
        stand=stand_of(person, answers.gap, path, model, asked),
        gap=gap_picture(answers.gap, path),
        cards=tuple(card_of(one, model, query=alike, name_of=name_of) for one in courses["recommendations"]),
        cards_notices=_about_courses(person, courses, asked),
        more=_more(courses, asked),
        path=path_view(answers.path, model),
        path_notices=() if path["steps"] else path_notices(),
        best=address(asked, "/me/path", k=None),
        required=required_views(courses["required"], path["required"], model),
        ways=ways_of(person, answers.gap, model, asked),
        asked=asked,
    )


def stand_of(person: StoredPerson, gap: Answer, path: Answer, model: Model, asked: Asked) -> Stand:
    """Return where somebody stands before and after a path."""
    role, own = gap.get("target_role_id", ""), own_role(person, gap)
    title = role_title(model, role) if role else ""
    looked_at = asked.role if asked.role and asked.role != person.target_role_id else ""
    before = gap.get("coverage")
    return Stand(
        title=_title(title, is_own=role == own.current and not looked_at),
        said=_said(before, path.get("coverage_after", before), title),
        missing=_missing(gap),
        before=before,
        after=max(path.get("coverage_after", 0.0), before or 0.0),
        distance=_distance(gap, own.current),
        looked_at=looked_at,
        looked_at_said=_looked_at(title, own, model) if looked_at else "",
        notices=_about_role(person, gap, title, own),
    )


@dataclass(frozen=True, slots=True)
class OwnRoles:
    """The ids of the role somebody holds and of the one they aim at, "" where not known."""

    current: str
    target: str


def own_role(person: StoredPerson, gap: Answer) -> OwnRoles:
    """Return somebody's roles at the moment of an answer."""
    at = parse_moment(gap["as_of"])
    return OwnRoles(person.role_at(at), person.target_at(at))


def _title(title: str, *, is_own: bool) -> str:
    if not title:
        return _("Your next steps")
    return _("Better in your role: %(role)s", role=title) if is_own else _("Your way to %(role)s", role=title)


def _said(before: float | None, after: float | None, title: str) -> str:
    if before is None or after is None:
        return ""
    if before >= 1:
        return _("You have everything that is known to be needed as %(role)s.", role=title)
    if after <= before:
        return _("You cover %(before)s of what %(role)s needs.", before=percent(before), role=title)
    return _(
        "You cover %(before)s of what %(role)s needs. The path below leads to %(after)s.",
        before=percent(before),
        after=percent(after),
        role=title,
    )


def _missing(gap: Answer) -> str:
    """Return where most is missing, "" where nothing is."""
    short = [shown(one["name"]) for one in gap["skills"] if one["have"] < one["needed"]]
    if not short:
        return ""
    return _("Most is missing in %(skills)s.", skills=listed(short[:MOST_NAMED]))


def _distance(gap: Answer, current: str) -> str:
    distance = gap.get("distance")
    if distance is None or gap.get("target_role_id") == current:
        return ""
    return distance_name(distance["kind"])


def _looked_at(title: str, own: OwnRoles, model: Model) -> str:
    if not own.target:
        return _("You are looking at %(role)s. You have not said where you want to go.", role=title)
    return _(
        "You are looking at %(role)s. Your target is %(target)s.", role=title, target=role_title(model, own.target)
    )


def _about_role(person: StoredPerson, gap: Answer, title: str, own: OwnRoles) -> tuple[Notice, ...]:
    """Return what to do where the role, the needs or the history are not known, or the goal is reached."""
    find = (_("Find a role"), ROLES)
    found = []
    if not title:
        found.append(
            Notice(
                _("You have no role here yet, so nobody can say what you need for it. Choose one to aim at."), (find,)
            )
        )
    elif gap.get("coverage") is None:
        found.append(
            Notice(_("What %(role)s needs is not written down yet. Look at another role.", role=title), (find,))
        )
    elif gap["coverage"] >= 1:
        nearest = tuple((one["title"], address(Asked(role=one["role_id"]))) for one in gap["adjacent_roles"][:3])
        found.append(Notice(_("Where next? These roles are nearest:"), (*nearest, find)))
    elif not own.target and gap.get("target_role_id") == own.current:
        found.append(Notice(_("You have not said where you want to go, so this is about the role you have."), (find,)))
    if not person.history:
        text = _("You have completed no course yet. What is assumed of your skills can be wrong: put it right.")
        found.append(Notice(text, ((_("My skills"), SKILLS),)))
    return tuple(found)


def _about_courses(person: StoredPerson, courses: Answer, asked: Asked) -> tuple[Notice, ...]:
    """Return why no course is suggested, and what would change that."""
    if courses["recommendations"]:
        return ()
    limited = asked.language or asked.format or effective_budget(person, asked) is not None
    look = (_("Look for a course"), COURSES)
    if not limited:
        return (
            Notice(_("Nothing is left to suggest: you have completed or put aside all that is open to you."), (look,)),
        )
    free = address(asked, language=None, format=None, budget="")
    text = _("No course fits the budget, languages and formats you ask for.")
    return (Notice(text, ((_("Show courses without these limits"), free), look)),)


def _more(courses: Answer, asked: Asked) -> str:
    """Return the address that shows more courses, "" where there are none."""
    if len(courses["recommendations"]) < asked.k or asked.k >= MOST:
        return ""
    return address(asked, k=min(asked.k + STEP, MOST)) + "#next"


def ways_of(person: StoredPerson, gap: Answer, model: Model, asked: Asked) -> Ways:
    """Return what the page can be asked instead."""
    effective = (effective_hours(person, asked), effective_budget(person, asked))
    is_kept = effective == (person.hours_per_week, person.budget)
    hours, budget = (plain_number(one) for one in effective)
    catalog = model.catalog
    return Ways(
        roles=_role_options(person, gap, model, asked),
        role=asked.role,
        hours_per_week=asked.typed.get("hours_per_week", hours),
        budget=asked.typed.get("budget", budget),
        by=_a_day(asked.typed.get("by", asked.by)),
        languages=_named(catalog.languages, language_name),
        formats=_named(catalog.formats, format_name),
        kept=None if is_kept else (hours, budget),
        is_changed=not is_kept or bool(asked.role or asked.by or asked.language or asked.format),
    )


def _a_day(text: str) -> str:
    """Return a day as a field for days may hold it, "" for any other text: browsers complain of it."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _role_options(person: StoredPerson, gap: Answer, model: Model, asked: Asked) -> tuple[RoleOption, ...]:
    own = own_role(person, gap)
    if own.target:
        found = [RoleOption("", _("%(role)s (your target)", role=role_title(model, own.target)))]
    elif own.current:
        found = [RoleOption("", _("%(role)s (your role)", role=role_title(model, own.current)))]
    else:
        found = [RoleOption("", _("Choose a role"))]
    if asked.role:
        found.append(RoleOption(asked.role, role_title(model, asked.role)))
    for one in gap["adjacent_roles"]:
        if one["role_id"] != own.target and (one["reachable"] > one["coverage"] or one["coverage"] >= 1):
            found.append(RoleOption(one["role_id"], _reach(one, model)))
    return tuple({one.role_id: one for one in reversed(found)}.values())[::-1]


def _reach(one: Answer, model: Model) -> str:
    now, most = percent(one["coverage"]), percent(one["reachable"])
    title = role_title(model, one["role_id"])
    return _("%(role)s: %(now)s covered, up to %(most)s within reach", role=title, now=now, most=most)


def _named(column: tuple[str, ...], name: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    return tuple((one, name(one)) for one in distinct(column))
