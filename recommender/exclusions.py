"""What keeps a course from being shown to a person: each rule that forbids it, with its numbers and a plain sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from recommender.arrays import EARLIEST, LATEST, Levels
from recommender.eligibility import LATER, RULES, Asked, barriers
from recommender.model import Model
from recommender.moments import moment_text
from recommender.query import Feedback, Query
from recommender.reasons import Reason
from recommender.skills import strain

VERB_WORDS = {
    "not_interested": "not interested",
    "already_know": "already known",
    "too_easy": "too easy",
    "too_hard": "too hard",
    "later": "later",
}
"""What was said of a course, in words."""


@dataclass(frozen=True, slots=True)
class Barred:
    """One course and the person it may not be shown to."""

    model: Model
    query: Query
    course: int
    levels: Levels


def exclusions(model: Model, query: Query, course: int, *, levels: Levels) -> tuple[Reason, ...]:
    """Return what keeps a course away, in the order of `eligibility.RULES`; nothing if it may be shown.

    The code of each is the rule's name. Words of feedback are named one by one.
    """
    barred = Barred(model, query, course, levels)
    found = barriers(model.catalog, query, course, levels=levels)
    return tuple(Reason(code, text, numbers) for code in found for text, numbers in _TELLS[code](barred))


def short_entries(model: Model, course: int, levels: Levels, *, declared_only: bool) -> list[dict[str, Any]]:
    """Return the skills a course asks for in which the person is too low: skill, name, has, needed."""
    rows, found = model.catalog.skills, []
    for at in range(*rows.span(course).indices(len(rows.skill_idx))):
        skill, needed = int(rows.skill_idx[at]), int(rows.entry_level[at])
        if levels[skill] < needed and (rows.entry_declared[at] or not declared_only):
            names = {"skill_id": model.skills.ids[skill], "name": model.skills.names[skill]}
            found.append({**names, "has": int(levels[skill]), "needed": needed})
    return found


def missing_prerequisites(model: Model, query: Query, course: int) -> list[int]:
    """Return the declared prerequisites of which the person completed no version."""
    group = model.catalog.version_group
    met = set(group[query.history].tolist())
    return [one for one in model.catalog.prerequisites.row(course).tolist() if int(group[one]) not in met]


def barring_words(model: Model, query: Query, course: int, *, levels: Levels) -> list[tuple[int, str, int]]:
    """Return what the person said, as (course, verb, time), each of which alone keeps a course away."""
    one, found = np.array([course], dtype=np.int32), []
    for word in query.feedback.rows():
        if word[0] == course or word[1] == "too_easy":
            alone = Asked(model.catalog, replace(query, feedback=Feedback.of([word])), levels)
            passed = RULES["feedback"](alone, one)
            if passed is not None and not passed[0]:
                found.append(word)
    return found


Told = list[tuple[str, dict[str, Any]]]


def _unpublished(_barred: Barred) -> Told:
    return [("It is not published.", {})]


def _superseded(barred: Barred) -> Told:
    catalog, as_of = barred.model.catalog, barred.query.as_of
    newer = [
        one
        for one in range(len(catalog))
        if barred.course in catalog.supersedes.row(one)
        and catalog.published[one]
        and catalog.available_from[one] <= as_of < catalog.available_to[one]
    ]
    text = f"{_titles(barred, newer)} {'has' if len(newer) == 1 else 'have'} taken its place."
    return [(text, {"course_ids": [catalog.ids[one] for one in newer]})]


def _not_available(barred: Barred) -> Told:
    catalog = barred.model.catalog
    first, last = int(catalog.available_from[barred.course]), int(catalog.available_to[barred.course])
    numbers = {}
    if first != EARLIEST:
        numbers["available_from"] = moment_text(first)
    if last != LATEST:
        numbers["available_to"] = moment_text(last)
    words = {"available_from": "from", "available_to": "until"}
    return [(f"It is available {' '.join(f'{words[name]} {at}' for name, at in numbers.items())} only.", numbers)]


def _completed(barred: Barred) -> Told:
    catalog, query = barred.model.catalog, barred.query
    group = catalog.version_group
    done = np.flatnonzero(group[query.history] == group[barred.course])
    same = done[query.history[done] == barred.course]
    at = int((same if len(same) else done)[0])
    version, moment = int(query.history[at]), moment_text(int(query.history_at[at]))
    numbers = {"course_id": catalog.ids[version], "completed_at": moment}
    what = "it" if version == barred.course else f"another version of it, “{catalog.titles[version]}”,"
    return [(f"You completed {what} on {moment[:10]}.", numbers)]


def _required(barred: Barred) -> Told:
    catalog, group = barred.model.catalog, barred.model.catalog.version_group
    one = next(one for one in barred.query.required if group[one.course_idx] == group[barred.course])
    numbers: dict[str, Any] = {"course_id": catalog.ids[one.course_idx]}
    if one.due_at is not None:
        numbers["due_at"] = moment_text(one.due_at)
    return [("It is mandatory for you, so it is listed as required and is no suggestion.", numbers)]


def _in_progress(barred: Barred) -> Told:
    query = barred.query
    share = float(query.progress[np.flatnonzero(query.in_progress == barred.course)[0]])
    return [("You have begun it already.", {"progress": round(share, 4)})]


def _feedback(barred: Barred) -> Told:
    words = barring_words(barred.model, barred.query, barred.course, levels=barred.levels)
    return [_word(barred, *word) for word in words]


def _word(barred: Barred, course: int, verb: str, at: int) -> tuple[str, dict[str, Any]]:
    """Return what one word of feedback forbids, and until when: a moment, the levels it waits for, or for good."""
    numbers: dict[str, Any] = {"course_id": barred.model.catalog.ids[course], "verb": verb}
    if at != EARLIEST:
        numbers["at"] = moment_text(at)
    if course != barred.course:
        title = barred.model.catalog.titles[course]
        return f"You called “{title}” too easy, and this teaches nothing beyond it.", numbers
    until = "until you withdraw that"
    if verb in {"later", "too_hard"} and at != EARLIEST and barred.query.as_of < at + LATER:
        numbers["until"] = moment_text(at + LATER)
        until = f"until {numbers['until'][:10]}"
    if verb == "too_hard" and strain(barred.levels, barred.model.catalog, np.array([course], dtype=np.int32))[0] > 0:
        numbers["skills"] = short_entries(barred.model, course, barred.levels, declared_only=False)
        levels = f"while you are below {_levels(numbers['skills'])}"
        until = f"{until}, and {levels}" if "until" in numbers else levels
    return f"You said of it: {VERB_WORDS[verb]}. It is not shown {until}.", numbers


def _excluded(barred: Barred) -> Told:
    limits, told = barred.query.limits, []
    if barred.course in limits.exclude:
        told.append(("You asked to leave it out.", {"limit": "exclude"}))
    if limits.only is not None and barred.course not in limits.only:
        told.append(("You asked for certain courses only, and it is none of them.", {"limit": "only"}))
    return told


def _max_hours(barred: Barred) -> Told:
    hours, most = plain(barred.model.catalog.hours[barred.course]), barred.query.limits.max_hours
    return [(f"It takes {hours:g} hours; you asked for at most {most:g}.", {"hours": hours, "max_hours": most})]


def _max_cost(barred: Barred) -> Told:
    cost, most = plain(barred.model.catalog.cost[barred.course]), barred.query.limits.max_cost
    return [(f"It costs {cost:g}; you asked for at most {most:g}.", {"cost": cost, "max_cost": most})]


def _language(barred: Barred) -> Told:
    word, accepted = barred.model.catalog.languages[barred.course], list(barred.query.limits.languages)
    return [_none_of("language", word, accepted)]


def _format(barred: Barred) -> Told:
    word, accepted = barred.model.catalog.formats[barred.course], list(barred.query.limits.formats)
    return [_none_of("format", word, accepted)]


def _none_of(what: str, word: str, accepted: list[str]) -> tuple[str, dict[str, Any]]:
    known = f"Its {what} is {word}" if word else f"Its {what} is not known"
    return f"{known}; you asked for {_or(accepted)}.", ({what: word} if word else {}) | {"accepted": accepted}


def _audience(barred: Barred) -> Told:
    audience = list(barred.model.catalog.audience[barred.course])
    return [(f"It is meant for {_or(audience)}.", {"audience": audience})]


def _prerequisite(barred: Barred) -> Told:
    missing = missing_prerequisites(barred.model, barred.query, barred.course)
    ids = barred.model.catalog.ids
    text = f"It asks you to complete {_titles(barred, missing)} first."
    return [(text, {"course_ids": [ids[one] for one in missing]})]


def _entry_level(barred: Barred) -> Told:
    short = short_entries(barred.model, barred.course, barred.levels, declared_only=True)
    has = ", ".join(str(one["has"]) for one in short)
    return [(f"It asks for {_levels(short)}; you are at {has}.", {"skills": short})]


def _levels(short: list[dict[str, Any]]) -> str:
    return " and ".join(f"{one['name']} at level {one['needed']}" for one in short)


def _titles(barred: Barred, courses: Iterable[int]) -> str:
    return " and ".join(f"“{barred.model.catalog.titles[one]}”" for one in courses)


def _or(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def plain(number: np.floating[Any]) -> float:
    """Return a single-precision number as it is written: 7.3, not 7.300000190734863."""
    return float(str(number))


_TELLS: dict[str, Callable[[Barred], Told]] = {
    "unpublished": _unpublished,
    "superseded": _superseded,
    "not_available": _not_available,
    "completed": _completed,
    "required": _required,
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
}
