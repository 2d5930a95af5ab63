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
from recommender.arrays import DAY, EARLIEST, NONE, Array, FloatArray, IntArray, Levels, LongArray, frozen
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
    rules = rules or EvidenceRules()
    found = _blank(n_skills)
    if rules.assume_role and query.role_idx != NONE:
        # Only what is declared: an inferred need says what holders learn, not what they came with.
        needs = roles.needs
        declared = (needs.indptr, needs.skill_idx, needs.level, needs.inferred, query.role_idx)
        kernels.assume_levels(*declared, ASSUMED, found.level, found.source)
    claims = query.claims
    if len(claims.skill_idx):
        found.level[claims.skill_idx] = claims.level
        found.source[claims.skill_idx] = claims.source
        found.at[claims.skill_idx] = claims.at
    since = found.at.copy()
    _lift_to_what_is_known(found, query, catalog)
    if len(query.history):
        _raise(found, query, catalog, since)
    for array in (found.level, found.source, found.at, found.course_idx):
        frozen(array)
    return found


def _blank(n_skills: int) -> Profile:
    return Profile(
        level=np.zeros(n_skills, dtype=np.int8),
        source=_filled(np.empty(n_skills, dtype=np.int8), NONE),
        at=_filled(np.empty(n_skills, dtype=np.int64), EARLIEST),
        course_idx=_filled(np.empty(n_skills, dtype=np.int32), NONE),
    )


def _filled(array: Array, value: int) -> Array:
    """Return an array with one value everywhere; `numpy.full` takes three times as long."""
    array.fill(value)
    return array


def _lift_to_what_is_known(found: Profile, query: Query, catalog: Catalog) -> None:
    """Lift levels to what is taught by courses the person called known; what a more trusted source says stands."""
    if not len(query.feedback):
        return
    known = query.feedback.saying("already_know", "too_easy")
    if not len(known):
        return
    said = {course: at for course, _, at in query.feedback.rows()}
    owner, flat = catalog.skills.flat(known)
    skills, levels = catalog.skills.skill_idx[flat].tolist(), catalog.skills.level[flat].tolist()
    for skill, level, course in zip(skills, levels, known[owner].tolist(), strict=True):
        if level > found.level[skill] and found.source[skill] in _NO_MORE_TRUSTED:
            found.level[skill], found.source[skill], found.at[skill] = level, OWN, said[course]


def _raise(found: Profile, query: Query, catalog: Catalog, since: LongArray) -> None:
    """Raise levels by completions, basket after basket; the latest completion that taught a level stands for it.

    `since` (n_skills,) is when each level was claimed: only later completions count.
    """
    rows, history, times = catalog.skills, query.history, query.history_at
    if not (times[1:] > times[:-1]).all():
        order = np.lexsort((history, times))
        history, times = history[order], times[order]
    taught = (rows.indptr, rows.skill_idx, rows.level, rows.entry_level, rows.entry_declared)
    kernels.raise_levels(
        history, times, *taught, since, COMPLETION, found.level, found.source, found.at, found.course_idx
    )
