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

from recommender import kernels
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


Rule = Callable[[Asked, IntArray], BoolArray | None]
"""Tells of each course, by position, whether one rule lets it be shown; None where it lets every course through."""


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
    asked, shown = Asked(catalog, query, levels), np.ones(len(courses), dtype=np.bool_)
    for name, rule in RULES.items():
        if name not in despite and (passed := rule(asked, courses)) is not None:
            shown &= passed
    return shown


def barriers(catalog: Catalog, query: Query, course: int, *, levels: Levels | None = None) -> tuple[str, ...]:
    """Return the names of the rules that keep a course from being shown, in the order of `RULES`; none if it may be."""
    asked, one = Asked(catalog, query, levels), np.array([course], dtype=np.int32)
    passed = {name: rule(asked, one) for name, rule in RULES.items()}
    return tuple(name for name, found in passed.items() if found is not None and not found[0])


def _published(asked: Asked, courses: IntArray) -> BoolArray:
    return asked.catalog.published[courses]


def _current(asked: Asked, courses: IntArray) -> BoolArray | None:
    if not asked.catalog.has_versions:
        return None
    return ~asked.catalog.superseded_at(asked.query.as_of)[courses]


def _available(asked: Asked, courses: IntArray) -> BoolArray | None:
    catalog, moment = asked.catalog, asked.query.as_of
    if catalog.always_available:
        return None
    return (catalog.available_from[courses] <= moment) & (moment < catalog.available_to[courses])


def _new(asked: Asked, courses: IntArray) -> BoolArray | None:
    """Not completed, in whatever version, unless due again."""
    done = _of_same_version(asked.catalog, courses, asked.query.history)
    again = _of_same_version(asked.catalog, courses, asked.query.due_again)
    return _not(done) if done is None or again is None else ~done | again


def _not_required(asked: Asked, courses: IntArray) -> BoolArray | None:
    """No version of it is mandatory: that is listed apart."""
    required = np.array([one.course_idx for one in asked.query.required], dtype=np.int32)
    return _not(_of_same_version(asked.catalog, courses, required))


def _not_begun(asked: Asked, courses: IntArray) -> BoolArray | None:
    return _not(_of_same_version(asked.catalog, courses, asked.query.in_progress))


def _of_same_version(catalog: Catalog, courses: IntArray, others: IntArray) -> BoolArray | None:
    """Tell of each course whether it is one of others, in whatever version; None if there are no others."""
    return kernels.of_groups(courses, others, catalog.version_group) if len(others) else None


def _among(positions: IntArray, wanted: IntArray, n: int) -> BoolArray:
    """Tell of each position below n whether it is wanted."""
    return _marked(wanted, n)[positions]


def _marked(positions: IntArray, n: int) -> BoolArray:
    """Return n flags, true at some positions."""
    found = np.zeros(n, dtype=np.bool_)
    found[positions] = True
    return found


def _not(found: BoolArray | None) -> BoolArray | None:
    return None if found is None else ~found


def _wanted(asked: Asked, courses: IntArray) -> BoolArray | None:
    """Not turned down by what the person said."""
    query = asked.query
    if not len(query.feedback):
        return None
    refused = set(query.feedback.saying("not_interested", "already_know", "too_easy").tolist())
    for course, verb, at in query.feedback.rows():
        recent = at == EARLIEST or query.as_of < at + LATER
        if (verb == "later" and recent) or (verb == "too_hard" and _too_hard(asked, course, recent=recent)):
            refused.add(course)
    turned_down = _of_same_version(asked.catalog, courses, np.array(sorted(refused), dtype=np.int32))
    shown = _all(courses) if turned_down is None else ~turned_down
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


def _not_excluded(asked: Asked, courses: IntArray) -> BoolArray | None:
    limits, n = asked.query.limits, len(asked.catalog)
    kept = ~_among(courses, limits.exclude, n) if len(limits.exclude) else None
    if limits.only is None:
        return kept
    listed = _among(courses, limits.only, n)
    return listed if kept is None else kept & listed


def _short_enough(asked: Asked, courses: IntArray) -> BoolArray | None:
    most = asked.query.limits.max_hours
    return None if most is None else asked.catalog.hours[courses] <= min(most, _LARGEST)


def _cheap_enough(asked: Asked, courses: IntArray) -> BoolArray | None:
    most = asked.query.limits.max_cost
    return None if most is None else ~(asked.catalog.cost[courses] > min(most, _LARGEST))


def _in_language(asked: Asked, courses: IntArray) -> BoolArray | None:
    return _one_of(asked.query.limits.languages, asked.catalog.languages, courses)


def _in_format(asked: Asked, courses: IntArray) -> BoolArray | None:
    return _one_of(asked.query.limits.formats, asked.catalog.formats, courses)


def _one_of(accepted: tuple[str, ...], words: tuple[str, ...], courses: IntArray) -> BoolArray | None:
    return np.array([words[i] in accepted for i in courses.tolist()], dtype=np.bool_) if accepted else None


def _all(courses: IntArray) -> BoolArray:
    return np.ones(len(courses), dtype=np.bool_)


def _for_this_person(asked: Asked, courses: IntArray) -> BoolArray | None:
    query, codes, rows = asked.query, asked.catalog.audience_codes, asked.catalog.audience_rows
    if not len(rows.values):
        return None
    words = (query.department, query.location, *query.role_names)
    here = _marked(np.array([codes[word] for word in words if word and word in codes], dtype=np.int32), len(codes))
    return np.asarray((rows.lengths(courses) == 0) | (kernels.hits(rows.indptr, rows.values, courses, here) > 0))


def _prerequisites_met(asked: Asked, courses: IntArray) -> BoolArray | None:
    rows = asked.catalog.prerequisite_groups
    if not len(rows.values):
        return None
    met = _marked(asked.catalog.version_group[asked.query.history], len(asked.catalog))
    return np.asarray(kernels.hits(rows.indptr, rows.values, courses, met) == rows.lengths(courses))


def _entry_levels_met(asked: Asked, courses: IntArray) -> BoolArray | None:
    return None if asked.levels is None else ready(asked.levels, asked.catalog, courses)


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
