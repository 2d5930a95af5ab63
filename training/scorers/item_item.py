"""Fit the item–item scorer: EASE with the courses' text as further rows, pruned.

Source: Steck, *Embarrassingly Shallow Autoencoders for Sparse Data*, WWW 2019, eq. 8; the side information stacked
below the interactions after Jeunen, Van Balen and Goethals, *Closed-Form Models for Collaborative Filtering with
Side-Information*, RecSys 2020 (collective EASE). A catalogue too large for a dense matrix is solved on neighbourhoods
(`training.scorers.neighbourhoods`).
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import lapack

from recommender.errors import DataError
from recommender.scorers.item_item import ItemItem
from recommender.sparse import SparseRows
from training.engines import HERE, Engine
from training.progress import Progress
from training.scorers.cosines import products
from training.scorers.grams import blocks, completed_together, silent
from training.scorers.matrices import joined, largest_of_rows, matrix_of, top_entries, values_at
from training.scorers.neighbourhoods import solved_near

COSINE_SHRINKAGE = 10.0
"""Completions added to each course's count, so that two rare courses taken once together are not taken for twins."""
KEPT_COSINES = 100
DENSE_UP_TO = 15_000
"""Courses up to which the dense matrix is inverted: 0.9 GB in single precision, and twice that where both sides are."""
NEAREST = 200
"""Courses each course is regressed on beyond that."""
NEAREST_TEXTS = 100
"""Courses like it in text that then are among those it may be regressed on."""
ROWS_A_BLOCK = 512


def fit_item_item(
    taken: sp.csr_matrix,
    vectors: SparseRows,
    *,
    l2: float,
    text_weight: float,
    keep: int,
    keep_cosines: int = KEPT_COSINES,
    dense_up_to: int = DENSE_UP_TO,
    like: SparseRows | None = None,
    engine: Engine = HERE,
    progress: Progress = silent,
) -> ItemItem:
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
    keep, keep_cosines
        Entries kept of each row of B, and of the cosines.
    dense_up_to
        Courses beyond which each column of B is solved on its nearest courses alone.
    like
        The courses most like each course in text, which then are among the nearest; found here unless given.
    engine, progress
        Where blocks of employees are counted, and who is told how far the work is; the result depends on neither.

    Raises
    ------
    DataError
        If the matrix of completions is singular; `l2` must be above 0.
    """
    together = completed_together(taken, engine=engine, progress=progress)
    count = together.diagonal()
    if len(count) <= dense_up_to:
        rows = _exact(together, vectors, l2=l2, text_weight=text_weight, keep=keep, progress=progress)
    else:
        near = matrix_of(_like_in_text(vectors, progress) if like is None else like)
        near = near.maximum(near.T) * np.float32(text_weight)
        right = _without_diagonal(together + near).tocsc()
        system = together + sp.diags(
            np.full(len(count), float(text_weight))
        )  # ‖F‖ = 1; what is off its diagonal is below λ
        solved = solved_near(
            system.tocsr(),
            right,
            l2=l2,
            neighbours=NEAREST,
            engine=engine,
            progress=progress,
            step="item_item: weights",
        )
        rows = top_entries(solved, keep=keep)
    together = _without_diagonal(together)
    scale = sp.diags(1 / np.sqrt(count + COSINE_SHRINKAGE))
    cosine = top_entries((scale @ together @ scale).tocsr(), keep=keep_cosines)
    return ItemItem(rows=rows, cosine=cosine, both=values_at(together, rows))


def _without_diagonal(matrix: sp.csr_matrix) -> sp.csr_matrix:
    matrix = matrix.tocsr(copy=True)
    matrix.setdiag(0)
    matrix.eliminate_zeros()
    return matrix


def _like_in_text(vectors: SparseRows, progress: Progress) -> SparseRows:
    """Return the largest products of text rows, `NEAREST_TEXTS` of each course."""
    parts = []
    for begin, block in products(vectors, vectors):
        parts.append(largest_of_rows(block, keep=NEAREST_TEXTS))
        progress("item_item: texts", begin + len(block), len(vectors))
    return joined(parts, len(vectors))


def _exact(
    together: sp.csr_matrix, vectors: SparseRows, *, l2: float, text_weight: float, keep: int, progress: Progress
) -> SparseRows:
    """Return the largest weights of each row of B from the dense inverse."""
    gram = together.astype(np.float32).toarray(order="F")
    if text_weight > 0:
        for begin, block in products(vectors, vectors):
            block *= np.float32(text_weight)
            gram[:, begin : begin + len(block)] += block.T
            progress("item_item: texts", begin + len(block), len(gram))
    gram.flat[:: len(gram) + 1] += np.float32(l2)
    progress("item_item: inverse")
    lower = _inverse(gram)
    scale = -1 / np.diag(lower)
    parts = []
    for begin, end in blocks(len(lower), ROWS_A_BLOCK):
        weights = _symmetric_rows(lower, begin, end)
        weights *= scale
        weights[np.arange(end - begin), np.arange(begin, end)] = 0
        parts.append(largest_of_rows(weights, keep=keep))
        progress("item_item: weights", end, len(lower))
    return joined(parts, len(lower))


def _inverse(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the lower half of the inverse of a positive definite matrix in Fortran order, by Cholesky, overwriting it."""
    factor, wrong = lapack.spotrf(matrix, lower=1, overwrite_a=1, clean=0)
    if wrong:
        raise DataError("item_item: the matrix of completions is singular; expected l2 above 0.")
    inverse, _ = lapack.spotri(factor, lower=1, overwrite_c=1)
    return np.asarray(inverse)


def _symmetric_rows(lower: NDArray[np.float32], begin: int, end: int) -> NDArray[np.float32]:
    """Return some rows of a symmetric matrix of which the lower half is given, (end − begin, n)."""
    rows = np.empty((end - begin, len(lower)), dtype=np.float32)
    rows[:, :begin] = lower[begin:end, :begin]
    rows[:, end:] = lower[end:, begin:end].T
    corner = np.tril(lower[begin:end, begin:end])
    rows[:, begin:end] = corner + np.tril(corner, -1).T
    return rows
