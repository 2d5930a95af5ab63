"""Baselines that ask nothing of the person, or only the role: random, popularity, decayed, in the role."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.arrays import DAY, NONE, FloatArray, IntArray, frozen
from recommender.company import Dataset
from recommender.query import Query
from training.baselines.family import Family, Setting
from training.baselines.interactions import popularity_share


@dataclass(frozen=True, slots=True)
class RandomOrder:
    """A random order, the same each time for the same person, moment and seed."""

    seed: int
    n_courses: int

    def scores(self, queries: Sequence[Query], *, employee_idx: IntArray) -> FloatArray:
        """Draw a number for every course."""
        table = np.empty((len(queries), self.n_courses), dtype=np.float32)
        for row, query, person in zip(table, queries, employee_idx, strict=True):
            rng = np.random.default_rng([self.seed, int(person), abs(query.as_of)])
            row[:] = rng.random(self.n_courses, dtype=np.float32)
        return table


@dataclass(frozen=True, slots=True)
class FixedOrder:
    """The same score of a course for everyone: `course_score` (n_courses,)."""

    course_score: FloatArray

    def scores(self, queries: Sequence[Query], *, employee_idx: IntArray) -> FloatArray:
        """Repeat the scores for each query."""
        del employee_idx
        return np.broadcast_to(self.course_score, (len(queries), len(self.course_score)))


@dataclass(frozen=True, slots=True)
class RoleOrder:
    """A score of a course in each role: `role_course` (n_roles + 1, n_courses), the last row for no known role."""

    role_course: FloatArray

    def scores(self, queries: Sequence[Query], *, employee_idx: IntArray) -> FloatArray:
        """Pick the row of the role held."""
        del employee_idx
        n_roles = len(self.role_course) - 1
        rows = [query.role_idx if query.role_idx != NONE else n_roles for query in queries]
        return self.role_course[np.array(rows, dtype=np.int64)]


def _fit_random(past: Dataset, settings: Sequence[Setting], *, seed: int, threads: int) -> Iterator[RandomOrder]:
    del threads
    for _ in settings:
        yield RandomOrder(seed, len(past.catalog))


def _fit_popularity(past: Dataset, settings: Sequence[Setting], *, seed: int, threads: int) -> Iterator[FixedOrder]:
    del seed, threads
    for _ in settings:
        yield FixedOrder(frozen(popularity_share(past.completions, len(past.catalog))))


def _fit_decayed(past: Dataset, settings: Sequence[Setting], *, seed: int, threads: int) -> Iterator[FixedOrder]:
    """Count completions by choice, each weighing 0.5^(age / half-life); age from the latest completion."""
    del seed, threads
    rows = past.completions.targets
    courses, at = past.completions.course_idx[rows], past.completions.at[rows]
    age_days = (at.max(initial=0) - at) / DAY
    for setting in settings:
        weights = np.exp2(-age_days / setting["half_life_days"])
        counts = np.bincount(courses, weights=weights, minlength=len(past.catalog))
        yield FixedOrder(frozen(counts.astype(np.float32)))


def _fit_role(past: Dataset, settings: Sequence[Setting], *, seed: int, threads: int) -> Iterator[RoleOrder]:
    """P(course | role) = (n(role, course) + shrinkage·P(course)) / (n(role) + shrinkage), roles as held at the time."""
    del seed, threads
    rows = np.flatnonzero(past.completions.targets)
    people, at = past.completions.employee_idx[rows], past.completions.at[rows]
    role = np.array([past.people.role_at(int(p), int(t)) for p, t in zip(people, at, strict=True)], dtype=np.int64)
    n_roles = len(past.roles)
    counts = np.zeros((n_roles + 1, len(past.catalog)))
    known = role != NONE
    np.add.at(counts, (role[known], past.completions.course_idx[rows][known]), 1.0)
    overall = popularity_share(past.completions, len(past.catalog)).astype(np.float64)
    for setting in settings:
        shrunk = counts + setting["shrinkage"] * overall
        share = shrunk / (counts.sum(axis=1, keepdims=True) + setting["shrinkage"])
        yield RoleOrder(frozen(share.astype(np.float32)))


def _no_roles(past: Dataset) -> str:
    return "" if len(past.roles) else "the data have no roles"


RANDOM = Family("random", "Random order, seeded.", ({},), _fit_random)
POPULARITY = Family("popularity", "Completions by choice, all time.", ({},), _fit_popularity)
DECAYED = Family(
    "decayed popularity",
    "Completions by choice, each weighing 0.5^(age / half-life).",
    tuple({"half_life_days": days} for days in (7, 14, 30, 60, 120, 365)),
    _fit_decayed,
)
ROLE = Family(
    "popularity in the role",
    "Share of a course among the completions in the role, shrunk to its overall share; no known role: overall.",
    tuple({"shrinkage": count} for count in (3, 10, 30, 100, 300, 1000)),
    _fit_role,
    _no_roles,
)
