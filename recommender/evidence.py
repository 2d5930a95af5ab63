"""What reasons are read from: the courses of the history, the people, the skills that speak for a few courses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from recommender import answer_kernels
from recommender.arrays import NONE, IntArray, Levels
from recommender.catalog import Skills
from recommender.model import Model
from recommender.query import Query, recent_history
from recommender.skills import Need, strain
from recommender.sparse import Places, SparseRows

LATEST_COURSES = 20
"""Courses of the history, the latest, that a reason may point to."""


class Lift(NamedTuple):
    """What a course does for one skill the goal role needs: from, to, needed, all levels 0–5."""

    skill_idx: int
    before: int
    after: int
    needed: int

    def as_dict(self, skills: Skills) -> dict[str, Any]:
        """Return the JSON values of design section 9."""
        skill, before, after, needed = self
        return {
            "skill_id": skills.ids.ids[skill],
            "name": skills.names[skill],
            "from": before,
            "to": after,
            "needed": needed,
        }


@dataclass(frozen=True)
class Evidence:
    """What speaks to one person for some courses; what is said of a course is kept under its position.

    Parameters
    ----------
    courses
        The courses, and where each stands among them.
    levels, need
        The person's levels and what the goal role needs.
    goal, role_id, role
        The goal role, its id and its title; `NONE` and "" without one.
    claimed
        The level claimed of each skill, and by whom.
    lifts
        What each course does for the needed skills it raises, the largest weighted step first.
    together, followed
        Which course of the history most people completed beside each course, and from which most went on to it, and how
        many did; `NONE` and 0 where none did, the latest of equals.
    alike
        Which course of the history each course is most like, and the cosine; `NONE` and 0 where it is like none.
    on_the_way
        How many people in the goal role, or on their way to it, completed each course.
    """

    model: Model
    query: Query
    levels: Levels
    need: Need
    courses: Places
    goal: int
    role_id: str
    role: str
    claimed: dict[int, tuple[int, str]]
    lifts: dict[int, tuple[Lift, ...]]
    together: dict[int, tuple[int, float]]
    followed: dict[int, tuple[int, float]]
    alike: dict[int, tuple[int, float]]
    on_the_way: dict[int, float]

    @classmethod
    def of(cls, model: Model, query: Query, levels: Levels, need: Need, courses: IntArray) -> Evidence:
        """Look up what most reasons are read from, for all courses at once."""
        scorers, roles, goal = model.scorers, model.roles, query.goal_role
        places = Places.of(courses, len(model.catalog))
        latest = recent_history(query, most=LATEST_COURSES)[0]
        return cls(
            model,
            query,
            levels,
            need,
            places,
            goal=goal,
            role_id="" if goal == NONE else roles.ids.ids[goal],
            role="" if goal == NONE else roles.titles[goal],
            claimed=_claimed(query),
            lifts=_lifts(model, levels, need, courses),
            together=_strongest(scorers.item_item.both, latest, places),
            followed=_strongest(scorers.sequence.followed, latest, places),
            alike=_strongest(scorers.content.neighbours, latest, places),
            on_the_way=_row(scorers.role.people, goal, places),
        )

    @cached_property
    def moved(self) -> dict[int, float]:
        """How many people completed each course in the year before they moved into the goal role."""
        return _row(self.model.scorers.role.moved, self.goal, self.courses)

    @cached_property
    def fits_role(self) -> dict[int, float]:
        """How like the goal role each course is: the cosine, 0 where it is not among the nearest."""
        return _row(self.model.scorers.content.role_neighbours, self.goal, self.courses)

    @cached_property
    def met(self) -> dict[int, list[tuple[int, int, int]]]:
        """The entry levels each course declares and the person meets: skill, the level asked for, the one they have."""
        rows = self.model.catalog.skills
        asked = (rows.indptr, rows.skill_idx, rows.entry_level, rows.entry_declared)
        return answer_kernels.met(*asked, self.courses.columns, self.levels)

    @cached_property
    def strain(self) -> dict[int, float]:
        """How many levels the person is below what each course asks for, assumed ones too."""
        courses = self.courses.columns
        short = strain(self.levels, self.model.catalog, courses)
        return dict(zip(courses.tolist(), short.tolist(), strict=True))

    @cached_property
    def known(self) -> tuple[str, ...]:
        """What is known of the person that anything can suit: of history, role, target_role and department."""
        query = self.query
        known = {
            "history": len(query.history) > 0,
            "role": query.role_idx != NONE,
            "target_role": query.target_role_idx != NONE,
            "department": query.department != "",
        }
        return tuple(name for name, is_known in known.items() if is_known)


def _claimed(query: Query) -> dict[int, tuple[int, str]]:
    if not len(query.claims.skill_idx):
        return {}
    return {skill: (level, source) for skill, level, source, _ in query.claims.rows()}


def _lifts(model: Model, levels: Levels, need: Need, courses: IntArray) -> dict[int, tuple[Lift, ...]]:
    rows = model.catalog.skills
    taught = (rows.indptr, rows.skill_idx, rows.level)
    return answer_kernels.lifts(Lift, *taught, courses, levels, need.level, need.importance)


def _strongest(rows: SparseRows, latest: IntArray, places: Places) -> dict[int, tuple[int, float]]:
    """Return, of each course, the row of the history with the largest weight there, the latest of equals."""
    return answer_kernels.strongest_of(rows.indptr, rows.indices, rows.weights, latest, places.slot, places.columns)


def _row(rows: SparseRows, row: int, places: Places) -> dict[int, float]:
    return answer_kernels.row_of(rows.indptr, rows.indices, rows.weights, row, places.slot, places.columns)
