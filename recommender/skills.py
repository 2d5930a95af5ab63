"""What a person can do, what a role needs, and the difference.

Levels are 0–5. A profile is the level of every skill, weighed from claims, completions and the current role; the gap is
what it lacks for a role, weighted by importance; coverage is the share of the need that is met.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import NONE, FloatArray, IntArray
from recommender.catalog import Catalog, Roles
from recommender.query import Query

Levels = NDArray[np.int8]


def profile(query: Query, *, catalog: Catalog, roles: Roles, n_skills: int, assume_role: bool = True) -> Levels:
    """Return the level of each skill, shape (n_skills,), int8, 0–5.

    A holder of a role is assumed to have each level it is declared to need less one (`assume_role`); an inferred need says
    what holders learn, not what they came with. A claim replaces that: of several
    the most trusted source's newest. A completed course raises a skill to the level it teaches.
    """
    levels = np.zeros(n_skills, dtype=np.int8)
    if assume_role and query.role_idx != NONE:
        needs, span = roles.needs, roles.needs.span(query.role_idx)
        levels[needs.skill_idx[span]] = np.where(needs.inferred[span], 0, np.maximum(needs.level[span] - 1, 0))
    levels[query.claims.skill_idx] = query.claims.level
    for course in query.history.tolist():
        span = catalog.skills.span(course)
        skills = catalog.skills.skill_idx[span]
        levels[skills] = np.maximum(levels[skills], catalog.skills.level[span])
    return levels


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
        level, importance = np.zeros(n_skills, dtype=np.int8), np.zeros(n_skills, dtype=np.float32)
        if role_idx != NONE:
            span = roles.needs.span(role_idx)
            level[roles.needs.skill_idx[span]] = roles.needs.level[span]
            importance[roles.needs.skill_idx[span]] = roles.needs.weight[span]
        return cls(level, importance, _weighed(importance, level))


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
    gain = np.zeros(len(courses), dtype=np.float32)
    if need.total == 0 or not len(catalog.skills.skill_idx):
        return gain
    owner, flat = _flat_skills(catalog, courses)
    skill = catalog.skills.skill_idx[flat]
    have, needed = levels[skill].astype(np.float32), need.level[skill].astype(np.float32)
    lifted = np.minimum(catalog.skills.level[flat], needed) - np.minimum(have, needed)
    np.add.at(gain, owner, np.maximum(lifted, 0) * need.importance[skill])
    gain[~_ready(levels, catalog, owner, flat, len(courses))] = 0
    return gain / np.float32(need.total)


def ready(levels: Levels, catalog: Catalog, courses: IntArray) -> NDArray[np.bool_]:
    """Tell of each course whether its declared entry levels are met, shape (len(courses),)."""
    owner, flat = _flat_skills(catalog, courses)
    return _ready(levels, catalog, owner, flat, len(courses))


def _ready(levels: Levels, catalog: Catalog, owner: IntArray, flat: IntArray, n: int) -> NDArray[np.bool_]:
    too_low = catalog.skills.entry_declared[flat] & (
        levels[catalog.skills.skill_idx[flat]] < catalog.skills.entry_level[flat]
    )
    found = np.ones(n, dtype=np.bool_)
    found[owner[too_low]] = False
    return found


def strain(levels: Levels, catalog: Catalog, courses: IntArray) -> FloatArray:
    """Return Σ max(entry level − level, 0) over the skills of each course, assumed ones too, (len(courses),), float32."""
    owner, flat = _flat_skills(catalog, courses)
    missing = catalog.skills.entry_level[flat] - levels[catalog.skills.skill_idx[flat]]
    found = np.bincount(owner, weights=np.maximum(missing, 0), minlength=len(courses))
    return np.asarray(found, dtype=np.float32)


def _flat_skills(catalog: Catalog, courses: IntArray) -> tuple[IntArray, IntArray]:
    """Return, for every skill of every course, which of `courses` it belongs to and where it stands in the catalogue."""
    starts = catalog.skills.indptr[courses]
    lengths = catalog.skills.indptr[courses + 1] - starts
    owner = np.repeat(np.arange(len(courses)), lengths)
    ends = np.cumsum(lengths)
    flat = np.arange(len(owner)) + np.repeat(starts - (ends - lengths), lengths)
    return owner.astype(np.int32), flat.astype(np.int32)
