"""What reasons are read from: the courses of the history, the people, the skills that speak for a few courses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from recommender.arrays import NONE, IntArray, Levels
from recommender.model import Model
from recommender.query import Query, recent_history
from recommender.skills import Need
from recommender.sparse import Places, SparseRows

LATEST_COURSES = 20
"""Courses of the history, the latest, that a reason may point to."""


class Raised(NamedTuple):
    """A needed skill that a course raises: the level the person has, the one taught, the one needed, and its importance."""

    skill_idx: int
    have: int
    taught: int
    needed: int
    importance: float


class Met(NamedTuple):
    """An entry level that a course declares and the person meets by a claim."""

    skill_idx: int
    asked: int
    have: int


@dataclass(frozen=True)
class Evidence:
    """A question, the person's levels and the role's need, and `courses` (n,): those that reasons are asked for.

    What speaks for the courses is looked up for all of them at once, when it is first asked for.
    """

    model: Model
    query: Query
    levels: Levels
    need: Need
    courses: IntArray

    @cached_property
    def raised(self) -> dict[int, list[Raised]]:
        """The needed skills that each course raises."""
        owner, skill, have, flat = self._taught
        taught, needed = self.model.catalog.skills.level[flat], self.need.level[skill]
        at = np.flatnonzero(np.minimum(taught, needed) > have)
        of_skill = self.need.importance[skill[at]]
        columns = (owner[at], skill[at], have[at], taught[at], needed[at], of_skill)
        found: dict[int, list[Raised]] = {course: [] for course in self._ids}
        for place, *row in zip(*(column.tolist() for column in columns), strict=True):
            found[self._ids[place]].append(Raised(*row))
        return found

    @cached_property
    def met(self) -> dict[int, list[Met]]:
        """The declared entry levels of each course that the person meets, in skills about which something is claimed."""
        found: dict[int, list[Met]] = {course: [] for course in self._ids}
        if not self.claimed:
            return found
        rows, (owner, skill, have, flat) = self.model.catalog.skills, self._taught
        asked = rows.entry_level[flat]
        at = np.flatnonzero(rows.entry_declared[flat] & (asked > 0) & (asked <= have))
        columns = (owner[at], skill[at], asked[at], have[at])
        for place, *row in zip(*(column.tolist() for column in columns), strict=True):
            found[self._ids[place]].append(Met(*row))
        return found

    @cached_property
    def _taught(self) -> tuple[IntArray, IntArray, Levels, IntArray]:
        """Of every skill a course teaches: the place of the course, the skill, the person's level, and where it stands."""
        rows = self.model.catalog.skills
        owner, flat = rows.flat(self.courses)
        skill = rows.skill_idx[flat]
        return owner, skill, self.levels[skill], flat

    @cached_property
    def claimed(self) -> dict[int, tuple[int, str]]:
        """The level claimed of each skill, and by whom."""
        return {skill: (level, source) for skill, level, source, _ in self.query.claims.rows()}

    @cached_property
    def together(self) -> dict[int, tuple[int, int]]:
        """Which course of the history most people completed beside each course, and how many did."""
        return self._people(self.model.scorers.item_item.both)

    @cached_property
    def followed(self) -> dict[int, tuple[int, int]]:
        """From which course of the history most people went on to each course, and how many did."""
        return self._people(self.model.scorers.sequence.followed)

    @cached_property
    def alike(self) -> dict[int, tuple[int, float]]:
        """Which course of the history each course is most like, and the cosine; `NONE` and 0 where it is like none."""
        return self._strongest(self.model.scorers.content.neighbours)

    @cached_property
    def fits_role(self) -> dict[int, float]:
        """How like the goal role each course is: the cosine, 0 where it is not among the nearest."""
        return self._of_goal_role(self.model.scorers.content.role_neighbours)

    @cached_property
    def on_the_way(self) -> dict[int, int]:
        """How many people in the goal role, or on their way to it, completed each course."""
        return {course: int(count) for course, count in self._of_goal_role(self.model.scorers.role.people).items()}

    @cached_property
    def moved(self) -> dict[int, int]:
        """How many people completed each course in the year before they moved into the goal role."""
        return {course: int(count) for course, count in self._of_goal_role(self.model.scorers.role.moved).items()}

    @cached_property
    def known(self) -> tuple[str, ...]:
        """What is known of the person that anything can suit: of history, role, target_role and department."""
        query = self.query
        if not len(query.history) and query.goal_role == NONE and not query.department:
            return ()
        known = {
            "history": len(query.history) > 0,
            "role": query.role_idx != NONE,
            "target_role": query.target_role_idx != NONE,
            "department": query.department != "",
        }
        return tuple(name for name, is_known in known.items() if is_known)

    def _people(self, rows: SparseRows) -> dict[int, tuple[int, int]]:
        return {course: (taken, int(count)) for course, (taken, count) in self._strongest(rows).items()}

    def _strongest(self, rows: SparseRows) -> dict[int, tuple[int, float]]:
        """Return, of each course, the row of the history with the largest weight there, the latest of equals."""
        if not len(self._latest):
            return dict.fromkeys(self._ids, (NONE, 0.0))
        weight, row = rows.strongest(self._latest, self._places)
        return dict(zip(self._ids, zip(row.tolist(), weight.tolist(), strict=True), strict=True))

    def _of_goal_role(self, rows: SparseRows) -> dict[int, float]:
        weights = rows.row_at(self.query.goal_role, self._places)
        return dict(zip(self._ids, weights.tolist(), strict=True))

    @cached_property
    def _ids(self) -> list[int]:
        return self.courses.tolist()  # type: ignore[no-any-return]

    @cached_property
    def _latest(self) -> IntArray:
        return recent_history(self.query, most=LATEST_COURSES)[0]

    @cached_property
    def _places(self) -> Places:
        return Places.of(self.courses, len(self.model.catalog))
