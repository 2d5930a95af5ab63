"""What every baseline is made of: sparse people-by-course matrices, and top-k of dense scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import NONE, BoolArray, FloatArray, IntArray
from recommender.company import Completions, Dataset
from recommender.query import Query


def employee_course(data: Dataset) -> csr_matrix:
    """Return who completed what by choice, (n_employees, n_courses) float32 of ones, duplicates counted once."""
    rows = data.completions.targets
    courses, people = data.completions.course_idx[rows], data.completions.employee_idx[rows]
    ones = np.ones(len(people), dtype=np.float32)
    return csr_matrix((ones, (people, courses)), shape=(data.completions.n_employees, len(data.catalog)))


def query_course(queries: Sequence[Query], n_courses: int) -> csr_matrix:
    """Return the histories of queries, (n_queries, n_courses) float32 of ones: how a person is folded in."""
    indptr = np.zeros(len(queries) + 1, dtype=np.int64)
    np.cumsum([len(query.history) for query in queries], out=indptr[1:])
    columns = np.concatenate([query.history for query in queries]) if queries else np.empty(0, dtype=np.int32)
    matrix = csr_matrix((np.ones(len(columns), np.float32), columns, indptr), shape=(len(queries), n_courses))
    matrix.sort_indices()
    return matrix


def popularity_share(completions: Completions, n_courses: int) -> FloatArray:
    """Return each course's share of the completions by choice, (n_courses,) float32 in [0, 1)."""
    counts = np.bincount(completions.course_idx[completions.targets], minlength=n_courses)
    return np.asarray(counts / max(1, counts.sum()), dtype=np.float32)


def popular_when_silent(scores: FloatArray, popularity: FloatArray) -> FloatArray:
    """Fill what a neighbourhood method leaves at zero: courses without a score follow, the most popular first.

    Scores above zero are kept; every other becomes its popularity share − 1, below zero. Without this a person with no
    history, or a list longer than the neighbourhood, would be filled in order of id, which nobody would ship.
    """
    return np.where(scores > 0, scores, popularity - 1).astype(np.float32)


def top_k(scores: FloatArray, allowed: BoolArray, tie_order: IntArray, k: int) -> IntArray:
    """Return the k best allowed courses of each row, best first, ties by `tie_order`, −1 where a row has fewer.

    Parameters
    ----------
    scores, allowed
        (n_queries, n_courses); a NaN score raises ValueError.
    tie_order
        Every course position once, (n_courses,): of equal scores the one named first wins.
    """
    ordered = np.where(allowed, scores, -np.inf)[:, tie_order]
    if np.isnan(ordered).any():
        raise ValueError("scores: NaN for an allowed course; expected numbers")
    width = min(k, ordered.shape[1])
    chosen = _best_columns(ordered, width)
    best = np.take_along_axis(ordered, chosen, axis=1)
    order = np.argsort(-best, axis=1, kind="stable")
    ranked = tie_order[np.take_along_axis(chosen, order, axis=1)].astype(np.int32)
    ranked[np.isneginf(np.take_along_axis(best, order, axis=1))] = NONE
    return np.pad(ranked, ((0, 0), (0, k - width)), constant_values=NONE)


def _best_columns(scores: FloatArray, width: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Return the columns of the `width` largest of each row, rising; of equal ones at the border the first."""
    n_rows, n_columns = scores.shape
    border = np.partition(scores, n_columns - width, axis=1)[:, n_columns - width][:, None]
    taken = scores > border
    missing = width - taken.sum(axis=1)
    tied = scores == border
    taken |= tied
    for row in np.flatnonzero(tied.sum(axis=1) > missing):
        taken[row, np.flatnonzero(tied[row])[missing[row] :]] = False
    return np.nonzero(taken)[1].reshape(n_rows, width)


def id_order_of(data: Dataset) -> IntArray:
    """Return course positions in the order of their ids, (n_courses,) int32."""
    ids = data.catalog.ids.ids
    return np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int32)
