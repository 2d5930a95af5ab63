"""What a role needs, how much of it levels cover, and what a course adds.

Levels are 0–5; coverage is the share of the need that is met, weighted by importance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from recommender import question
from recommender.arrays import NONE, BoolArray, FloatArray, IntArray, Levels, frozen
from recommender.catalog import Catalog, Roles


@dataclass(frozen=True)
class Need:
    """What a role needs, as dense rows over all skills.

    `level` (n_skills,) int8, 0 where not needed; `importance` (n_skills,) float32, 0 where not needed; `total` is
    Σ importance·level.
    """

    level: Levels
    importance: FloatArray
    total: float

    @classmethod
    def of(cls, roles: Roles, role_idx: int, *, n_skills: int) -> Need:
        """Return the need of a role; nothing is needed without one."""
        level, importance, total = np.zeros(n_skills, dtype=np.int8), np.zeros(n_skills, dtype=np.float32), 0.0
        if role_idx != NONE:
            rows, span = roles.needs, roles.needs.span(role_idx)
            level[rows.skill_idx[span]], importance[rows.skill_idx[span]] = rows.level[span], rows.weight[span]
            total = _weighed(rows.weight[span], rows.level[span])
        return cls(frozen(level), frozen(importance), total)


class Needs:
    """What roles need, remembered for those asked about lately, as dense rows are quicker to read than to make."""

    __slots__ = ("_known", "_most", "_n_skills", "_roles")

    def __init__(self, roles: Roles, *, n_skills: int) -> None:
        self._roles, self._n_skills = roles, n_skills
        self._known: dict[int, Need] = {}
        self._most = max(1, REMEMBERED_BYTES // (5 * max(n_skills, 1)))

    def of(self, role_idx: int) -> Need:
        """Return the need of a role; nothing is needed without one."""
        found = self._known.get(role_idx)
        if found is None:
            if len(self._known) >= self._most:
                self._known = {}
            found = self._known[role_idx] = Need.of(self._roles, role_idx, n_skills=self._n_skills)
        return found


REMEMBERED_BYTES = 4 * 2**20
"""How much memory `Needs` may fill."""


def coverage(levels: Levels, need: Need) -> float | None:
    """Return Σ importance·min(level, needed) / Σ importance·needed, in [0, 1]; None where nothing is needed."""
    if need.total == 0:
        return None
    return _weighed(need.importance, np.minimum(levels, need.level)) / need.total


def _weighed(importance: FloatArray, level: Levels) -> float:
    """Return Σ importance·level, rounded once: how many skills are not needed must not change a digit."""
    needed = np.flatnonzero(importance)
    return math.fsum((importance[needed].astype(np.float64) * level[needed]).tolist())


def goal_gain(levels: Levels, need: Need, catalog: Catalog, courses: IntArray) -> FloatArray:
    """Return by how much each course raises coverage now, shape (len(courses),), float32, ≥ 0.

    A course lifts each skill it teaches to max(current, taught), and counts only up to what is needed. A course whose
    declared entry levels are not met lifts nothing.
    """
    return question.gain(catalog.taught, courses, levels, need)


def ready(levels: Levels, catalog: Catalog, courses: IntArray) -> BoolArray:
    """Tell of each course whether its declared entry levels are met, shape (len(courses),)."""
    return catalog.rules.entry_levels_met(courses, levels)


def strain(levels: Levels, catalog: Catalog, courses: IntArray) -> FloatArray:
    """Return Σ max(entry level − level, 0) over the skills of each course, assumed ones too, (len(courses),), float32."""
    return question.strain(catalog.taught, courses, levels)


def new_ground(levels: Levels, catalog: Catalog, courses: IntArray) -> FloatArray:
    """Return how far each course leads outside what the person knows, within reach, (len(courses),), float32 in [0, 1].

    Σ of the levels taught in skills the person is at most aware of (level 0 or 1) ÷ Σ of all levels taught, halved for
    each level that the person is below an entry level, assumed ones too. A course that teaches no known skill is 0.
    """
    owner, flat = catalog.skills.flat(courses)
    taught = catalog.skills.level[flat].astype(np.float64)
    fresh = taught * (levels[catalog.skills.skill_idx[flat]] <= 1)
    everything = np.bincount(owner, weights=taught, minlength=len(courses))
    share = np.bincount(owner, weights=fresh, minlength=len(courses)) / np.maximum(everything, 1)
    return np.asarray(share * 0.5 ** strain(levels, catalog, courses), dtype=np.float32)
