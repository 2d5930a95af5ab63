"""Baseline: EASE, a linear item–item model with a closed form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg.lapack import spotrf, spotri
from scipy.sparse import csr_matrix

from recommender.arrays import FloatArray, IntArray, frozen
from recommender.company import Dataset
from recommender.query import Query
from training.baselines.family import Family, Setting
from training.baselines.interactions import employee_course, popularity_share, query_course


@dataclass(frozen=True, slots=True)
class LinearItems:
    """Weights `course_course` (n_taken, n_taken) among the courses somebody took; `taken` (n_taken,) says which."""

    course_course: FloatArray
    taken: IntArray
    popularity: FloatArray

    def scores(self, queries: Sequence[Query], *, employee_idx: IntArray) -> FloatArray:
        """Return history · weights; a course nobody took scores 0, a person without history gets popularity."""
        del employee_idx
        history = query_course(queries, len(self.popularity))
        table = np.zeros((len(queries), len(self.popularity)), dtype=np.float32)
        table[:, self.taken] = history[:, self.taken] @ self.course_course
        table[np.diff(history.indptr) == 0] = self.popularity
        return table


def _fit(past: Dataset, settings: Sequence[Setting], *, seed: int, threads: int) -> Iterator[LinearItems]:
    del seed, threads
    people_course = employee_course(past)
    taken = frozen(np.flatnonzero(people_course.getnnz(axis=0)).astype(np.int32))
    kept = people_course[:, taken]
    gram = csr_matrix(kept.T @ kept).toarray().astype(np.float32)
    popularity = frozen(popularity_share(past.completions, len(past.catalog)))
    for setting in settings:
        yield LinearItems(frozen(ease_weights(gram, setting["l2"])), taken, popularity)


def ease_weights(gram: FloatArray, l2: float) -> FloatArray:
    """Return B = I − P·diag(1 / diag P) with P = (G + l2·I)⁻¹, zero on the diagonal, (n, n) float32.

    Source: Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019, equation 8. Inverted by Cholesky in
    single precision: l2 bounds the condition number, and only the order of scores is used.

    Raises
    ------
    ValueError
        If G + l2·I is not positive definite; l2 must be above 0.
    """
    system = np.asfortranarray(gram + l2 * np.eye(len(gram), dtype=np.float32))
    factor, broken = spotrf(system, lower=1, overwrite_a=1)
    if broken:
        raise ValueError(f"l2: {l2}; expected enough to make the Gram matrix positive definite. Use a larger one.")
    inverse, _ = spotri(factor, lower=1, overwrite_c=1)
    lower = np.tril(inverse)
    inverse = lower + np.tril(inverse, -1).T
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return np.ascontiguousarray(weights, dtype=np.float32)


EASE = Family(
    "EASE",
    "Closed-form item–item weights over binary histories; without history: popularity.",
    tuple({"l2": l2} for l2 in (10, 30, 100, 300, 1000, 3000)),
    _fit,
)
