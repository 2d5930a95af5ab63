"""How far people cover what the role they hold needs, added up by department and role: no person is kept.

Everybody is measured against the role held, not the one aimed at: what the company's work asks for, whatever somebody
wishes to become. Levels are those of `recommender.profile`, so that the sums are those of the answers to each person.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import NONE, IntArray, Levels, LongArray
from recommender.eligibility import eligible
from recommender.model import Model
from recommender.profile import ASSUMED, profile_of
from recommender.query import Query

MOST_OFFERS = 25
"""Courses of a skill that are looked at: those that teach most of it, the shortest of these."""
_DESPITE = ("feedback", "in_progress", "required", "excluded", "max_hours", "max_cost", "language", "format")
"""What a person said, began or must do does not change whether they could start a course."""

Sums = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RoleNeeds:
    """What a role needs, and which courses teach it.

    `skills`, `needed` (levels) and `importance` have one element a skill; `offer_need`, `offer_course` and `taught` one a
    course that teaches one of them: which of `skills`, which of `courses`, and the level it teaches.
    """

    skills: IntArray
    needed: Levels
    importance: Sums
    courses: IntArray
    offer_need: IntArray
    offer_course: IntArray
    taught: Levels

    @property
    def total(self) -> Sums:
        """Importance × level of each skill: what one holder needs of it."""
        return self.importance * self.needed


@dataclass(slots=True)
class Cell:
    """Sums over the holders of one role in one department.

    `have` and `short` are by skill the role needs: Σ importance·min(level, needed), and how many are below. `lift` and
    `starters` are by offer: Σ importance·levels gained up to the need, over those who could start the course now and gain
    by it, and how many these are. `assumed` is Σ of the share of each one's levels that rests on the role alone.
    """

    people: int
    assumed: float
    have: Sums
    short: LongArray
    lift: Sums
    starters: LongArray


@dataclass(slots=True)
class Tally:
    """Adds people up, one after another, by (department, role)."""

    model: Model
    as_of: int
    cells: dict[tuple[str, int], Cell] = field(default_factory=dict)
    needs: dict[int, RoleNeeds] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)
    """Courses somebody completed."""
    without_role: int = 0
    """People who hold no role that needs a skill: they are in no cell."""
    _offers: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._offers = _best_offers(self.model, self.as_of)

    def add(self, query: Query) -> None:
        """Add a person as they stand at the moment of the query."""
        self.taken.update(query.history.tolist())
        role, model = query.role_idx, self.model
        if role == NONE or not np.diff(model.roles.needs.indptr)[role]:
            self.without_role += 1
            return
        needs = self._needs_of(role)
        profile = profile_of(
            query, catalog=model.catalog, roles=model.roles, n_skills=len(model.skills.ids), rules=model.evidence
        )
        level = profile.level[needs.skills]
        startable = eligible(model.catalog, query, needs.courses, levels=profile.level, despite=_DESPITE)
        gained = np.minimum(needs.taught, needs.needed[needs.offer_need]) - level[needs.offer_need]
        gained = np.where(startable[needs.offer_course], np.maximum(gained, 0), 0)
        cell = self._cell(query.department, role, needs)
        cell.people += 1
        cell.assumed += float((profile.source[needs.skills] == ASSUMED).mean())
        cell.have += needs.importance * np.minimum(level, needs.needed)
        cell.short += level < needs.needed
        cell.lift += needs.importance[needs.offer_need] * gained
        cell.starters += gained > 0

    def _cell(self, department: str, role: int, needs: RoleNeeds) -> Cell:
        found = self.cells.get((department, role))
        if found is None:
            n_skills, n_offers = len(needs.skills), len(needs.offer_need)
            found = self.cells[department, role] = Cell(
                people=0,
                assumed=0.0,
                have=np.zeros(n_skills),
                short=np.zeros(n_skills, dtype=np.int64),
                lift=np.zeros(n_offers),
                starters=np.zeros(n_offers, dtype=np.int64),
            )
        return found

    def _needs_of(self, role: int) -> RoleNeeds:
        found = self.needs.get(role)
        if found is None:
            found = self.needs[role] = _role_needs(self.model, role, self._offers)
        return found


def offered(model: Model, as_of: int) -> IntArray:
    """Return the courses that may be taken at a moment: published, available and not superseded."""
    catalog = model.catalog
    open_now = catalog.published & (catalog.available_from <= as_of) & (as_of < catalog.available_to)
    return np.flatnonzero(open_now & ~catalog.superseded_at(as_of)).astype(np.int32)


def _best_offers(model: Model, as_of: int) -> dict[int, list[int]]:
    """Return for each skill where the rows of the best courses that teach it stand in the catalogue's skills."""
    catalog, courses = model.catalog, offered(model, as_of)
    owner, flat = catalog.skills.flat(courses)
    order = np.lexsort((courses[owner], catalog.hours[courses[owner]], -catalog.skills.level[flat]))
    found: dict[int, list[int]] = defaultdict(list)
    for row in flat[order].tolist():
        rows = found[int(catalog.skills.skill_idx[row])]
        if len(rows) < MOST_OFFERS:
            rows.append(row)
    return dict(found)


def _role_needs(model: Model, role: int, offers: dict[int, list[int]]) -> RoleNeeds:
    rows, taught = model.roles.needs, model.catalog.skills
    span = rows.span(role)
    skills = rows.skill_idx[span]
    pairs = [(need, row) for need, skill in enumerate(skills.tolist()) for row in offers.get(skill, ())]
    teaching = np.array([row for _, row in pairs], dtype=np.int64)
    owner = np.searchsorted(taught.indptr, teaching, side="right") - 1
    courses, offer_course = np.unique(owner, return_inverse=True)
    return RoleNeeds(
        skills=skills,
        needed=rows.level[span],
        importance=rows.weight[span].astype(np.float64),
        courses=courses.astype(np.int32),
        offer_need=np.array([need for need, _ in pairs], dtype=np.int32),
        offer_course=offer_course.astype(np.int32),
        taught=taught.level[teaching],
    )
