"""What people take on the way to a role: shrunk lift of a course among them.

Fitted by `training.scorers.role` on completions made while in the role or in the 12 months before moving into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from recommender.proposals import Heads, Proposal
from recommender.question import GOAL, ROLE
from recommender.scorers.base import Arrays, Newcomers, arrays_of, rows_of
from recommender.sparse import SparseRows
from recommender.steps import ByColumn, Gain, RowOf, Step

TARGET_HEAD = 80
CURRENT_HEAD = 40


@dataclass(frozen=True)
class Role:
    """Logarithmic lift by role: ln(1 + n_rc / (s·p_c)), zero where nobody on the way to the role took the course.

    n_rc people of the role who took c, p_c its share among everyone, s the people the shrinkage counts for. A constant
    of the role is left out: it is the same for every candidate. `moved` counts those of the people who moved into the
    role and took c in the 12 months before. `lift`, `people` and `moved` (n_roles, n), the same columns.
    """

    lift: SparseRows
    people: SparseRows
    moved: SparseRows
    NAME: ClassVar[str] = "role"
    SIGNALS: ClassVar[tuple[str, ...]] = ("target", "current", "closes", "deepens")

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The lift in the goal role and in the current one, and how much of the gap to each a course closes."""
        lift = ByColumn(self.lift)
        return RowOf(lift, GOAL), RowOf(lift, ROLE), Gain(GOAL), Gain(ROLE)

    @cached_property
    def proposals(self) -> tuple[Proposal, ...]:
        """The courses with the largest lift in the target role and in the current one."""
        return Heads(self.lift, GOAL, most=TARGET_HEAD), Heads(self.lift, ROLE, most=CURRENT_HEAD)

    def with_courses(self, newcomers: Newcomers) -> Role:
        """Return itself: nobody took a course that came after the fit."""
        return self

    def pack(self) -> Arrays:
        """Return the arrays `unpack` reads."""
        counts = {"people_weights": self.people.weights, "moved_weights": self.moved.weights}
        return {**arrays_of(self.lift, "lift"), **counts}

    @classmethod
    def unpack(cls, arrays: Arrays, *, n_courses: int) -> Role:
        """Make the scorer of what `pack` returned."""
        lift = rows_of(arrays, "lift", n_courses)
        people, moved = (np.asarray(arrays[f"{name}_weights"], dtype=np.float32) for name in ("people", "moved"))
        return cls(
            lift,
            SparseRows(lift.indptr, lift.indices, people, n_courses),
            SparseRows(lift.indptr, lift.indices, moved, n_courses),
        )
