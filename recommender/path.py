"""The learning path: which courses, in which order and weeks, close the gap to a role within hours, budget and deadline.

Mandatory training comes first and reserves its hours; what is left is solved as a programme (`recommender.exact`), whose
answer says how far from the proven optimum it can be at most.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import DAY, LATEST, FloatArray, IntArray, Levels
from recommender.catalog import Catalog
from recommender.exact import TIME_LIMIT, Solution, solve
from recommender.path_candidates import Candidates, path_candidates, raised_by, share_left
from recommender.path_layout import alternatives_to, closing_first, weeks_of
from recommender.path_parts import (
    BEYOND_LIMITS,
    KEPT_AWAY,
    NO_COURSE,
    LearningPath,
    Milestone,
    PathLimits,
    Reserved,
    Step,
    Unmet,
)
from recommender.programme import Programme, Progress, levels_after, reachable
from recommender.query import Query
from recommender.required import Required
from recommender.skills import Need, coverage

WEEK = 7 * DAY
USUAL_HOURS_PER_WEEK = 2.0
"""Taken where nobody says how many hours a week there are for learning. A choice, not measured."""
MOST_KEPT_AWAY = 3
RelevanceOf = Callable[[IntArray], FloatArray]
"""The relevance of courses, by position, in [0, 1], shape (n,)."""


@dataclass(frozen=True)
class Planner:
    """Builds the path of one question.

    `relevance_of` gives the relevance of courses, by position, in [0, 1]; `levels` (n_skills,) are those of the person.
    `time_limit` is how many seconds the solver may take in all, 0 for the greedy order alone; None leaves each of its
    searches the usual safety.
    """

    catalog: Catalog
    query: Query
    need: Need
    levels: Levels
    limits: PathLimits
    relevance_of: RelevanceOf
    closed: frozenset[int] = field(default_factory=frozenset)
    time_limit: float | None = None

    @property
    def hours_per_week(self) -> float:
        """Hours a week for learning: asked for, the person's, or the usual."""
        for known in (self.limits.hours_per_week, self.query.hours_per_week):
            if known is not None:
                return known
        return USUAL_HOURS_PER_WEEK

    def path(self) -> LearningPath:
        """Return the best path; courses that close before their turn are left out and the rest is solved anew."""
        first = found = self._solved()
        left = self.time_limit
        while late := [step.course_idx for step in found.steps if step.begins_late]:
            left = None if left is None else max(0.0, left - _seconds(found))
            found = replace(self, closed=frozenset({*found.closed, late[0]}), time_limit=left)._solved()
        return found.held_against(first)

    def _hours_open(self, courses: IntArray) -> NDArray[np.float64]:
        """Return after how many hours of learning each course closes, (n,), infinite where it does not."""
        closing = self.catalog.available_to[courses]
        hours = (closing - self.query.as_of) / WEEK * self.hours_per_week
        return np.where((closing == LATEST) | (self.hours_per_week == 0), np.inf, hours)

    def _solved(self) -> LearningPath:
        reserved, hours_reserved = self._reserved()
        taken = np.array([one.required.course_idx for one in reserved], dtype=np.int32)
        start = raised_by(self.catalog, self.levels, taken)
        hours_left = self._hours_before_deadline(hours_reserved)
        path = LearningPath(
            query=self.query,
            limits=replace(self.limits, hours_per_week=self.hours_per_week, budget=self._budget),
            coverage_before=coverage(self.levels, self.need),
            coverage_after=coverage(start, self.need),
            solution=None,
            reserved=reserved,
            hours_left=hours_left,
            hours_per_week_assumed=self.limits.hours_per_week is None and self.query.hours_per_week is None,
            closed=tuple(sorted(self.closed)),
        )
        if self.need.total == 0:
            return path
        done = np.concatenate([self.query.history, taken])
        candidates = path_candidates(self.catalog, self.query, levels=start, need=self.need, done=done, but=self.closed)
        relevance = self.relevance_of(candidates.course_idx)
        programme = candidates.programme(
            self.catalog,
            levels=start,
            need=self.need,
            relevance=relevance,
            max_hours=_least(self.limits.hours, hours_left),
            max_cost=self._budget,
        )
        solution = solve(programme, time_limit=TIME_LIMIT if self.time_limit is None else self.time_limit)
        order = closing_first(programme, solution.order, self._hours_open(candidates.course_idx), spent=hours_reserved)
        steps = self._steps(candidates, programme, order, start, hours_reserved)
        return replace(
            path,
            coverage_after=solution.coverage_after,
            solution=solution,
            steps=steps,
            milestones=self._milestones(steps, start),
            unmet=self._unmet(candidates, programme, solution),
            begun=self._begun_left(candidates, programme, solution),
        )

    @property
    def _budget(self) -> float | None:
        return self.query.budget if self.limits.budget is None else self.limits.budget

    def _hours_before_deadline(self, hours_reserved: float) -> float | None:
        if self.limits.by is None:
            return None
        weeks = max(self.limits.by - self.query.as_of, 0) / WEEK
        return max(weeks * self.hours_per_week - hours_reserved, 0.0)

    def _reserved(self) -> tuple[tuple[Reserved, ...], float]:
        """Return the mandatory training that comes before or beside the path, earliest due first, and its hours."""
        as_of, each = self.query.as_of, self.hours_per_week
        found: list[Reserved] = []
        spent = 0.0
        for one in self.query.required:
            hours = one.hours * float(share_left(self.catalog, self.query, np.array([one.course_idx]))[0])
            if not (self._counts(one) or self._useful_later(one, spent + hours)):
                continue
            weeks = weeks_of(spent, hours, each)
            spent += hours
            late = one.due_at is not None and spent > max(one.due_at - as_of, 0) / WEEK * each
            found.append(Reserved(one, weeks, late))
        return tuple(found), spent

    def _counts(self, one: Required) -> bool:
        """Tell whether mandatory training comes first: due before the deadline; where there is none, open now."""
        by = self.limits.by
        return one.is_open(self.query.as_of) if by is None or one.due_at is None else one.due_at < by

    def _useful_later(self, one: Required, hours: float) -> bool:
        """Tell whether training due after the deadline is worth taking before it: it lifts a missing skill, and fits."""
        if self.limits.by is None or not one.is_open(self.query.as_of):
            return False
        rows, span = self.catalog.skills, self.catalog.skills.span(one.course_idx)
        skill = rows.skill_idx[span]
        lifts = (rows.level[span] > self.levels[skill]) & (self.levels[skill] < self.need.level[skill])
        return bool(lifts.any()) and hours <= (self.limits.by - self.query.as_of) / WEEK * self.hours_per_week

    def _steps(
        self, candidates: Candidates, programme: Programme, order: Sequence[int], start: Levels, spent: float
    ) -> tuple[Step, ...]:
        """Lay the chosen courses out one after another, from `start` and after the `spent` hours of mandatory training."""
        levels, steps, open_for = start, [], self._hours_open(candidates.course_idx)
        standing, chosen = Progress(programme), np.array(order, dtype=np.int32)
        for place, position in enumerate(order):
            rest = standing.copy()
            rest.take_what_can_start(chosen[place + 1 :])
            course, hours = int(candidates.course_idx[position]), float(candidates.hours[position])
            after = raised_by(self.catalog, levels, candidates.course_idx[[position]])
            unknown = bool(np.isnan(self.catalog.cost[course]))
            step = Step(
                course_idx=course,
                hours=hours,
                cost=None if unknown else float(candidates.cost[position]),
                weeks=weeks_of(spent, hours, self.hours_per_week),
                levels=levels,
                coverage_after=coverage(after, self.need) or 0.0,
                continues=course in self.query.in_progress,
                opens=_courses(candidates, chosen[place + 1 :][~rest.taken[chosen[place + 1 :]]]),
                alternatives=_courses(candidates, alternatives_to(position, chosen, rest, open_for > spent)),
                begins_late=bool(open_for[position] <= spent),
            )
            steps.append(step)
            levels, spent = after, spent + hours
            standing.take(position)
        return tuple(steps)

    def _milestones(self, steps: Sequence[Step], start: Levels) -> tuple[Milestone, ...]:
        """Return after which steps needed skills are reached that were not before."""
        found, met = [], start >= self.need.level
        for position, step in enumerate(steps, start=1):
            after = raised_by(self.catalog, step.levels, np.array([step.course_idx], dtype=np.int32))
            now = after >= self.need.level
            if (now & ~met).any():
                week = None if step.weeks is None else step.weeks.last
                skills = tuple(np.flatnonzero(now & ~met).tolist())
                found.append(Milestone(position, week, skills, step.coverage_after))
            met = now
        return tuple(found)

    def _unmet(self, candidates: Candidates, programme: Programme, solution: Solution) -> tuple[Unmet, ...]:
        """Return the needed skills that stay below their need, the largest weighted part missing first."""
        reached = levels_after(programme, solution.order)
        _, highest = reachable(programme, np.arange(len(programme), dtype=np.int32))
        missing = np.flatnonzero(reached < programme.needed).tolist()
        missing.sort(key=lambda one: (-programme.importance[one] * (programme.needed[one] - reached[one]), one))
        found = []
        for one in missing:
            skill, within = int(candidates.skill_idx[one]), int(min(highest[one], programme.needed[one]))
            beyond = within > reached[one]
            away = () if beyond else self._kept_away(skill, int(reached[one]), candidates)
            why = BEYOND_LIMITS if beyond else KEPT_AWAY if away else NO_COURSE
            found.append(Unmet(skill, int(programme.needed[one]), int(reached[one]), within, why, away))
        return tuple(found)

    def _kept_away(self, skill: int, level: int, candidates: Candidates) -> tuple[int, ...]:
        """Return courses on offer that teach a skill beyond a level and are no candidates, the first by id."""
        catalog, moment = self.catalog, self.query.as_of
        rows = catalog.skills
        owner = np.repeat(np.arange(len(rows)), np.diff(rows.indptr))
        teaching = np.unique(owner[(rows.skill_idx == skill) & (rows.level > level)])
        offered = catalog.published & (catalog.available_from <= moment) & (moment < catalog.available_to)
        offered &= ~catalog.superseded_at(moment)
        offered[candidates.course_idx] = False
        offered[self.query.history] = False
        return tuple(sorted(teaching[offered[teaching]].tolist(), key=catalog.ids.__getitem__)[:MOST_KEPT_AWAY])

    def _begun_left(self, candidates: Candidates, programme: Programme, solution: Solution) -> tuple[int, ...]:
        """Return what was begun, would cover more than the path does, and did not fit."""
        reached = levels_after(programme, solution.order)
        lifts = (programme.taught > reached) & (reached < programme.needed)
        left = np.isin(candidates.course_idx, self.query.in_progress) & lifts.any(axis=1)
        left[list(solution.order)] = False
        return tuple(candidates.course_idx[left].tolist())


def _courses(candidates: Candidates, positions: IntArray) -> tuple[int, ...]:
    return tuple(candidates.course_idx[positions].tolist())


def _seconds(path: LearningPath) -> float:
    return path.solution.seconds if path.solution else 0.0


def _least(*limits: float | None) -> float | None:
    return min((one for one in limits if one is not None), default=None)
