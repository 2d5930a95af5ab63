"""Which courses a learning path may be made of: those that close the gap, and those that open the way to them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import BoolArray, FloatArray, IntArray, Levels
from recommender.catalog import Catalog
from recommender.eligibility import eligible
from recommender.programme import Groups, Programme
from recommender.query import Query
from recommender.skills import Need, ready

LATER_ON = ("prerequisite", "entry_level")
"""Rules that do not keep a course out of a path: earlier steps may open it."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Courses a path may be made of, in the order of their ids, and the skills that matter for it.

    `course_idx` (n,); `skill_idx` (m,) rising; `groups` of each course as `Programme.requires`; `hours` and `cost` (n,) of
    what is left to do of each: a begun course costs nothing more.
    """

    course_idx: IntArray
    skill_idx: IntArray
    groups: tuple[Groups, ...]
    hours: NDArray[np.float64]
    cost: NDArray[np.float64]

    def programme(
        self,
        catalog: Catalog,
        *,
        levels: Levels,
        need: Need,
        relevance: FloatArray,
        max_hours: float | None,
        max_cost: float | None,
    ) -> Programme:
        """Return the programme of these courses from `levels` (n_skills,); `relevance` (n,) in [0, 1]."""
        n, m, rows = len(self.course_idx), len(self.skill_idx), catalog.skills
        owner, flat = rows.flat(self.course_idx)
        skill = np.searchsorted(self.skill_idx, rows.skill_idx[flat])
        among = (skill < m) & (self.skill_idx[np.minimum(skill, m - 1)] == rows.skill_idx[flat])
        owner, flat, skill = owner[among], flat[among], skill[among]
        declared = rows.entry_declared[flat]
        taught, entry, assumed = (np.zeros((n, m), dtype=np.int8) for _ in range(3))
        taught[owner, skill] = rows.level[flat]
        entry[owner[declared], skill[declared]] = rows.entry_level[flat[declared]]
        assumed[owner[~declared], skill[~declared]] = rows.entry_level[flat[~declared]]
        return Programme(
            have=levels[self.skill_idx],
            needed=need.level[self.skill_idx],
            importance=need.importance[self.skill_idx].astype(np.float64),
            taught=taught,
            entry=entry,
            assumed_entry=assumed,
            requires=self.groups,
            hours=self.hours,
            cost=self.cost,
            relevance=relevance.astype(np.float64),
            max_hours=max_hours,
            max_cost=max_cost,
        )


def path_candidates(
    catalog: Catalog, query: Query, *, levels: Levels, need: Need, done: IntArray, but: frozenset[int] = frozenset()
) -> Candidates:
    """Return what a path may be made of for a person at `levels` (n_skills,).

    A course belongs to it if no rule but those an earlier step may lift keeps it away (what was begun is finished rather
    than begun again), and it lifts a missing skill, or lifts a skill another candidate asks for, or is a declared
    prerequisite of one; of several versions one. `done` are courses that count as taken
    (completed, or mandatory and taken before); `but` are left out.
    """
    asked = replace(query, in_progress=query.in_progress[:0])
    free = eligible(catalog, asked, levels=levels, despite=LATER_ON)
    free[list(but)] = False
    met = frozenset(catalog.version_group[done].tolist())
    useful, wanted = _useful(catalog, free, levels, need, met)
    startable = _startable(catalog, np.flatnonzero(useful).tolist(), met)
    kept = _one_version_each(catalog, startable, levels, need)
    courses: IntArray = np.array(sorted(kept, key=catalog.ids.__getitem__), dtype=np.int32)
    left = share_left(catalog, query, courses)
    place = {course: i for i, course in enumerate(courses.tolist())}
    groups = tuple(
        tuple(tuple(place[one] for one in versions if one in place) for versions in unmet)
        for unmet in (_unmet(catalog, course, met) for course in courses.tolist())
    )
    hours, begun = as_written(catalog.hours[courses]) * left, np.isin(courses, query.in_progress)
    cost = np.where(begun, 0.0, np.nan_to_num(as_written(catalog.cost[courses])))
    matter = np.flatnonzero(wanted | (need.level > 0)).astype(np.int32)
    return Candidates(courses, matter, groups, hours, cost)


def as_written(numbers: FloatArray) -> NDArray[np.float64]:
    """Return single-precision numbers as somebody wrote them: 7.3, not 7.30000019."""
    return np.asarray(numbers, dtype=np.float32).astype("U32").astype(np.float64)


def _one_version_each(catalog: Catalog, courses: list[int], levels: Levels, need: Need) -> list[int]:
    """Keep of several versions of a course the one that covers most more, then the shorter, then the first by id.

    Completing one completes all, so a path never holds two.
    """
    if not catalog.has_versions:
        return courses
    rows, best = catalog.skills, dict[int, tuple[float, float, str, int]]()
    for course in courses:
        span = rows.span(course)
        skill, level = rows.skill_idx[span], rows.level[span]
        more = np.minimum(level, need.level[skill]) - np.minimum(levels[skill], need.level[skill])
        gain = float((need.importance[skill] * np.maximum(more, 0)).sum())
        rank = (-gain, float(catalog.hours[course]), catalog.ids[course], course)
        group = int(catalog.version_group[course])
        best[group] = min(rank, best.get(group, rank))
    return [rank[-1] for rank in best.values()]


def _useful(
    catalog: Catalog, free: BoolArray, levels: Levels, need: Need, met: frozenset[int]
) -> tuple[BoolArray, BoolArray]:
    """Go back from missing skills; return the courses of use, (n_courses,), and the skills that matter, (n_skills,)."""
    rows = catalog.skills
    owner = np.repeat(np.arange(len(rows)), np.diff(rows.indptr))
    lifting = (rows.level > levels[rows.skill_idx]) & free[owner]
    asking = rows.entry_declared & (rows.entry_level > levels[rows.skill_idx])
    wanted = levels < need.level
    useful = np.zeros(len(catalog), dtype=np.bool_)
    waiting = np.unique(owner[lifting & wanted[rows.skill_idx]])
    while len(waiting):
        useful[waiting] = True
        opened = wanted.copy()
        opened[rows.skill_idx[asking & np.isin(owner, waiting)]] = True
        more = np.zeros(len(catalog), dtype=np.bool_)
        more[owner[lifting & (opened & ~wanted)[rows.skill_idx]]] = True
        before = [one for course in waiting.tolist() for versions in _unmet(catalog, course, met) for one in versions]
        more[before] = True
        wanted = opened
        waiting = np.flatnonzero(more & free & ~useful)
    return useful, wanted


def _unmet(catalog: Catalog, course: int, met: frozenset[int]) -> list[list[int]]:
    """Return the versions of each declared prerequisite that is not met."""
    declared = catalog.prerequisites.row(course)
    if not len(declared):
        return []
    group = catalog.version_group
    asked = sorted({int(group[one]) for one in declared} - met)
    if not catalog.has_versions:
        return [[one] for one in asked]
    return [np.flatnonzero(group == one).tolist() for one in asked]


def _startable(catalog: Catalog, courses: list[int], met: frozenset[int]) -> list[int]:
    """Leave out, again and again, what has a prerequisite that nothing left can meet."""
    waiting = {course: _unmet(catalog, course, met) for course in courses}
    there = set(courses)
    after: dict[int, list[int]] = {}
    for course, groups in waiting.items():
        for one in {one for versions in groups for one in versions}:
            after.setdefault(one, []).append(course)
    gone = [course for course, groups in waiting.items() if not all(there.intersection(group) for group in groups)]
    there.difference_update(gone)
    while gone:
        lost = gone.pop()
        for course in after.get(lost, ()):
            if course in there and not all(there.intersection(group) for group in waiting[course]):
                there.discard(course)
                gone.append(course)
    return sorted(there)


def share_left(catalog: Catalog, query: Query, courses: IntArray) -> NDArray[np.float64]:
    """Return the share of each course that is left to do: less than 1 for what was begun, (n,), never 0."""
    done = np.zeros(len(catalog))
    done[query.in_progress] = as_written(query.progress)
    return np.asarray(np.maximum(1 - done[courses], 0.05))


def raised_by(catalog: Catalog, levels: Levels, courses: IntArray) -> Levels:
    """Return levels after courses in their order, (n_skills,); one whose declared entry levels are not met lifts none."""
    after, rows = levels.copy(), catalog.skills
    for course in courses.tolist():
        if ready(after, catalog, np.array([course], dtype=np.int32))[0]:
            span = rows.span(course)
            after[rows.skill_idx[span]] = np.maximum(after[rows.skill_idx[span]], rows.level[span])
    return after
