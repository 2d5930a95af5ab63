"""Sentences about what keeps a course away, what would bring it in, and why a skill stays out of reach, by code or kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import gettext as _
from flask_babel import ngettext

from web.pages.formats import date as day
from web.pages.formats import deadline as last_day
from web.pages.told import Told
from web.pages.words import format_name, language_name, listed, number, shown, verb_name


def _unpublished(_told: Told) -> str:
    return _("It is not published.")


def _superseded(told: Told) -> str:
    return ngettext(
        "%(titles)s has taken its place.",
        "%(titles)s have taken its place.",
        len(told["course_ids"]),
        titles=told.courses,
    )


def _not_available(told: Told) -> str:
    first, last = told.get("available_from"), told.get("available_to")
    if first is None:
        return _("It is available until %(last)s only.", last=last_day(told["available_to"]))
    if last is None:
        return _("It is available from %(first)s only.", first=day(first))
    return _("It is available from %(first)s until %(last)s only.", first=day(first), last=last_day(last))


def _completed(told: Told) -> str:
    then = day(told["completed_at"])
    if told.about == told["course_id"]:
        return _("You completed it on %(day)s.", day=then)
    if not told.about:
        return _("You completed “%(title)s” on %(day)s.", title=told.course, day=then)
    return _("You completed another version of it, “%(title)s”, on %(day)s.", title=told.course, day=then)


def _in_progress(_told: Told) -> str:
    return _("You have begun it already.")


def _feedback(told: Told) -> str:
    """Return what one word of feedback forbids, and until when."""
    if not told.is_about_itself:
        return _("You called “%(title)s” too easy, and this teaches nothing beyond it.", title=told.course)
    verb, until = verb_name(told["verb"]), told.get("until")
    if told.get("skills"):
        if until is None:
            return _(
                "You said of it: %(verb)s. It is not shown while you are below %(levels)s.",
                verb=verb,
                levels=told.levels(),
            )
        return _(
            "You said of it: %(verb)s. It is not shown until %(day)s, and while you are below %(levels)s.",
            verb=verb,
            day=day(until),
            levels=told.levels(),
        )
    if until is not None:
        return _("You said of it: %(verb)s. It is not shown until %(day)s.", verb=verb, day=day(until))
    return _("You said of it: %(verb)s. It is not shown until you withdraw that.", verb=verb)


def _excluded(told: Told) -> str:
    if told["limit"] == "only":
        return _("You asked for certain courses only, and it is none of them.")
    return _("You asked to leave it out.")


def _max_hours(told: Told) -> str:
    hours, most = number(told["hours"]), number(told["max_hours"])
    return _("It takes %(hours)s hours; you asked for at most %(most)s.", hours=hours, most=most)


def _max_cost(told: Told) -> str:
    cost, most = number(told["cost"]), number(told["max_cost"])
    return _("It costs %(cost)s; you asked for at most %(most)s.", cost=cost, most=most)


def _language(told: Told) -> str:
    accepted = listed((language_name(one) for one in told["accepted"]), style="or")
    if told.get("language") is None:
        return _("Its language is not known; you asked for %(accepted)s.", accepted=accepted)
    language = language_name(told["language"])
    return _("Its language is %(language)s; you asked for %(accepted)s.", language=language, accepted=accepted)


def _format(told: Told) -> str:
    accepted = listed((format_name(one) for one in told["accepted"]), style="or")
    if told.get("format") is None:
        return _("Its format is not known; you asked for %(accepted)s.", accepted=accepted)
    its = format_name(told["format"])
    return _("Its format is %(format)s; you asked for %(accepted)s.", format=its, accepted=accepted)


def _audience(told: Told) -> str:
    return _("It is meant for %(audience)s.", audience=listed(map(shown, told["audience"]), style="or"))


def _prerequisite(told: Told) -> str:
    return _("It asks you to complete %(titles)s first.", titles=told.courses)


def _entry_level(told: Told) -> str:
    has = ", ".join(number(one["has"]) for one in told["skills"])
    return _("It asks for %(levels)s; you are at %(has)s.", levels=told.levels(), has=has)


def _other_version(told: Told) -> str:
    title = told.course
    return _("Another version of it, “%(title)s”, stands before it, and only one is shown.", title=title)


def _not_proposed(_told: Told) -> str:
    return _("Nothing proposes it to you, so it was not ranked.")


def _not_required(_told: Told) -> str:
    return _("The mode compliance lists mandatory training and nothing else; this is not mandatory for you now.")


EXCLUSIONS: Mapping[str, Callable[[Told], str]] = {
    "unpublished": _unpublished,
    "superseded": _superseded,
    "not_available": _not_available,
    "completed": _completed,
    "in_progress": _in_progress,
    "feedback": _feedback,
    "excluded": _excluded,
    "max_hours": _max_hours,
    "max_cost": _max_cost,
    "language": _language,
    "format": _format,
    "audience": _audience,
    "prerequisite": _prerequisite,
    "entry_level": _entry_level,
    "other_version": _other_version,
    "not_proposed": _not_proposed,
    "not_required": _not_required,
}
"""What keeps a course away."""


def _withdraw(told: Told) -> str:
    return _("Withdraw “%(verb)s” on “%(title)s”", verb=verb_name(told["verb"]), title=told.course)


def _limit(told: Told) -> str:
    return LIMITS[told["limit"]](told)


def _exclude(_told: Told) -> str:
    return _("Do not leave it out")


def _only(_told: Told) -> str:
    return _("Ask for it among the others")


def _language_too(told: Told) -> str:
    more = [one for one in told["to"] if one not in told["from"]]
    if not more:
        return _("Accept any language")
    return _("Accept the language %(language)s too", language=language_name(more[0]))


def _format_too(told: Told) -> str:
    more = [one for one in told["to"] if one not in told["from"]]
    return _("Accept the format %(format)s too", format=format_name(more[0])) if more else _("Accept any format")


def _hours_of_a_course(told: Told) -> str:
    now, to = told.get("from"), told["to"]
    hours = number(to)
    if now is None:
        return _("Allow at most %(hours)s hours a course", hours=hours)
    if to > now:
        return _("Allow %(hours)s hours a course instead of %(now)s", hours=hours, now=number(now))
    return _("Allow at most %(hours)s hours a course instead of %(now)s", hours=hours, now=number(now))


def _cost_of_a_course(told: Told) -> str:
    now, to = told.get("from"), told["to"]
    cost = number(to)
    if now is None:
        return _("Allow at most %(cost)s as the cost of a course", cost=cost)
    if to > now:
        return _("Allow %(cost)s as the cost of a course instead of %(now)s", cost=cost, now=number(now))
    return _("Allow at most %(cost)s as the cost of a course instead of %(now)s", cost=cost, now=number(now))


def _complete(told: Told) -> str:
    return _("Complete “%(title)s”", title=told.course)


def _skill_level(told: Told) -> str:
    return _(
        "Be at level %(level)s in %(skill)s instead of %(now)s",
        level=told["to"],
        skill=told.skill,
        now=told["from"],
    )


LIMITS: Mapping[str, Callable[[Told], str]] = {
    "exclude": _exclude,
    "only": _only,
    "language": _language_too,
    "format": _format_too,
    "max_hours": _hours_of_a_course,
    "max_cost": _cost_of_a_course,
}
"""The limit that a change moves."""

CHANGES: Mapping[str, Callable[[Told], str]] = {
    "feedback": _withdraw,
    "limit": _limit,
    "complete": _complete,
    "skill_level": _skill_level,
}
"""What would bring a course in, without what comes of it."""


def _no_course(_told: Told) -> str:
    return _("No course on offer leads there.")


def _kept_away(told: Told) -> str:
    if not told.get("course_ids"):
        return _("What leads there is kept away from you, or closes too early.")
    return _("What leads there is kept away from you, or closes too early: %(titles)s.", titles=told.courses)


def _beyond_limits(told: Told) -> str:
    within = told.get("within_reach")
    if within is None:
        return _("More is beyond your limits.")
    return _("Level %(level)s can be reached, but not within your limits.", level=within)


WHYS: Mapping[str, Callable[[Told], str]] = {
    "no_course": _no_course,
    "kept_away": _kept_away,
    "beyond_limits": _beyond_limits,
}
"""Why a skill stays below what the role needs."""
