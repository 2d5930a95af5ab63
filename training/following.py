"""What becomes of somebody who follows a list of courses for some hours, and the simplest plan for it.

Two accounts of a person's levels are kept apart: what is *seen* decides what may be started, as in the product; what is
*scored* is what counts, and may be the hidden truth of a sample company, with courses that truly teach something else
than the catalogue says. Without a hidden truth the two are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import NONE, BoolArray, IntArray, Levels, Ragged, frozen
from recommender.catalog import Catalog, SkillRows
from recommender.company import Dataset
from recommender.eligibility import eligible
from recommender.engine import Recommender
from recommender.path_parts import LearningPath, PathLimits
from recommender.profile import profile_of
from recommender.query import Query
from recommender.skills import Need, ready

DoubleArray = NDArray[np.float64]
_ROUNDING_HOURS = 1e-6
"""Catalogues hold hours in single precision: a list that fills its hours to the last must not lose a course by it."""


def levels_seen(data: Dataset, query: Query) -> Levels:
    """Return what the product sees of a person's levels at the moment of a question, shape (n_skills,)."""
    return profile_of(query, catalog=data.catalog, roles=data.roles, n_skills=len(data.skills.ids)).level


def coverage_of(levels: NDArray[Any], need: Need) -> float:
    """Return Σ importance·min(level, needed) / Σ importance·needed, in [0, 1], of levels that may be fractions.

    The same as `skills.coverage`; something must be needed.
    """
    return float(need.importance.astype(np.float64) @ np.minimum(levels, need.level)) / need.total


@dataclass(frozen=True)
class Curriculum:
    """The courses that lists are made of: `catalog` says what may be started, `taught` what is truly learned."""

    catalog: Catalog
    taught: SkillRows

    @classmethod
    def of(cls, catalog: Catalog) -> Curriculum:
        """Return courses that teach what the catalogue says."""
        return cls(catalog, catalog.skills)

    @cached_property
    def without_prerequisites(self) -> Catalog:
        """The catalogue as if no course had a prerequisite: for what does not change while courses are taken."""
        return replace(self.catalog, prerequisites=Ragged.empty(len(self.catalog)))

    def start(self, query: Query, *, seen: Levels, scored: NDArray[Any] | None = None) -> Start:
        """Return somebody who is about to follow a list; `scored` levels are the seen ones unless said.

        Shapes (n_skills,), in [0, 5].
        """
        return Start(
            self,
            frozen(eligible(self.without_prerequisites, query)),
            frozenset(self.catalog.version_group[query.history].tolist()),
            seen,
            frozen(np.array(seen if scored is None else scored, dtype=np.float64)),
        )


@dataclass(frozen=True, slots=True)
class Start:
    """One person before the first course of a list.

    Parameters
    ----------
    shown
        Courses the person may take if prerequisites and entry levels are met, shape (n_courses,).
    met
        Version groups of the courses completed: each meets a prerequisite on any of its versions.
    seen, scored
        Levels by the two accounts, shape (n_skills,).
    """

    curriculum: Curriculum
    shown: BoolArray
    met: frozenset[int]
    seen: Levels
    scored: DoubleArray


class Learner:
    """A person while taking courses one after another; a level never falls."""

    __slots__ = ("_curriculum", "_met", "_open", "_seen", "scored")

    def __init__(self, start: Start) -> None:
        self._curriculum = start.curriculum
        self._open = start.shown.copy()
        self._met = set(start.met)
        self._seen = start.seen.copy()
        self.scored = start.scored.copy()

    def can_start(self, courses: IntArray, *, hours: float) -> BoolArray:
        """Tell of each course whether it can be started now and fits the hours left, shape (len(courses),).

        Of several versions of a course one is taken, once. The rules are those of `recommender.eligibility`, with what
        was taken on the way added to what was completed.
        """
        catalog = self._curriculum.catalog
        able = self._open[courses] & (catalog.hours[courses] <= hours + _ROUNDING_HOURS)
        group, wanted = catalog.version_group, catalog.prerequisites
        for k in np.flatnonzero(able & (wanted.indptr[courses + 1] > wanted.indptr[courses])).tolist():
            able[k] = self._met.issuperset(group[wanted.row(int(courses[k]))].tolist())
        left = np.flatnonzero(able)
        able[left] = ready(self._seen, catalog, courses[left])
        return able

    def take(self, course: int) -> float:
        """Complete a course: each skill it teaches rises to what it teaches, if that is more. Return its hours."""
        catalog, taught = self._curriculum.catalog, self._curriculum.taught
        group = int(catalog.version_group[course])
        self._open[catalog.version_group == group] = False
        self._met.add(group)
        for levels, rows in ((self._seen, catalog.skills), (self.scored, taught)):
            span = rows.span(course)
            skills = rows.skill_idx[span]
            levels[skills] = np.maximum(levels[skills], rows.level[span])
        return float(catalog.hours[course])


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of following a list: the courses taken in their order, their hours, and the scored levels after."""

    courses: IntArray
    hours: float
    levels: DoubleArray


def follow(order: IntArray, start: Start, *, hours: float) -> Followed:
    """Take again and again the first course of a list that can be started now and fits the hours left.

    A course that cannot be started yet is passed over and looked at again after every course taken; one that was too long
    stays out, since the hours left only shrink. The list itself is not asked for anew.

    Parameters
    ----------
    order
        Course positions, best first, `NONE` where a list has ended.
    hours
        What the person has for it, at least 0.
    """
    learner = Learner(start)
    waiting = order[order != NONE]
    taken: list[int] = []
    used = 0.0
    while len(able := np.flatnonzero(learner.can_start(waiting, hours=hours - used))):
        course = int(waiting[able[0]])
        taken.append(course)
        used += learner.take(course)
        waiting = np.delete(waiting, able[0])
    return Followed(np.array(taken, dtype=np.int32), used, learner.scored)


class Planner(Protocol):
    """What orders courses for somebody who has so many hours: the learning path, and what it is held against."""

    def plan(self, query: Query, hours: float) -> IntArray:
        """Return course positions in the order to take them, (n,) int32, n ≥ 0."""


@dataclass(frozen=True)
class PathPlanner:
    """Plans by the learning path, within hours alone: as lists are followed, with nobody's budget and nothing begun."""

    recommender: Recommender

    def plan(self, query: Query, hours: float) -> IntArray:
        """Return the courses of the path in their order."""
        return np.array([step.course_idx for step in self.path(query, hours).steps], dtype=np.int32)

    def path(self, query: Query, hours: float) -> LearningPath:
        """Return the path in so many hours; what lists may not show (begun, mandatory) is not in it either."""
        group = self.recommender.model.catalog.version_group
        required = np.flatnonzero(np.isin(group, group[[one.course_idx for one in query.required]]))
        away = np.unique(np.concatenate([query.limits.exclude, query.in_progress, required])).astype(np.int32)
        limits = replace(query.limits, exclude=frozen(away))
        free = replace(query, budget=None, required=(), in_progress=query.in_progress[:0], progress=query.progress[:0])
        return self.recommender.path(replace(free, limits=limits), PathLimits(hours=hours))


@dataclass(frozen=True)
class GainPerHour:
    """Takes, again and again, the startable course that raises coverage most for its hours, as the levels then are.

    The gain is counted on the scored levels of `start_of`. It ends where no single course that can be started and fits
    adds anything: what only opens the way to another is never taken. Equal courses: the first in the catalogue.
    """

    curriculum: Curriculum
    start_of: Callable[[Query], Start]
    need_of: Callable[[Query], Need]

    def plan(self, query: Query, hours: float) -> IntArray:
        """Return the courses that fit the hours, in the order chosen."""
        need, learner = self.need_of(query), Learner(self.start_of(query))
        rows = self.curriculum.taught
        owner = np.repeat(np.arange(len(rows), dtype=np.int32), np.diff(rows.indptr))
        useful = np.minimum(rows.level, need.level[rows.skill_idx]) > learner.scored[rows.skill_idx]
        courses, place = np.unique(owner[useful], return_inverse=True)
        skill, level = rows.skill_idx[useful], np.minimum(rows.level, need.level[rows.skill_idx])[useful]
        weight = need.importance[skill].astype(np.float64)
        course_hours = self.curriculum.catalog.hours[courses].astype(np.float64)
        taken: list[int] = []
        left = hours
        while len(courses):
            lifted = weight * np.maximum(level - learner.scored[skill], 0)
            gain = np.bincount(place, weights=lifted, minlength=len(courses))
            gain[~learner.can_start(courses, hours=left)] = 0
            best = int(np.argmax(gain / course_hours))
            if gain[best] <= 0:
                break
            taken.append(int(courses[best]))
            left -= learner.take(int(courses[best]))
        return np.array(taken, dtype=np.int32)
