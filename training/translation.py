"""From the positions of one data set to those of a model fitted on another, by id.

A course, role or skill the model has not seen has no position in it, and is left out of the question.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from recommender.arrays import NONE, IntArray, frozen
from recommender.company import Dataset
from recommender.model import Model
from recommender.query import Claims, Limits, Query
from recommender.required import Required


@dataclass(frozen=True, slots=True)
class Translation:
    """Where each course, role and skill of a data set stands in a model, `NONE` where it does not.

    `courses` has shape (n_courses,), `roles` (n_roles,), `skills` (n_skills,), all of the data set.
    `target_role_idx` is the model's position of the role everyone is asked about; None leaves each person's own.
    """

    courses: IntArray
    roles: IntArray
    skills: IntArray
    target_role_idx: int | None = None

    @classmethod
    def between(cls, data: Dataset, model: Model, *, target_role: str | None = None) -> Translation:
        """Look up every id of a data set in a model."""
        return cls(
            frozen(model.catalog.ids.find_all(data.catalog.ids.ids)),
            frozen(model.roles.ids.find_all(data.roles.ids.ids)),
            frozen(model.skills.ids.find_all(data.skills.ids.ids)),
            None if target_role is None else model.roles.ids.find(target_role),
        )

    def query(self, asked: Query) -> Query:
        """Return a query of the data set as one of the model."""
        history = self.courses[asked.history]
        known = history != NONE
        target = self._role(asked.target_role_idx) if self.target_role_idx is None else self.target_role_idx
        return replace(
            asked,
            history=frozen(history[known]),
            history_at=frozen(asked.history_at[known]),
            role_idx=self._role(asked.role_idx),
            target_role_idx=target,
            in_progress=self._courses(asked.in_progress),
            dismissed=self._courses(asked.dismissed),
            due_again=self._courses(asked.due_again),
            required=self._required(asked.required),
            claims=self._claims(asked.claims),
            limits=self._limits(asked.limits),
        )

    def _role(self, role_idx: int) -> int:
        return NONE if role_idx == NONE else int(self.roles[role_idx])

    def _courses(self, course_idx: IntArray) -> IntArray:
        found = self.courses[course_idx]
        return frozen(found[found != NONE])

    def _required(self, required: tuple[Required, ...]) -> tuple[Required, ...]:
        moved = (replace(one, course_idx=int(self.courses[one.course_idx])) for one in required)
        return tuple(one for one in moved if one.course_idx != NONE)

    def _claims(self, claims: Claims) -> Claims:
        skill = self.skills[claims.skill_idx]
        order = np.argsort(skill, kind="stable")[int((skill == NONE).sum()) :]
        return Claims(frozen(skill[order]), frozen(claims.level[order]))

    def _limits(self, limits: Limits) -> Limits:
        only = None if limits.only is None else self._courses(limits.only)
        return replace(limits, exclude=self._courses(limits.exclude), only=only)
