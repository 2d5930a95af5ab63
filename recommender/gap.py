"""What is missing for a role, how far roles lie apart, and which are near.

Coverage and distance are shares of what a role needs, weighted by importance; a distance of 0 means everything it needs is
there, of 1 nothing is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import NONE, BoolArray, IntArray, Levels
from recommender.catalog import Catalog, Roles
from recommender.profile import EvidenceRules, Profile
from recommender.skills import Need, coverage

UPSKILL, BETWEEN, RESKILL = "upskill", "hybrid", "reskill"
NEAR, FAR = 0.25, 0.5
"""A role among the nearest quarter of all others is upskilling, one in the farther half reskilling, else `hybrid`.

Places, not distances, because how finely a company writes down its roles moves every distance. Of the pairs O*NET names
closest, 74 % lie in the nearest quarter and 11 % in the farther half; of pairs of different families 22 % and 53 %
(docs/model.md, «How far a role is»).
"""


@dataclass(frozen=True, slots=True)
class SkillGap:
    """One skill a role needs: what is there, what is needed (levels 0–5), what it rests on, and whether to confirm it.

    `source` is a position in `profile.SOURCES`, `NONE` where nothing is known; `at` seconds, `EARLIEST` undated;
    `course_idx` the completed course the level comes from, else `NONE`; `confidence` in [0, 1].
    """

    skill_idx: int
    have: int
    needed: int
    importance: float
    source: int
    at: int
    course_idx: int
    confidence: float
    confirm: bool

    @property
    def missing(self) -> int:
        """Levels that are missing, 0 where none is."""
        return max(self.needed - self.have, 0)


@dataclass(frozen=True, slots=True)
class Distance:
    """How far the target lies from where the person stands.

    `value` in [0, 1]: the share of the target's need not covered by where the person starts; `place` in [0, 1]: the share
    of all other roles that are nearer, half of those as near among them (the distance where there is no other role);
    `kind` what that makes it. `shared` are the
    skills that carry over: needed by the target and there at some level.
    """

    kind: str
    value: float
    place: float
    shared: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NearRole:
    """Another role: how much of its need the person covers, and could with what the catalogue teaches."""

    role_idx: int
    coverage: float
    reachable: float


@dataclass(frozen=True, slots=True)
class Gap:
    """What a person lacks for a role; `coverage` and `distance` None where the role needs nothing known."""

    role_idx: int
    coverage: float | None
    skills: tuple[SkillGap, ...]
    distance: Distance | None

    @property
    def missing(self) -> float:
        """Return Σ importance·missing levels, 0 if and only if the role's need is met."""
        return float(sum(one.importance * one.missing for one in self.skills))


def gap_of(profile: Profile, role_idx: int, *, roles: Roles, current_idx: int, as_of: int, rules: EvidenceRules) -> Gap:
    """Return what a person lacks for a role: the largest weighted gap first, what is met last, then by skill."""
    need = Need.of(roles, role_idx, n_skills=len(profile.level))
    confidence = profile.confidence(as_of, rules)
    found = [
        SkillGap(
            skill_idx=skill,
            have=int(profile.level[skill]),
            needed=int(need.level[skill]),
            importance=float(need.importance[skill]),
            source=int(profile.source[skill]),
            at=int(profile.at[skill]),
            course_idx=int(profile.course_idx[skill]),
            confidence=float(confidence[skill]),
            confirm=bool(confidence[skill] < rules.confirm_below),
        )
        for skill in np.flatnonzero(need.level).tolist()
    ]
    found.sort(key=lambda one: (-one.importance * one.missing, -one.importance, one.skill_idx))
    distance = distance_to(profile.level, role_idx, roles=roles, current_idx=current_idx)
    return Gap(role_idx, coverage(profile.level, need), tuple(found), distance)


def distance_to(levels: Levels, role_idx: int, *, roles: Roles, current_idx: int) -> Distance | None:
    """Return how far a role lies from the one held, by what both need; without one, from what the person can do.

    Somebody's own role is at 0: getting better in it is upskilling, however much is missing. None without a need.
    """
    if role_idx == NONE or not np.diff(roles.needs.indptr)[role_idx]:
        return None
    needed = Need.of(roles, role_idx, n_skills=len(levels)).level
    shared = tuple(np.flatnonzero((needed > 0) & (levels > 0)).tolist())
    if role_idx == current_idx:
        return Distance(UPSKILL, 0.0, 0.0, shared)
    held = Need.of(roles, current_idx, n_skills=len(levels)).level
    distances = 1 - role_coverages(held if held.any() else levels, roles)
    place = float(_places(distances, current_idx)[role_idx])
    return Distance(_kind(place), float(distances[role_idx]), place, shared)


def _kind(place: float) -> str:
    return UPSKILL if place <= NEAR else RESKILL if place >= FAR else BETWEEN


def _places(distances: NDArray[np.float64], current_idx: int) -> NDArray[np.float64]:
    """Return `Distance.place` of every role but the current one by the distances of all, (n_roles,); of a NaN nothing."""
    known = ~np.isnan(distances)
    if current_idx != NONE:
        known[current_idx] = False
    ordered = np.sort(distances[known])
    nearer = np.searchsorted(ordered, distances - _SAME, side="left")
    tied = np.searchsorted(ordered, distances + _SAME, side="right") - nearer - known
    return (nearer + tied / 2) / (len(ordered) - 1) if len(ordered) > 1 else distances


def mode_towards(levels: Levels, role_idx: int, *, roles: Roles, current_idx: int) -> str:
    """Return the mode that suits a goal: `reskill` where it lies beyond the nearest quarter of roles, else `upskill`."""
    distance = distance_to(levels, role_idx, roles=roles, current_idx=current_idx)
    return UPSKILL if distance is None or distance.kind == UPSKILL else RESKILL


def far_from(current_idx: int, held: Levels, *, roles: Roles) -> BoolArray | None:
    """Tell of every role whether `mode_towards` says `reskill` to the holders of one that needs these levels.

    All its holders are told the same. None where the role held needs nothing.
    """
    if not held.any():
        return None
    distances = 1 - role_coverages(held, roles)
    far = (_places(distances, current_idx) > NEAR) & ~np.isnan(distances)  # what needs nothing is not far
    far[current_idx] = False
    return far


_SAME = 1e-9
"""Distances that differ by less are the same: they are sums of few products."""


def role_coverages(levels: NDArray[np.number], roles: Roles) -> NDArray[np.float64]:
    """Return how much of each role's need levels cover, shape (n_roles,), NaN where a role needs nothing known."""
    owner, skills, importance, total = roles.weighed
    have = levels.take(skills)
    some = np.flatnonzero(have)  # most roles need other things
    reached = np.minimum(have[some], roles.needs.level[some])
    met = np.bincount(owner[some], weights=importance[some] * reached, minlength=len(roles))
    return np.asarray(np.where(total > 0, met / np.where(total > 0, total, 1), np.nan))


def near_roles(
    profile: Profile, *, roles: Roles, catalog: Catalog, courses: IntArray, but: int, k: int
) -> list[NearRole]:
    """Return the k roles whose need is covered best, `but` one left out, ties by position.

    `reachable` is the coverage once each skill stands at the highest level that `courses` teach, or higher: what is
    beyond it nobody teaches. Roles that cannot be come nearer to (all that is reachable is there, and it is not all) stand
    last.
    """
    _, flat = catalog.skills.flat(courses)
    best = profile.level.copy()
    np.maximum.at(best, catalog.skills.skill_idx[flat], catalog.skills.level[flat])
    now, later = role_coverages(profile.level, roles), role_coverages(best, roles)
    known = [role for role in np.flatnonzero(~np.isnan(now)).tolist() if role != but]
    stuck = {role for role in known if later[role] <= now[role] < 1}
    known.sort(key=lambda role: (role in stuck, -now[role], role))
    return [NearRole(role, float(now[role]), float(later[role])) for role in known[:k]]
