"""From SciPy's sparse matrices to the product's sparse rows."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from recommender.arrays import FloatArray
from recommender.sparse import SparseRows, packed


def top_entries(matrix: sp.csr_matrix, *, keep: int) -> SparseRows:
    """Keep the `keep` largest entries above zero of each row, largest first, equal ones by column."""
    return _first_entries(matrix, matrix.data, keep)


def strongest_entries(matrix: sp.csr_matrix, *, keep: int) -> SparseRows:
    """Keep the `keep` entries furthest from zero of each row, furthest first, equal ones by column."""
    return _first_entries(matrix, np.abs(matrix.data), keep)


def _first_entries(matrix: sp.csr_matrix, key: FloatArray, keep: int) -> SparseRows:
    """Keep of each row the entries with the largest keys above zero; `key` (nnz,) one an entry."""
    columns, weights = [], []
    for i in range(matrix.shape[0]):
        span = slice(matrix.indptr[i], matrix.indptr[i + 1])
        column, weight, height = matrix.indices[span], matrix.data[span].astype(np.float32), key[span]
        order = np.lexsort((column, -height))[:keep]
        order = order[height[order] > 0]
        columns.append(column[order].astype(np.int32))
        weights.append(weight[order])
    return packed(columns, weights, matrix.shape[1])
