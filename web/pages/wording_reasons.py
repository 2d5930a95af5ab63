"""Sentences about why a course is shown, and what a reader of a path should know, by code."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import gettext as _
from flask_babel import ngettext

from web.pages.formats import deadline as last_day
from web.pages.told import Told, skill_name
from web.pages.words import listed, number, source_name


def _required(told: Told) -> str:
    if "course_id" in told.numbers:
        return _("It is mandatory for you, so it is listed as required and is no suggestion.")
    if told.get("due_at") is None:
        return _("Required again, without a date.") if told.get("again") else _("Required, without a date.")
    day = last_day(told["due_at"])
    if told.get("overdue"):
        if told.get("again"):
            return _("Required again; its time ended %(day)s.", day=day)
        return _("Required; its time ended %(day)s.", day=day)
    if told.get("again"):
        return _("Required again until %(day)s.", day=day)
    return _("Required until %(day)s.", day=day)


def _closes_gap(told: Told) -> str:
    numbers = {
        "skill": told.skill,
        "before": told["from"],
        "after": told["to"],
        "role": told.role,
        "needed": told["needed"],
    }
    if told.get("source"):
        return _(
            "Takes %(skill)s from level %(before)s (%(source)s) to %(after)s; %(role)s needs %(needed)s.",
            source=source_name(told["source"]),
            **numbers,
        )
    return _("Takes %(skill)s from level %(before)s to %(after)s; %(role)s needs %(needed)s.", **numbers)


def _opened_by(told: Told) -> str:
    return _(
        "It asks for %(skill)s at level %(asked)s, and you are at %(has)s (%(source)s).",
        skill=told.skill,
        asked=told["asked"],
        has=told["has"],
        source=source_name(told["source"]),
    )


def _opens_way(told: Told) -> str:
    return _("Opens the way to “%(title)s”.", title=told.course)


def _taken_together(told: Told) -> str:
    people = told["people"]
    return ngettext(
        "%(people)s person who completed “%(title)s”, as you did, also completed this.",
        "%(people)s people who completed “%(title)s”, as you did, also completed this.",
        people,
        people=number(people),
        title=told.course,
    )


def _follows(told: Told) -> str:
    people = told["people"]
    return ngettext(
        "Follows “%(title)s”, which you completed; %(people)s person went on to this one.",
        "Follows “%(title)s”, which you completed; %(people)s people went on to this one.",
        people,
        people=number(people),
        title=told.course,
    )


def _moved_to_role(told: Told) -> str:
    people = told["people"]
    return ngettext(
        "%(people)s person completed it in the year before they moved into the role %(role)s.",
        "%(people)s people completed it in the year before they moved into the role %(role)s.",
        people,
        people=number(people),
        role=told.role,
    )


def _on_the_way(told: Told) -> str:
    people = told["people"]
    return ngettext(
        "%(people)s person in the role %(role)s, or on their way to it, completed it.",
        "%(people)s people in the role %(role)s, or on their way to it, completed it.",
        people,
        people=number(people),
        role=told.role,
    )


def _rising(told: Told) -> str:
    people, before = told["people"], told.get("before")
    if before is None:
        return ngettext(
            "Rising: %(people)s completion in 30 days, more than before.",
            "Rising: %(people)s completions in 30 days, more than before.",
            people,
            people=number(people),
        )
    return ngettext(
        "Rising: %(people)s completion in 30 days, %(before)s in the 30 days before.",
        "Rising: %(people)s completions in 30 days, %(before)s in the 30 days before.",
        people,
        people=number(people),
        before=number(before),
    )


def _popular_now(told: Told) -> str:
    people = told["people"]
    return ngettext(
        "%(people)s person completed it in 30 days.",
        "%(people)s people completed it in 30 days.",
        people,
        people=number(people),
    )


def _similar(told: Told) -> str:
    return _("Its subject is close to “%(title)s”, which you completed.", title=told.course)


def _fits_role(told: Told) -> str:
    return _("Its subject fits the role %(role)s.", role=told.role)


def _suits_profile(told: Told) -> str:
    words = {
        "history": _("what you completed"),
        "role": _("your role"),
        "target_role": _("the role you aim for"),
        "department": _("your department"),
    }
    return _("Suits %(basis)s taken together.", basis=listed(words[one] for one in told["basis"]))


def _new_ground(told: Told) -> str:
    skills, short = listed(skill_name(told.model, one) for one in told["skill_ids"]), told["short"]
    if short == 0:
        return _("Leads outside what you know: %(skills)s; you meet what it asks for.", skills=skills)
    return ngettext(
        "Leads outside what you know: %(skills)s; %(short)s level short of what it asks for.",
        "Leads outside what you know: %(skills)s; %(short)s levels short of what it asks for.",
        short,
        skills=skills,
        short=number(short),
    )


def _no_goal(_told: Told) -> str:
    return _("No role with known needs is aimed at, so there is nothing to close.")


def _required_late(told: Told) -> str:
    return _("Required, but no longer to be done in time: %(titles)s.", titles=told.courses)


def _no_time_left(told: Told) -> str:
    if told.get("taken_by_required"):
        return _("Required training takes all the time until the deadline.")
    return _("No hours until the deadline.")


def _begun_left_out(told: Told) -> str:
    return _("Begun, and no longer fits: “%(title)s”.", title=told.course)


def _closes_early(told: Told) -> str:
    return _("Closes before its turn: “%(title)s”.", title=told.course)


def _cost_unknown(told: Told) -> str:
    courses = told["courses"]
    return ngettext(
        "%(courses)s of the courses has no known cost and counts as free.",
        "%(courses)s of the courses have no known cost and count as free.",
        courses,
        courses=number(courses),
    )


def _hours_per_week_assumed(told: Told) -> str:
    hours = number(told["hours_per_week"])
    return _("%(hours)s hours a week are assumed; nobody said how many there are.", hours=hours)


REASONS: Mapping[str, Callable[[Told], str]] = {
    "required": _required,
    "closes_gap": _closes_gap,
    "opened_by": _opened_by,
    "opens_way": _opens_way,
    "taken_together": _taken_together,
    "follows": _follows,
    "moved_to_role": _moved_to_role,
    "on_the_way": _on_the_way,
    "rising": _rising,
    "popular_now": _popular_now,
    "similar": _similar,
    "fits_role": _fits_role,
    "suits_profile": _suits_profile,
    "new_ground": _new_ground,
}
"""Why a course is shown. `required` also keeps a course from being a suggestion; it then names the course."""

NOTES: Mapping[str, Callable[[Told], str]] = {
    "no_goal": _no_goal,
    "required_late": _required_late,
    "no_time_left": _no_time_left,
    "begun_left_out": _begun_left_out,
    "closes_early": _closes_early,
    "cost_unknown": _cost_unknown,
    "hours_per_week_assumed": _hours_per_week_assumed,
}
"""What a reader of a path should know."""
