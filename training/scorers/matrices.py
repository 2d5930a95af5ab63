"""From SciPy's sparse matrices to the product's sparse rows."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from recommender.sparse import SparseRows, packed


def top_entries(matrix: sp.csr_matrix, *, keep: int) -> SparseRows:
    """Keep the `keep` largest entries above zero of each row, largest first, equal ones by column."""
    columns, weights = [], []
    for i in range(matrix.shape[0]):
        span = slice(matrix.indptr[i], matrix.indptr[i + 1])
        column, weight = matrix.indices[span], matrix.data[span].astype(np.float32)
        order = np.lexsort((column, -weight))[:keep]
        order = order[weight[order] > 0]
        columns.append(column[order].astype(np.int32))
        weights.append(weight[order])
    return packed(columns, weights, matrix.shape[1])
