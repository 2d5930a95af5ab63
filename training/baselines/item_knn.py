"""Baseline: item-kNN, cosine between courses over the people who took both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, diags_array

from recommender.arrays import FloatArray, IntArray, frozen
from recommender.company import Dataset
from recommender.query import Query
from training.baselines.family import Family, Setting
from training.baselines.interactions import employee_course, popular_when_silent, popularity_share, query_course


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Similarities `course_course`, sparse float32: column j holds the nearest neighbours of course j."""

    course_course: csr_matrix
    popularity: FloatArray

    def scores(self, queries: Sequence[Query], *, employee_idx: IntArray) -> FloatArray:
        """Sum the similarities of a course to the courses of the history; popularity where there is none."""
        del employee_idx
        history = query_course(queries, len(self.popularity))
        return popular_when_silent((history @ self.course_course).toarray(), self.popularity)


def _fit(past: Dataset, settings: Sequence[Setting], *, seed: int, threads: int) -> Iterator[Neighbours]:
    del seed, threads
    people_course = employee_course(past)
    together = csr_matrix(people_course.T @ people_course)
    popularity = frozen(popularity_share(past.completions, len(past.catalog)))
    for setting in settings:
        similar = shrunk_cosine(together, setting["shrinkage"])
        yield Neighbours(nearest(similar, int(setting["neighbours"])), popularity)


def shrunk_cosine(together: csr_matrix, shrinkage: float) -> csr_matrix:
    """Return n(i, j) / (√(n(i)·n(j)) + shrinkage) for i ≠ j, from co-occurrence counts with n(i) on the diagonal.

    Source: Sarwar et al., "Item-based collaborative filtering recommendation algorithms", WWW 2001; the shrinkage
    term as in Dacrema, Cremonesi and Jannach, "Are we really making much progress?", RecSys 2019.
    """
    counts = together.diagonal()
    pairs = csr_matrix(together - diags_array(counts)).tocoo()
    pairs.eliminate_zeros()
    norm = np.sqrt(counts[pairs.row] * counts[pairs.col]) + shrinkage
    return csr_matrix(((pairs.data / norm).astype(np.float32), (pairs.row, pairs.col)), shape=together.shape)


def nearest(similar: csr_matrix, n_neighbours: int) -> csr_matrix:
    """Keep the `n_neighbours` largest entries of each column, the first of equal ones."""
    columns = similar.tocsc()
    columns.sort_indices()
    column = np.repeat(np.arange(columns.shape[1]), np.diff(columns.indptr))
    order = np.lexsort((columns.indices, -columns.data, column))
    place = np.arange(len(order)) - columns.indptr[column]
    kept = order[place < n_neighbours]
    return csr_matrix((columns.data[kept], (columns.indices[kept], column[kept])), shape=similar.shape)


ITEM_KNN = Family(
    "item-kNN",
    "Cosine between courses, shrunk, nearest neighbours only; without history or neighbours: popularity.",
    tuple({"neighbours": n, "shrinkage": shrinkage} for n in (50, 200) for shrinkage in (0, 10, 50, 200, 1000)),
    _fit,
)
