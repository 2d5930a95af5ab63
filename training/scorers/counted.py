"""Fit the scorers that count: what is taken now (trend) and what people take on the way to a role (role)."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.arrays import DAY, NONE, FloatArray, IntArray, frozen
from recommender.company import Completions, Dataset
from recommender.scorers.role import Role
from recommender.scorers.trend import HALF_LIVES_DAYS, SEASON_DAYS, SHRINKAGE, Trend
from recommender.sparse import SparseRows, largest, packed
from training.scorers.held_roles import next_roles, roles_at
from training.scorers.matrices import top_entries

ROLE_HALF_LIFE_DAYS = 120.0
YEAR = 365 * DAY
"""How long before a move into a role completions count as made on the way to it (design, section 5)."""
MONTH = 30 * DAY
_HEAD = 60
_NEVER_NONE = 1e-3
"""Completions added to every course of the season, so that none has a share of 0."""


def fit_trend(data: Dataset, past: Completions, *, as_of: int) -> Trend:
    """Count completions by choice before `as_of`, decayed by half-life, overall and among holders of each role."""
    rows = past.targets
    course, at, n = past.course_idx[rows], past.at[rows], len(data.catalog)
    age_days = (as_of - at) / DAY
    decayed = [np.bincount(course, weights=0.5 ** (age_days / life), minlength=n) for life in HALF_LIVES_DAYS]
    popularity = np.log1p(np.stack(decayed)).astype(np.float32)
    season = decayed[HALF_LIVES_DAYS.index(SEASON_DAYS)] + _NEVER_NONE
    share = season / season.sum()
    began = np.flatnonzero(rows)[np.unique(past.employee_idx[rows], return_index=True)[1]]
    weights = 0.5 ** ((as_of - past.at[began]) / YEAR)
    begun = np.bincount(past.course_idx[began], weights=weights, minlength=n)
    first = np.full(n, as_of, dtype=np.int64)
    np.minimum.at(first, course, at)
    ever = np.bincount(course, minlength=n)
    heads = np.unique(np.concatenate([largest(row, _HEAD) for row in popularity]))
    role = roles_at(data.people, past.employee_idx[rows], at)
    weights = 0.5 ** (age_days / ROLE_HALF_LIFE_DAYS)
    return Trend(
        popularity=frozen(popularity),
        age=frozen(np.log1p((as_of - first) / DAY).astype(np.float32)),
        unseen=frozen((ever == 0).astype(np.float32)),
        share=frozen(share.astype(np.float32)),
        start=frozen(np.log1p(begun / (SHRINKAGE * share)).astype(np.float32)),
        in_role=_by_role(role, course, weights, shape=(len(data.roles), n)),
        recent=frozen(np.bincount(course[at >= as_of - MONTH], minlength=n).astype(np.int32)),
        before=frozen(
            np.bincount(course[(at >= as_of - 2 * MONTH) & (at < as_of - MONTH)], minlength=n).astype(np.int32)
        ),
        heads=frozen(heads.astype(np.int32)),
    )


def fit_role(data: Dataset, past: Completions, *, as_of: int, shrinkage: float) -> Role:
    """Count people who took a course while in a role or in the year before they moved into it, as a shrunk lift."""
    rows = past.targets
    employee, course, at = past.employee_idx[rows], past.course_idx[rows], past.at[rows]
    n, n_roles = len(data.catalog), len(data.roles)
    next_role = next_roles(data.people, employee, at, within=YEAR, before=as_of)
    owner = np.concatenate([roles_at(data.people, employee, at), next_role])
    people = _distinct(owner, np.concatenate([employee, employee]), np.concatenate([course, course]), n, n_roles)
    movers = _distinct(next_role, employee, course, n, n_roles)
    share = np.bincount(course, minlength=n) / max(len(np.unique(employee)), 1)
    columns, lifts, counts, moved = [], [], [], []
    for role in range(n_roles):
        taken, count = people.row(role)
        lift = np.log1p(count / (shrinkage * share[taken])).astype(np.float32)
        order = np.lexsort((taken, -lift))
        columns.append(taken[order])
        lifts.append(lift[order])
        counts.append(count[order])
        moved.append(_spread(movers.row(role), n)[taken[order]])
    return Role(*(packed(columns, values, n) for values in (lifts, counts, moved)))


def _spread(row: tuple[IntArray, FloatArray], n: int) -> FloatArray:
    found = np.zeros(n, dtype=np.float32)
    found[row[0]] = row[1]
    return found


def _by_role(role: IntArray, course: IntArray, weights: NDArray[np.float64], *, shape: tuple[int, int]) -> SparseRows:
    known = role != NONE
    matrix = sp.csr_matrix((weights[known], (role[known], course[known])), shape=shape, dtype=np.float32)
    matrix.sum_duplicates()
    return top_entries(matrix, keep=shape[1])


def _distinct(role: IntArray, employee: IntArray, course: IntArray, n: int, n_roles: int) -> SparseRows:
    """Count distinct people by role and course."""
    known = role != NONE
    n_people = int(employee.max(initial=0)) + 1
    cell = np.unique((role[known].astype(np.int64) * n + course[known]) * n_people + employee[known]) // n_people
    return _by_role(cell // max(n, 1), cell % max(n, 1), np.ones(len(cell)), shape=(n_roles, n))
