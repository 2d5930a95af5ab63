"""Which courses may be shown to a person: the rules of design section 5.3, each with a name, stated once.

Those that every question is put to are stated in `recommender.eligibility_kernels`, the others here.

Assumed prerequisites and entry levels forbid nothing; only declared ones do. What the person said of a course forbids it,
in every version: `not_interested`, `already_know` and `too_easy` until withdrawn, `too_easy` also every course that
teaches nothing beyond it; `later` for `LATER` seconds; `too_hard` while an entry level, an assumed one too, is above the
person's, and for `LATER` at least.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

import numpy as np

from recommender.arrays import DAY, EARLIEST, NO_COURSES, BoolArray, IntArray, Levels
from recommender.catalog import Catalog
from recommender.eligibility_kernels import BITS
from recommender.query import Query
from recommender.skills import strain

LATER = 90 * DAY
"""How long what was put off stays away. A choice, not measured."""
_FOR_GOOD = ("not_interested", "already_know", "too_easy")
_LARGEST = float(np.finfo(np.float32).max)
"""Limits are compared as the catalogue holds its numbers, in single precision."""


class Asked(NamedTuple):
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
    bits = sum(BITS[name] for name in BITS if name not in despite) if despite else _ALL_BITS
    shown = _kept(catalog, query, levels, courses, bits)
    if len(query.feedback.course_idx) or query.limits.any:
        asked = Asked(catalog, query, levels)
        for name, rule in _SELDOM_ASKED.items():
            if name not in despite and (passed := rule(asked, courses)) is not None:
                shown &= passed
    return shown


def barriers(catalog: Catalog, query: Query, course: int, *, levels: Levels | None = None) -> tuple[str, ...]:
    """Return the names of the rules that keep a course from being shown, in the order of `RULES`; none if it may be."""
    asked, one = Asked(catalog, query, levels), np.array([course], dtype=np.int32)
    passed = {name: rule(asked, one) for name, rule in RULES.items()}
    return tuple(name for name, found in passed.items() if found is not None and not found[0])


def _kept(catalog: Catalog, query: Query, levels: Levels | None, courses: IntArray, bits: int) -> BoolArray:
    """Tell of each course whether it keeps the rules of `recommender.eligibility_kernels` whose bits are set."""
    required = np.array([one.course_idx for one in query.required], dtype=np.int32) if query.required else NO_COURSES
    known = (query.history, query.due_again, required, query.in_progress)
    words = (query.department, query.location, *query.role_names)
    return catalog.rules.kept_by(bits, courses, query.as_of, *known, words, levels)


def _compiled(name: str) -> Rule:
    return lambda asked, courses: _kept(*asked, courses, BITS[name])


def _wanted(asked: Asked, courses: IntArray) -> BoolArray | None:
    """Not turned down by what the person said."""
    query = asked.query
    if not len(query.feedback):
        return None
    refused, shown = [], np.ones(len(courses), dtype=np.bool_)
    for course, verb, at in query.feedback.rows():
        recent = at == EARLIEST or query.as_of < at + LATER
        put_off = (verb == "later" and recent) or (verb == "too_hard" and _too_hard(asked, course, recent=recent))
        if put_off or verb in _FOR_GOOD:
            refused.append(course)
        if verb == "too_easy":
            shown &= ~_within(asked.catalog, courses, course)
    group = asked.catalog.version_group
    return shown & ~np.isin(group[courses], group[np.array(refused, dtype=np.int32)])


def _too_hard(asked: Asked, course: int, *, recent: bool) -> bool:
    one = np.array([course], dtype=np.int32)
    return recent or (asked.levels is not None and bool(strain(asked.levels, asked.catalog, one)[0] > 0))


def _within(catalog: Catalog, courses: IntArray, easy: int) -> BoolArray:
    """Tell of each course whether it teaches something, and nothing beyond what `easy` teaches."""
    rows = catalog.skills
    span, (owner, flat) = rows.span(easy), rows.flat(courses)
    same = rows.skill_idx[flat][:, None] == rows.skill_idx[span]
    beyond = ~(same & (rows.level[flat][:, None] <= rows.level[span])).any(axis=1)
    teaches, further = np.zeros(len(courses), dtype=np.bool_), np.zeros(len(courses), dtype=np.bool_)
    teaches[owner] = True
    further[owner[beyond]] = True
    return teaches & ~further


def _not_excluded(asked: Asked, courses: IntArray) -> BoolArray | None:
    limits = asked.query.limits
    kept = ~np.isin(courses, limits.exclude) if len(limits.exclude) else None
    if limits.only is None:
        return kept
    listed = np.isin(courses, limits.only)
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


RULES: dict[str, Rule] = {
    "unpublished": _compiled("unpublished"),
    "superseded": _compiled("superseded"),
    "not_available": _compiled("not_available"),
    "completed": _compiled("completed"),
    "required": _compiled("required"),
    "in_progress": _compiled("in_progress"),
    "feedback": _wanted,
    "excluded": _not_excluded,
    "max_hours": _short_enough,
    "max_cost": _cheap_enough,
    "language": _in_language,
    "format": _in_format,
    "audience": _compiled("audience"),
    "prerequisite": _compiled("prerequisite"),
    "entry_level": _compiled("entry_level"),
}
"""Every rule by the name it has where somebody asks why a course is not shown; the cheap and common ones first."""
_SELDOM_ASKED = {name: rule for name, rule in RULES.items() if name not in BITS}
_ALL_BITS = sum(BITS.values())
