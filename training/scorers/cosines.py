"""Inner products of sparse text rows, block by block: frequent terms by dense products, the rest by sparse ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from recommender.arrays import FloatArray
from recommender.sparse import SparseRows
from training.scorers.matrices import matrix_of

FREQUENT = 0.05
"""Share of the rows from which on a term is multiplied densely: there BLAS needs less time than the pairs one by one."""
ENTRIES_A_BLOCK = 2**23
"""Products held at a time: 32 MB."""


@dataclass(frozen=True)
class TextRows:
    """Text rows cut by how frequent their terms are: `dense` (n, n_frequent) and `sparse` (n, n_terms) add up to them."""

    dense: FloatArray
    sparse: sp.csr_matrix

    @classmethod
    def cut(cls, left: SparseRows, right: SparseRows) -> tuple[TextRows, TextRows]:
        """Cut the rows of both sides by the terms frequent on the right."""
        found = np.bincount(right.indices, minlength=right.n_columns)
        frequent = found > FREQUENT * max(len(right), 1)
        columns, rest = np.flatnonzero(frequent), sp.diags((~frequent).astype(np.float32))
        sides = []
        for matrix in (matrix_of(left), matrix_of(right)):
            sparse = sp.csr_matrix(matrix @ rest)
            sparse.eliminate_zeros()
            sides.append(cls(matrix[:, columns].toarray(), sparse))
        return sides[0], sides[1]


def products(left: SparseRows, right: SparseRows) -> Iterator[tuple[int, FloatArray]]:
    """Yield where each block of left rows begins and its inner products with all right rows, (n_block, n_right)."""
    one, other = TextRows.cut(left, right)
    across, beside = other.sparse.T.tocsr(), other.dense.T
    size = max(1, ENTRIES_A_BLOCK // max(len(right), 1))
    for begin in range(0, len(left), size):
        rows = slice(begin, begin + size)
        found = (one.sparse[rows] @ across).toarray()
        found += one.dense[rows] @ beside
        yield begin, found
