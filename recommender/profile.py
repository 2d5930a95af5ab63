"""What a person can do: the level of every skill, where it comes from and how sure that is.

Levels are whole and do not fade; confidence does. It says how far a level may be relied on, and a low one asks the
person to confirm the level.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.arrays import DAY, EARLIEST, NONE, FloatArray, IntArray, Levels, LongArray
from recommender.catalog import Catalog, Roles
from recommender.query import Query
from recommender.schema import EVIDENCE_SOURCES

SOURCES = (*EVIDENCE_SOURCES, "assumed")
"""Where a level may come from, the most trusted first; `assumed`: a holder of a role has its levels less one."""
COMPLETION = SOURCES.index("completion")
ASSUMED = SOURCES.index("assumed")
OWN = SOURCES.index("self")
_NO_MORE_TRUSTED = (NONE, ASSUMED, OWN)


TRUST: Mapping[str, float] = {
    "manager": 0.95,
    "assessment": 0.9,
    "credential": 0.85,
    "completion": 0.7,
    "self": 0.5,
    "assumed": 0.25,
}
"""How far fresh evidence is relied on, in (0, 1]. Judgement, not measured: who looked closer is believed more."""
HALF_LIFE_DAYS: Mapping[str, float] = {
    "manager": 730.0,
    "assessment": 730.0,
    "credential": 1095.0,
    "completion": 730.0,
    "self": 365.0,
}
"""Days in which a confidence halves, above 0; what is assumed has no date and does not age. Judgement, not measured."""


@dataclass(frozen=True, slots=True)
class EvidenceRules:
    """How evidence is trusted: confidence = trust·2^(−age/half-life), by source; what has no date is one half-life old.

    Parameters
    ----------
    trust, half_life_days
        By source; a source without a half-life does not age.
    assume_role
        Whether a holder of a role is assumed to have its levels less one.
    confirm_below
        A level that a person's role needs is to be confirmed where its confidence is lower.
    """

    trust: Mapping[str, float] = field(default_factory=lambda: TRUST)
    half_life_days: Mapping[str, float] = field(default_factory=lambda: HALF_LIFE_DAYS)
    assume_role: bool = True
    confirm_below: float = 0.3

    def document(self) -> dict[str, Any]:
        """Return the JSON values `EvidenceRules(**…)` makes the same rules of."""
        return {
            "trust": dict(self.trust),
            "half_life_days": dict(self.half_life_days),
            "assume_role": self.assume_role,
            "confirm_below": self.confirm_below,
        }


@dataclass(frozen=True, slots=True)
class Profile:
    """A person's level of each skill and what it rests on, all of shape (n_skills,).

    `level` int8 0–5; `source` int8 a position in `SOURCES`, `NONE` where nothing is known (level 0); `at` int64 seconds
    when it was observed, `EARLIEST` where undated; `course_idx` int32 the completed course it comes from, else `NONE`.
    """

    level: Levels
    source: NDArray[np.int8]
    at: LongArray
    course_idx: IntArray

    def confidence(self, as_of: int, rules: EvidenceRules) -> FloatArray:
        """Return how far each level may be relied on at a moment, (n_skills,), float32 in [0, 1], 0 where unknown."""
        found = np.zeros(len(self.level))
        for code, source in enumerate(SOURCES):
            rows = np.flatnonzero(self.source == code)
            half_life = rules.half_life_days.get(source, np.inf)
            days = np.where(self.at[rows] == EARLIEST, half_life, np.maximum(as_of - self.at[rows], 0) / DAY)
            halvings = days / half_life if np.isfinite(half_life) else np.zeros(len(rows))
            found[rows] = rules.trust[source] * 2.0**-halvings
        return found.astype(np.float32)


def profile_of(
    query: Query, *, catalog: Catalog, roles: Roles, n_skills: int, rules: EvidenceRules | None = None
) -> Profile:
    """Return what a person can do.

    A skill starts from the newest claim of its most trusted source, else from the role held (its declared level less
    one, if `rules` assume that), else from 0. A completion later than the claim raises it to the level taught, if every
    declared entry level of the course was met by then: by what the skills started from and by earlier completions;
    courses completed at one moment are not before one another. What was called known already (`already_know`,
    `too_easy`) is the person's own word for at least the levels that course teaches: it lowers none.
    """
    return Profile(*_learned(query, catalog, roles, n_skills, rules or EvidenceRules(), alone=False))


def levels_of(query: Query, *, catalog: Catalog, roles: Roles, n_skills: int, rules: EvidenceRules) -> Levels:
    """Return the levels of `profile_of`; what they rest on is left out where no claim and no feedback asks for it."""
    alone = not (len(query.claims.at) or len(query.feedback))
    return _learned(query, catalog, roles, n_skills, rules, alone=alone)[0]


def _learned(
    query: Query, catalog: Catalog, roles: Roles, n_skills: int, rules: EvidenceRules, *, alone: bool
) -> tuple[Levels, Any, Any, Any]:
    """Return the fields of a profile; `alone`, which claims and feedback do not allow, leaves None of all but levels."""
    needs, claims, taught = roles.needs, query.claims, catalog.skills
    held = query.role_idx if rules.assume_role else NONE
    # Only what is declared: an inferred need says what holders learn, not what they came with.
    declared = (needs.indptr, needs.skill_idx, needs.level, needs.inferred, held)
    claimed = (claims.skill_idx, claims.level, claims.source, claims.at)
    found = kernels.starting_levels(n_skills, *declared, ASSUMED, *claimed, EARLIEST, alone)
    since = found[2].copy() if len(claims.at) else None
    if len(query.feedback):
        _lift_to_what_is_known(Profile(*found), query, catalog)
    history, times = _by_time(query)
    rows = (taught.indptr, taught.skill_idx, taught.level, taught.entry_level, taught.entry_declared)
    kernels.raise_levels(history, times, *rows, since, EARLIEST, COMPLETION, *found)
    return found


def _lift_to_what_is_known(found: Profile, query: Query, catalog: Catalog) -> None:
    """Lift levels to what is taught by courses the person called known; what a more trusted source says stands."""
    known = query.feedback.saying("already_know", "too_easy")
    if not len(known):
        return
    said = {course: at for course, _, at in query.feedback.rows()}
    owner, flat = catalog.skills.flat(known)
    skills, levels = catalog.skills.skill_idx[flat].tolist(), catalog.skills.level[flat].tolist()
    for skill, level, course in zip(skills, levels, known[owner].tolist(), strict=True):
        if level > found.level[skill] and found.source[skill] in _NO_MORE_TRUSTED:
            found.level[skill], found.source[skill], found.at[skill] = level, OWN, said[course]


def _by_time(query: Query) -> tuple[IntArray, LongArray]:
    """Return the completed courses in the order of time, those of one moment by position, and when each was completed."""
    history, times = query.history, query.history_at
    if kernels.is_rising(times):
        return history, times
    order = np.lexsort((history, times))
    return history[order], times[order]
