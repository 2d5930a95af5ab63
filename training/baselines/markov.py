"""Baseline: what people take after the last course, first-order transitions counted within a window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import FloatArray, IntArray, frozen
from recommender.company import Dataset
from recommender.query import Query
from training.baselines.family import Family, Setting
from training.baselines.interactions import popularity_share


@dataclass(frozen=True, slots=True)
class Transitions:
    """Counted transitions `course_course` (from, to), sparse float32, shrunk to popularity by `smoothing`."""

    course_course: csr_matrix
    popularity: FloatArray
    smoothing: float

    def scores(self, queries: Sequence[Query], *, employee_idx: IntArray) -> FloatArray:
        """Return P(next | last): (n(last, next) + smoothing·P(next)) / (n(last) + smoothing).

        A last basket of several courses counts as their sum; nobody's first course follows popularity.
        """
        del employee_idx
        last = [query.history[query.history_at == query.history_at[-1:]] for query in queries]
        indptr = np.cumsum([0, *(len(basket) for basket in last)])
        columns = np.concatenate(last) if last else np.empty(0, dtype=np.int32)
        ones = np.ones(len(columns), dtype=np.float32)
        query_last = csr_matrix((ones, columns, indptr), shape=(len(queries), len(self.popularity)))
        counts = (query_last @ self.course_course).toarray()
        total = counts.sum(axis=1, keepdims=True) + self.smoothing
        return np.asarray((counts + self.smoothing * self.popularity) / total, dtype=np.float32)


def _fit(past: Dataset, settings: Sequence[Setting], *, seed: int, threads: int) -> Iterator[Transitions]:
    del seed, threads
    popularity = frozen(popularity_share(past.completions, len(past.catalog)))
    for setting in settings:
        counts = transition_counts(past, int(setting["window"]))
        yield Transitions(counts, popularity, setting["smoothing"])


def transition_counts(past: Dataset, window: int) -> csr_matrix:
    """Count ordered pairs of first completions at most `window` places apart, (n_courses, n_courses) float32.

    A pair d places apart weighs 1/d. Equal times are no order, so such pairs are left out; the later course must be
    taken by choice.
    """
    completions, n_courses = past.completions, len(past.catalog)
    rows = np.flatnonzero(completions.first)
    people, course = completions.employee_idx[rows], completions.course_idx[rows]
    at, by_choice = completions.at[rows], completions.targets[rows]
    total = csr_matrix((n_courses, n_courses), dtype=np.float32)
    for distance in range(1, window + 1):
        a, b = slice(None, -distance or None), slice(distance, None)
        pairs = (people[a] == people[b]) & (at[a] < at[b]) & by_choice[b]
        weights = np.full(int(pairs.sum()), 1.0 / distance, dtype=np.float32)
        total = total + csr_matrix((weights, (course[a][pairs], course[b][pairs])), shape=(n_courses, n_courses))
    return total


MARKOV = Family(
    "Markov from the last course",
    "Transitions within a window of places, weighing 1/distance, smoothed to popularity.",
    tuple({"window": window, "smoothing": smoothing} for window in (1, 3, 10) for smoothing in (10, 100, 1000)),
    _fit,
)
