"""Fit the item–item scorer: EASE with the courses' text as further rows, pruned.

Source: Steck, *Embarrassingly Shallow Autoencoders for Sparse Data*, WWW 2019, eq. 8; the side information stacked
below the interactions after Jeunen, Van Balen and Goethals, *Closed-Form Models for Collaborative Filtering with
Side-Information*, RecSys 2020 (collective EASE).
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import lapack

from recommender.errors import DataError
from recommender.scorers.item_item import ItemItem
from recommender.sparse import SparseRows, packed, top_rows
from training.scorers.matrices import top_entries

COSINE_SHRINKAGE = 10.0
"""Completions added to each course's count, so that two rare courses taken once together are not taken for twins."""
KEPT_COSINES = 100
_BLOCK = 512


def fit_item_item(taken: sp.csr_matrix, vectors: SparseRows, *, l2: float, text_weight: float, keep: int) -> ItemItem:
    """Fit linear item–item weights.

    B = −P / diag(P), diag(B) = 0, with P = (XᵀX + t·FFᵀ + λI)⁻¹: X who completed what, F unit-length text rows.

    Parameters
    ----------
    taken
        X, (n_employees, n_courses).
    vectors
        F, (n_courses, n_terms).
    l2, text_weight
        λ and t.
    keep
        Entries kept of each row of B.
    """
    together = (taken.T @ taken).tocsr()
    count = together.diagonal()
    text = sp.csr_matrix((vectors.weights, vectors.indices, vectors.indptr), shape=(len(vectors), vectors.n_columns))
    gram = (together + np.float32(text_weight) * (text @ text.T)).toarray(order="F").astype(np.float32, copy=False)
    gram.flat[:: len(gram) + 1] += np.float32(l2)
    weights = _inverse(gram)
    weights /= -np.diag(weights).copy()
    np.fill_diagonal(weights, 0)
    rows = top_rows(weights, keep=keep)
    del weights, gram
    together.setdiag(0)
    together.eliminate_zeros()
    scale = sp.diags(1 / np.sqrt(count + COSINE_SHRINKAGE))
    people = [together[i].toarray().ravel()[rows.row(i)[0]].astype(np.float32) for i in range(len(rows))]
    return ItemItem(
        rows=rows,
        cosine=top_entries((scale @ together @ scale).tocsr(), keep=KEPT_COSINES),
        both=packed([rows.row(i)[0] for i in range(len(rows))], people, rows.n_columns),
    )


def _inverse(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the inverse of a symmetric positive definite matrix in Fortran order, by Cholesky, overwriting it."""
    factor, wrong = lapack.spotrf(matrix, lower=1, overwrite_a=1, clean=0)
    if wrong:
        raise DataError("item_item: the matrix of completions is singular; expected l2 above 0.")
    inverse, _ = lapack.spotri(factor, lower=1, overwrite_c=1)
    for begin in range(0, len(inverse), _BLOCK):
        rows = slice(begin, begin + _BLOCK)
        inverse[rows, begin:] = np.where(
            np.tril(np.ones(inverse[rows, begin:].shape, dtype=np.bool_)),
            inverse[rows, begin:],
            inverse[begin:, rows].T,
        )
    return np.asarray(inverse.T)
