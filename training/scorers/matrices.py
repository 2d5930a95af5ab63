"""From matrices, dense and SciPy's sparse ones, to the product's sparse rows and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from recommender.arrays import FloatArray, IntArray, LongArray, frozen
from recommender.sparse import SparseRows, largest, packed

_GROUPED = 8
"""Entries of a row of which only the largest is looked at to find out what cannot be among those kept."""


def matrix_of(rows: SparseRows) -> sp.csr_matrix:
    """Return sparse rows as a SciPy matrix over the same arrays, (n, n_columns), its entries in the order given."""
    return sp.csr_matrix((rows.weights, rows.indices, rows.indptr), shape=(len(rows), rows.n_columns))


def joined(parts: Sequence[SparseRows], n_columns: int) -> SparseRows:
    """Return the rows of all parts, one part under the other."""
    lengths = np.concatenate([np.empty(0, dtype=np.int64), *(np.diff(one.indptr) for one in parts)])
    return SparseRows(
        frozen(np.append(0, np.cumsum(lengths)).astype(np.int64)),
        frozen(np.concatenate([np.empty(0, dtype=np.int32), *(one.indices for one in parts)])),
        frozen(np.concatenate([np.empty(0, dtype=np.float32), *(one.weights for one in parts)])),
        n_columns,
    )


def largest_of_rows(dense: FloatArray, *, keep: int) -> SparseRows:
    """Keep the `keep` largest entries above zero of each row of (m, n), largest first, equal ones by column.

    The same as `recommender.sparse.top_rows`, for all rows at once: what is surely not among them is left out before
    anything is sorted.
    """
    m, n = dense.shape
    flat = np.flatnonzero(dense >= _border(dense, keep)[:, None])
    row, weight = flat // max(n, 1), dense.ravel()[flat]
    order = np.lexsort((-weight, row))  # stable, and `flat` is by column
    return _kept(row[order], (flat % max(n, 1))[order], weight[order], shape=(m, n), keep=keep)


def _border(dense: FloatArray, keep: int) -> FloatArray:
    """Return of each row a number above zero that at least `keep` of its entries reach, or all that are above zero.

    The keep-th largest of the maxima of disjoint groups is such a number: there is an entry in each of those groups.
    """
    m, n = dense.shape
    least = np.full(m, np.finfo(np.float32).smallest_subnormal, dtype=np.float32)
    width = n // _GROUPED
    if keep < width // 2:
        dense = dense[:, : width * _GROUPED].reshape(m, _GROUPED, width).max(axis=1)
    elif keep >= n:
        return least
    place = dense.shape[1] - keep
    return np.maximum(np.partition(dense, place, axis=1)[:, place], least)


def _kept(row: LongArray, column: LongArray, weight: FloatArray, *, shape: tuple[int, int], keep: int) -> SparseRows:
    """Return the first `keep` entries of each row; entries are sorted by row, and in a row as they shall stand."""
    found = np.bincount(row, minlength=shape[0])
    starts = np.cumsum(found) - found
    inside = np.arange(len(row)) - np.repeat(starts, found) < keep
    indptr = np.append(0, np.cumsum(np.minimum(found, keep))).astype(np.int64)
    indices, weights = column[inside].astype(np.int32), weight[inside].astype(np.float32)
    return SparseRows(frozen(indptr), frozen(indices), frozen(weights), shape[1])


def top_entries(matrix: sp.csr_matrix, *, keep: int) -> SparseRows:
    """Keep the `keep` largest entries above zero of each row, largest first, equal ones by column."""
    matrix.sort_indices()
    return _first_entries(matrix, matrix.data, keep)


def strongest_entries(matrix: sp.csr_matrix, *, keep: int) -> SparseRows:
    """Keep the `keep` entries furthest from zero of each row, furthest first, equal ones by column."""
    matrix.sort_indices()
    return _first_entries(matrix, np.abs(matrix.data), keep)


def _first_entries(matrix: sp.csr_matrix, key: FloatArray, keep: int) -> SparseRows:
    """Keep of each row the entries with the largest keys above zero; `key` (nnz,) one an entry."""
    matrix.sort_indices()
    columns, weights = [], []
    for begin, end in zip(matrix.indptr[:-1].tolist(), matrix.indptr[1:].tolist(), strict=True):
        height = key[begin:end]
        best = largest(height, keep)
        best = begin + best[height[best] > 0]
        columns.append(matrix.indices[best].astype(np.int32))
        weights.append(matrix.data[best].astype(np.float32))
    return packed(columns, weights, matrix.shape[1])


def values_at(matrix: sp.csr_matrix, rows: SparseRows) -> SparseRows:
    """Return the entries of a matrix at the places where `rows` has one, 0 where it has none, in their order."""
    if not len(rows.indices):
        return rows
    owner: IntArray = np.repeat(np.arange(len(rows), dtype=np.int32), np.diff(rows.indptr))
    found = np.asarray(matrix[owner, rows.indices], dtype=np.float32).ravel()
    return SparseRows(rows.indptr, rows.indices, frozen(found), rows.n_columns)
