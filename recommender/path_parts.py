"""What a learning path is: its limits, its steps, what it reaches and what it leaves."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from recommender.arrays import Levels
from recommender.evidence import Lift
from recommender.exact import EXACT, Solution
from recommender.query import Query
from recommender.reasons import Reason
from recommender.required import Required

NO_COURSE, KEPT_AWAY, BEYOND_LIMITS = "no_course", "kept_away", "beyond_limits"
"""Why a needed skill stays unmet."""


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
    without it; `alternatives` other courses with which the path covers no less; `begins_late` says it closes before its
    turn; `lifts` and `reasons` say why it is there.
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
    begins_late: bool = False
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
    """A needed skill that stays below its need: the level `reached`, the highest one any path leads to, and why.

    `kept_away` are courses on offer that would lead higher and that a rule keeps out, where that is why.
    """

    skill_idx: int
    needed: int
    reached: int
    within_reach: int
    why: str
    kept_away: tuple[int, ...] = ()


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

    def held_against(self, other: LearningPath) -> LearningPath:
        """Return the path with the bound of another, found with more courses: what closes might have been taken in time."""
        if self.solution is None or other.solution is None or self is other:
            return self
        bound = max(self.solution.bound, other.solution.bound)
        gap = bound - self.solution.coverage_after
        return replace(self, solution=replace(self.solution, bound=bound, gap=gap, proven=gap <= EXACT))
