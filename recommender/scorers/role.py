"""What people take on the way to a role: shrunk lift of a course among them.

Fitted by `training.scorers.role` on completions made while in the role or in the 12 months before moving into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from recommender.arrays import FloatArray
from recommender.kernels import Proposed
from recommender.scorers.base import Arrays, Context, Newcomers, arrays_of, rows_of
from recommender.sparse import Places, SparseRows

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

    def fill(self, context: Context, courses: Places, out: FloatArray) -> None:
        """Write the lift in the goal role and in the current one, and how much of the gap to each a course closes."""
        goal, current, standing = context.query.goal_role, context.query.role_idx, context.standing
        if standing is None:
            out[2:] = 0
        for at, role in enumerate(dict.fromkeys((goal, current))):
            self.lift.fill_row(out, at, role, courses)
            if standing is not None:
                out[2 + at] = standing.gain(standing.needs.of(role), courses.columns)
        if goal == current:
            out[1::2] = out[::2]

    def propose(self, context: Context, proposed: Proposed) -> None:
        """Add the courses with the largest lift in the target role and in the current one."""
        self.lift.propose(proposed, context.goal_row, TARGET_HEAD)
        self.lift.propose(proposed, context.role_row, CURRENT_HEAD)

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
