"""The learning path: which courses, in which order and weeks, close the gap to a role within hours, budget and deadline.

Mandatory training comes first and reserves its hours; what is left is solved as a programme (`recommender.exact`), whose
answer says how far from the proven optimum it can be at most.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from recommender.arrays import DAY, BoolArray, FloatArray, IntArray, Levels
from recommender.catalog import Catalog
from recommender.exact import Solution, solve
from recommender.path_candidates import Candidates, path_candidates, raised_by
from recommender.programme import SLACK, Programme, Progress, levels_after, reachable
from recommender.pruning import effort
from recommender.query import Query
from recommender.reasons import Lift, Reason
from recommender.required import Required
from recommender.skills import Need, coverage

WEEK = 7 * DAY
USUAL_HOURS_PER_WEEK = 2.0
"""Taken where nobody says how many hours a week there are for learning. A choice, not measured."""
MOST_ALTERNATIVES = 3
MOST_CLOSED = 20
"""How often courses that close before their turn are left out and the rest is solved again."""
MOST_TRIED = 12
"""Alternatives tried for one step, the least effort first."""
NO_COURSE, BEYOND_LIMITS = "no_course", "beyond_limits"
RelevanceOf = Callable[[IntArray], FloatArray]
"""The relevance of courses, by position, in [0, 1], shape (n,)."""


@dataclass(frozen=True, slots=True)
class PathLimits:
    """What a path must keep to; None leaves the person's own, and where that is unknown no limit.

    Parameters
    ----------
    hours
        Of the path in all.
    budget
        Cost of the path in all; what has no known cost counts as free.
    by
        The moment it must be done, seconds, exclusive: hours per week times the weeks left, less what mandatory training
        due before it takes.
    hours_per_week
        For learning; `USUAL_HOURS_PER_WEEK` where nobody says.
    """

    hours: float | None = None
    budget: float | None = None
    by: int | None = None
    hours_per_week: float | None = None


@dataclass(frozen=True, slots=True)
class Weeks:
    """From which week to which, both from 1, week 1 beginning at the moment asked about."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Step:
    """One course of a path.

    `levels` (n_skills,) are those before it, `coverage_after` what is covered once it is taken; `hours` and `cost` are what
    is left to do and pay, cost None where unknown; `continues` says it was begun; `opens` are later steps that cannot start
    without it; `alternatives` other courses with which the path covers no less; `lifts` and `reasons` say why it is there.
    """

    course_idx: int
    hours: float
    cost: float | None
    weeks: Weeks | None
    levels: Levels
    coverage_after: float
    continues: bool
    opens: tuple[int, ...]
    alternatives: tuple[int, ...]
    lifts: tuple[Lift, ...] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Milestone:
    """Needed skills reached with one step: after which (from 1), in which week, what is covered then."""

    position: int
    week: int | None
    skills: tuple[int, ...]
    coverage: float


@dataclass(frozen=True, slots=True)
class Unmet:
    """A needed skill that stays below its need: the level `reached`, the highest one any path leads to, and why."""

    skill_idx: int
    needed: int
    reached: int
    within_reach: int
    why: str


@dataclass(frozen=True, slots=True)
class Reserved:
    """Mandatory training and when its hours are reserved; `late` if it cannot be done before it is due."""

    required: Required
    weeks: Weeks | None
    late: bool


@dataclass(frozen=True, slots=True)
class LearningPath:
    """The ordered courses that close a gap, and how good that is.

    Coverages are shares of the goal role's need, None where nothing is needed. `solution` is the solver's, with the bound
    and the gap; `hours_left` what the deadline leaves after mandatory training, None without a deadline;
    `hours_per_week_assumed` says that nobody told how many there are. `begun` are
    courses begun that would close some of the gap and did not fit; `closed` courses left out because they close before
    their turn.
    """

    query: Query
    limits: PathLimits
    coverage_before: float | None
    coverage_after: float | None
    solution: Solution | None
    steps: tuple[Step, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    unmet: tuple[Unmet, ...] = ()
    reserved: tuple[Reserved, ...] = ()
    hours_left: float | None = None
    hours_per_week_assumed: bool = False
    begun: tuple[int, ...] = ()
    closed: tuple[int, ...] = ()

    @property
    def hours(self) -> float:
        """Hours of all steps."""
        return math.fsum(step.hours for step in self.steps)

    @property
    def cost(self) -> float:
        """Cost of all steps whose cost is known."""
        return math.fsum(step.cost or 0.0 for step in self.steps)


@dataclass(frozen=True)
class Planner:
    """Builds the path of one question.

    `relevance_of` gives the relevance of courses, by position, in [0, 1]; `levels` (n_skills,) are those of the person.
    """

    catalog: Catalog
    query: Query
    need: Need
    levels: Levels
    limits: PathLimits
    relevance_of: RelevanceOf
    closed: frozenset[int] = field(default_factory=frozenset)

    @property
    def hours_per_week(self) -> float:
        """Hours a week for learning: asked for, the person's, or the usual."""
        for known in (self.limits.hours_per_week, self.query.hours_per_week):
            if known is not None:
                return known
        return USUAL_HOURS_PER_WEEK

    def path(self) -> LearningPath:
        """Return the best path; courses that close before their turn are left out and the rest is solved anew."""
        found = self._solved()
        for _ in range(MOST_CLOSED):
            closing = {step.course_idx for step in found.steps if self._closes_before(step)}
            if not closing:
                break
            found = replace(self, closed=self.closed | closing)._solved()
        return found

    def _closes_before(self, step: Step) -> bool:
        if step.weeks is None:
            return False
        begins = self.query.as_of + (step.weeks.first - 1) * WEEK
        return bool(self.catalog.available_to[step.course_idx] <= begins)

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
        solution = solve(programme)
        steps = self._steps(candidates, programme, solution.order, start, hours_reserved)
        return replace(
            path,
            coverage_after=solution.coverage_after,
            solution=solution,
            steps=steps,
            milestones=self._milestones(steps, start),
            unmet=self._unmet(candidates, programme, solution),
            begun=self._begun_left(candidates, solution),
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
        by, as_of, each = self.limits.by, self.query.as_of, self.hours_per_week
        found: list[Reserved] = []
        spent = 0.0
        for one in self.query.required:
            counts = one.is_open(as_of) if by is None or one.due_at is None else one.due_at < by
            if not counts:
                continue
            weeks = _weeks(spent, one.hours, each)
            spent += one.hours
            late = one.due_at is not None and spent > max(one.due_at - as_of, 0) / WEEK * each
            found.append(Reserved(one, weeks, late))
        return tuple(found), spent

    def _steps(
        self, candidates: Candidates, programme: Programme, order: Sequence[int], start: Levels, spent: float
    ) -> tuple[Step, ...]:
        """Lay the chosen courses out one after another, from `start` and after the `spent` hours of mandatory training."""
        levels, steps = start, []
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
                weeks=_weeks(spent, hours, self.hours_per_week),
                levels=levels,
                coverage_after=coverage(after, self.need) or 0.0,
                continues=course in self.query.in_progress,
                opens=_courses(candidates, chosen[place + 1 :][~rest.taken[chosen[place + 1 :]]]),
                alternatives=_courses(candidates, alternatives_to(position, chosen, rest)),
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
        return tuple(
            Unmet(
                skill_idx=int(candidates.skill_idx[one]),
                needed=int(programme.needed[one]),
                reached=int(reached[one]),
                within_reach=int(min(highest[one], programme.needed[one])),
                why=BEYOND_LIMITS if min(highest[one], programme.needed[one]) > reached[one] else NO_COURSE,
            )
            for one in missing
        )

    def _begun_left(self, candidates: Candidates, solution: Solution) -> tuple[int, ...]:
        chosen = set(candidates.course_idx[list(solution.order)].tolist())
        begun = np.intersect1d(candidates.course_idx, self.query.in_progress)
        return tuple(one for one in begun.tolist() if one not in chosen)


def alternatives_to(course: int, chosen: IntArray, rest: Progress) -> IntArray:
    """Return courses that may stand for one of those chosen: within the limits the order then covers no less.

    The least effort first, at most `MOST_ALTERNATIVES`, of at most `MOST_TRIED` tried. `rest` is where the others lead that
    can start without it.
    """
    programme, others = rest.programme, chosen[chosen != course]
    goal = np.minimum(levels_after(programme, chosen), programme.needed)
    lost = levels_after(programme, others) < goal
    enough: BoolArray = np.asarray((programme.taught[:, lost] >= goal[lost]).all(axis=1) & (rest.unmet == 0))
    enough[chosen] = False
    for each, limit in ((programme.hours, programme.max_hours), (programme.cost, programme.max_cost)):
        if limit is not None:
            enough &= each <= limit - each[others].sum() + SLACK * max(1.0, limit)
    could = np.flatnonzero(enough).astype(np.int32)
    tried = could[np.lexsort((could, effort(programme)[could]))][:MOST_TRIED]
    fits = [one for one in tried.tolist() if _opens(one, others, rest)]
    return np.array(fits[:MOST_ALTERNATIVES], dtype=np.int32)


def _opens(course: int, others: IntArray, rest: Progress) -> bool:
    """Tell whether all others can be taken once a course is that may start."""
    if rest.taken[others].all():
        return True
    progress = rest.copy()
    progress.take(course)
    progress.take_what_can_start(others)
    return bool(progress.taken[others].all())


def _courses(candidates: Candidates, positions: IntArray) -> tuple[int, ...]:
    return tuple(candidates.course_idx[positions].tolist())


def _weeks(spent: float, hours: float, each: float) -> Weeks | None:
    """Return the weeks in which `hours` fall after `spent` hours at `each` a week; None where there is no time at all."""
    if each <= 0:
        return None
    first = math.floor(spent / each + 1e-9) + 1
    return Weeks(first, max(first, math.ceil((spent + hours) / each - 1e-9)))


def _least(*limits: float | None) -> float | None:
    return min((one for one in limits if one is not None), default=None)
