"""Which courses may be shown to a person: the rules of design section 5.3, each with a name, stated once.

Assumed prerequisites and entry levels forbid nothing; only declared ones do. What the person said of a course forbids it,
in every version: `not_interested`, `already_know` and `too_easy` until withdrawn, `too_easy` also every course that
teaches nothing beyond it; `later` for `LATER` seconds; `too_hard` while an entry level, an assumed one too, is above the
person's, and for `LATER` at least.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from recommender.arrays import DAY, EARLIEST, BoolArray, IntArray, Levels
from recommender.catalog import Catalog
from recommender.query import Query
from recommender.skills import ready, strain

LATER = 90 * DAY
"""How long what was put off stays away. A choice, not measured."""
_LARGEST = float(np.finfo(np.float32).max)
"""Limits are compared as the catalogue holds its numbers, in single precision."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rules look at: the catalogue, the question, and the person's `levels` (n_skills,), None if not looked at."""

    catalog: Catalog
    query: Query
    levels: Levels | None


Rule = Callable[[Asked, IntArray], BoolArray]
"""Tells of each course, by position, whether one rule lets it be shown."""


def eligible(
    catalog: Catalog,
    query: Query,
    courses: IntArray | None = None,
    *,
    levels: Levels | None = None,
    despite: Collection[str] = (),
) -> BoolArray:
    """Tell of each course whether it may be shown, shape (len(courses),); of all courses unless said.

    Shown is what every rule of `RULES` lets through, but for those named in `despite`. Completing one version of a course
    completes all, and what is due again is due in any version: shown is the one that may be. With `levels` (n_skills,)
    declared entry levels must be met too.
    """
    courses = np.arange(len(catalog), dtype=np.int32) if courses is None else courses
    asked, left = Asked(catalog, query, levels), np.arange(len(courses))
    for name, rule in RULES.items():
        if name not in despite:
            left = left[rule(asked, courses[left])]
    shown = np.zeros(len(courses), dtype=np.bool_)
    shown[left] = True
    return shown


def barriers(catalog: Catalog, query: Query, course: int, *, levels: Levels | None = None) -> tuple[str, ...]:
    """Return the names of the rules that keep a course from being shown, in the order of `RULES`; none if it may be."""
    asked, one = Asked(catalog, query, levels), np.array([course], dtype=np.int32)
    return tuple(name for name, rule in RULES.items() if not rule(asked, one)[0])


def _published(asked: Asked, courses: IntArray) -> BoolArray:
    return asked.catalog.published[courses]


def _current(asked: Asked, courses: IntArray) -> BoolArray:
    return ~asked.catalog.superseded_at(asked.query.as_of)[courses]


def _available(asked: Asked, courses: IntArray) -> BoolArray:
    catalog, moment = asked.catalog, asked.query.as_of
    return (catalog.available_from[courses] <= moment) & (moment < catalog.available_to[courses])


def _new(asked: Asked, courses: IntArray) -> BoolArray:
    """Not completed, in whatever version, unless due again."""
    group, query = asked.catalog.version_group, asked.query
    done = np.isin(group[courses], group[query.history])
    if len(query.due_again):
        done &= ~np.isin(group[courses], group[query.due_again])
    return ~done


def _not_required(asked: Asked, courses: IntArray) -> BoolArray:
    """No version of it is mandatory: that is listed apart."""
    required, group = asked.query.required, asked.catalog.version_group
    return ~np.isin(group[courses], group[[one.course_idx for one in required]]) if required else _all(courses)


def _not_begun(asked: Asked, courses: IntArray) -> BoolArray:
    group = asked.catalog.version_group
    return ~np.isin(group[courses], group[asked.query.in_progress])


def _wanted(asked: Asked, courses: IntArray) -> BoolArray:
    """Not turned down by what the person said."""
    query = asked.query
    if not len(query.feedback):
        return np.ones(len(courses), dtype=np.bool_)
    refused = set(query.feedback.saying("not_interested", "already_know", "too_easy").tolist())
    for course, verb, at in query.feedback.rows():
        recent = at == EARLIEST or query.as_of < at + LATER
        if (verb == "later" and recent) or (verb == "too_hard" and _too_hard(asked, course, recent=recent)):
            refused.add(course)
    group = asked.catalog.version_group
    shown = ~np.isin(group[courses], group[sorted(refused)])
    for easy in query.feedback.saying("too_easy").tolist():
        shown &= ~_within(asked.catalog, courses, easy)
    return shown


def _too_hard(asked: Asked, course: int, *, recent: bool) -> bool:
    one = np.array([course], dtype=np.int32)
    return recent or (asked.levels is not None and bool(strain(asked.levels, asked.catalog, one)[0] > 0))


def _within(catalog: Catalog, courses: IntArray, easy: int) -> BoolArray:
    """Tell of each course whether it teaches something, and nothing beyond what `easy` teaches."""
    rows = catalog.skills
    span = rows.span(easy)
    top = dict(zip(rows.skill_idx[span].tolist(), rows.level[span].tolist(), strict=True))
    owner, flat = rows.flat(courses)
    pairs = zip(rows.skill_idx[flat].tolist(), rows.level[flat].tolist(), strict=True)
    beyond = np.fromiter((level > top.get(skill, 0) for skill, level in pairs), dtype=np.bool_, count=len(flat))
    teaches, further = np.zeros(len(courses), dtype=np.bool_), np.zeros(len(courses), dtype=np.bool_)
    teaches[owner] = True
    further[owner[beyond]] = True
    return teaches & ~further


def _not_excluded(asked: Asked, courses: IntArray) -> BoolArray:
    limits = asked.query.limits
    kept = ~np.isin(courses, limits.exclude)
    return kept if limits.only is None else kept & np.isin(courses, limits.only)


def _short_enough(asked: Asked, courses: IntArray) -> BoolArray:
    most = asked.query.limits.max_hours
    return _all(courses) if most is None else asked.catalog.hours[courses] <= min(most, _LARGEST)


def _cheap_enough(asked: Asked, courses: IntArray) -> BoolArray:
    most = asked.query.limits.max_cost
    return _all(courses) if most is None else ~(asked.catalog.cost[courses] > min(most, _LARGEST))


def _in_language(asked: Asked, courses: IntArray) -> BoolArray:
    return _one_of(asked.query.limits.languages, asked.catalog.languages, courses)


def _in_format(asked: Asked, courses: IntArray) -> BoolArray:
    return _one_of(asked.query.limits.formats, asked.catalog.formats, courses)


def _one_of(accepted: tuple[str, ...], words: tuple[str, ...], courses: IntArray) -> BoolArray:
    return np.array([words[i] in accepted for i in courses.tolist()], dtype=np.bool_) if accepted else _all(courses)


def _all(courses: IntArray) -> BoolArray:
    return np.ones(len(courses), dtype=np.bool_)


def _for_this_person(asked: Asked, courses: IntArray) -> BoolArray:
    query, catalog = asked.query, asked.catalog
    person = {query.department, query.location, *query.role_names} - {""}
    shown = _all(courses)
    for k in np.flatnonzero(catalog.restricted[courses]).tolist():
        audience = catalog.audience[int(courses[k])]
        shown[k] = not audience or not person.isdisjoint(audience)
    return shown


def _prerequisites_met(asked: Asked, courses: IntArray) -> BoolArray:
    catalog = asked.catalog
    shown, restricted = _all(courses), np.flatnonzero(catalog.restricted[courses])
    if len(restricted):
        met = set(catalog.version_group[asked.query.history].tolist())
        for k in restricted.tolist():
            wanted = catalog.version_group[catalog.prerequisites.row(int(courses[k]))].tolist()
            shown[k] = met.issuperset(wanted)
    return shown


def _entry_levels_met(asked: Asked, courses: IntArray) -> BoolArray:
    return _all(courses) if asked.levels is None else ready(asked.levels, asked.catalog, courses)


RULES: dict[str, Rule] = {
    "unpublished": _published,
    "superseded": _current,
    "not_available": _available,
    "completed": _new,
    "required": _not_required,
    "in_progress": _not_begun,
    "feedback": _wanted,
    "excluded": _not_excluded,
    "max_hours": _short_enough,
    "max_cost": _cheap_enough,
    "language": _in_language,
    "format": _in_format,
    "audience": _for_this_person,
    "prerequisite": _prerequisites_met,
    "entry_level": _entry_levels_met,
}
"""Every rule by the name it has where somebody asks why a course is not shown; the cheap and common ones first."""
