"""Sparse rows in plain NumPy: what a request touches of a matrix that is too large to touch whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommender import kernels
from recommender.arrays import FloatArray, IntArray, LongArray, frozen


@dataclass(frozen=True, slots=True)
class SparseRows:
    """Compressed rows: row i holds `weights[indptr[i]:indptr[i + 1]]` at the columns in `indices`.

    Shapes: `indptr` (n + 1,) int64; `indices` (nnz,) int32, unique within a row; `weights` (nnz,) float32.
    `n_columns` is the width.
    """

    indptr: LongArray
    indices: IntArray
    weights: FloatArray
    n_columns: int

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def row(self, i: int) -> tuple[IntArray, FloatArray]:
        """Return the columns and the weights of row i; a row that does not exist is empty."""
        if i >= len(self):
            return self.indices[:0], self.weights[:0]
        span = slice(int(self.indptr[i]), int(self.indptr[i + 1]))
        return self.indices[span], self.weights[span]

    def at(self, i: int, column: int) -> float:
        """Return the weight of row i at a column, 0 where it has none."""
        columns, weights = self.row(i)
        found = np.flatnonzero(columns == column)
        return float(weights[found[0]]) if len(found) else 0.0

    @classmethod
    def empty(cls, n_rows: int, n_columns: int = 0) -> SparseRows:
        """Return rows with nothing in them."""
        none, nothing = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
        return cls(frozen(np.zeros(n_rows + 1, dtype=np.int64)), frozen(none), frozen(nothing), n_columns)

    def take(self, rows: IntArray) -> SparseRows:
        """Return some rows, in the order asked, with repeats."""
        if len(rows) == len(self) and (rows == np.arange(len(self))).all():
            return self
        lengths = np.diff(self.indptr)[rows]
        ends = np.cumsum(lengths)
        at = np.arange(lengths.sum()) + np.repeat(self.indptr[rows] - (ends - lengths), lengths)
        indptr = np.append(0, ends).astype(np.int64)
        return SparseRows(frozen(indptr), frozen(self.indices[at]), frozen(self.weights[at]), self.n_columns)

    def equals(self, other: SparseRows) -> bool:
        """Tell whether other rows are the same, to the last bit."""
        names = ("indptr", "indices", "weights")
        return all(getattr(self, name).tobytes() == getattr(other, name).tobytes() for name in names)

    def tail(self, first: int) -> SparseRows:
        """Return the rows from `first` on."""
        return self.take(np.arange(first, len(self), dtype=np.int32))

    def head(self, n_rows: int, n_columns: int) -> SparseRows:
        """Return the first rows without what stands beyond the first columns."""
        end = int(self.indptr[n_rows])
        indices, weights = self.indices[:end], self.weights[:end]
        inside = indices < n_columns
        if inside.all():
            return SparseRows(self.indptr[: n_rows + 1], indices, weights, n_columns)
        before = np.concatenate([[0], np.cumsum(inside)])
        indptr = before[self.indptr[: n_rows + 1]].astype(np.int64)
        return SparseRows(frozen(indptr), frozen(indices[inside]), frozen(weights[inside]), n_columns)

    def dot(self, rows: IntArray, dense: FloatArray) -> FloatArray:
        """Return the inner product of each row with a dense vector, shape (len(rows),), float32."""
        return kernels.dot(self.indptr, self.indices, self.weights, rows, dense)


def top_rows(dense: FloatArray, *, keep: int, above: float = 0.0) -> SparseRows:
    """Keep the `keep` largest entries of each row of a dense matrix (n, m) that are larger than `above`.

    A row's entries stand largest first, equal ones by column, so that the head of a row is its first entries and the
    result does not depend on the machine.
    """
    columns: list[IntArray] = []
    weights: list[FloatArray] = []
    for row in dense:
        kept = largest(row, keep)
        kept = kept[row[kept] > above]
        columns.append(kept.astype(np.int32))
        weights.append(row[kept].astype(np.float32))
    return packed(columns, weights, dense.shape[1])


def packed(columns: Sequence[IntArray], weights: Sequence[FloatArray], n_columns: int) -> SparseRows:
    """Put rows, given one by one as columns and weights, into one read-only block."""
    indptr = np.zeros(len(columns) + 1, dtype=np.int64)
    np.cumsum([len(one) for one in columns], out=indptr[1:])
    return SparseRows(
        frozen(indptr),
        frozen(np.concatenate([np.empty(0, dtype=np.int32), *columns])),
        frozen(np.concatenate([np.empty(0, dtype=np.float32), *weights])),
        n_columns,
    )


def positive_columns(dense: FloatArray, columns: IntArray, n_columns: int) -> SparseRows:
    """Return the columns of a dense matrix (len(columns), n) as n sparse rows of what is above 0, in the order given."""
    row, at = np.nonzero(dense.T > 0)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=dense.shape[1]))]).astype(np.int64)
    return SparseRows(frozen(indptr), frozen(columns[at]), frozen(dense[at, row]), n_columns)


def beside(left: SparseRows, right: SparseRows) -> SparseRows:
    """Return rows with the entries of each right row behind those of the left one; the columns are those of `right`."""
    to_left = np.arange(len(left.indices)) + np.repeat(right.indptr[:-1], np.diff(left.indptr))
    to_right = np.arange(len(right.indices)) + np.repeat(left.indptr[1:], np.diff(right.indptr))
    indices = np.empty(len(to_left) + len(to_right), dtype=np.int32)
    weights = np.empty(len(indices), dtype=np.float32)
    indices[to_left], indices[to_right] = left.indices, right.indices
    weights[to_left], weights[to_right] = left.weights, right.weights
    return SparseRows(frozen(left.indptr + right.indptr), frozen(indices), frozen(weights), right.n_columns)


def stacked(upper: SparseRows, lower: SparseRows) -> SparseRows:
    """Return the rows of the one and, under them, those of the other; the columns are those of `lower`."""
    return SparseRows(
        frozen(np.concatenate([upper.indptr, upper.indptr[-1] + lower.indptr[1:]])),
        frozen(np.concatenate([upper.indices, lower.indices])),
        frozen(np.concatenate([upper.weights, lower.weights])),
        lower.n_columns,
    )


def largest(key: FloatArray, keep: int) -> LongArray:
    """Return the positions of the `keep` largest keys, largest first; among equals the first positions."""
    if keep < len(key):
        border = np.partition(key, len(key) - keep)[len(key) - keep]
        above = np.flatnonzero(key > border)
        among = np.concatenate([above, np.flatnonzero(key == border)[: keep - len(above)]])
    else:
        among = np.arange(len(key))
    return among[np.lexsort((among, -key[among]))]
