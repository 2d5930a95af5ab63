"""Fit the content scorer: neighbours by the cosine of tf–idf rows, also among courses nobody has taken yet."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from recommender.arrays import BoolArray, FloatArray, IntArray
from recommender.scorers.base import Newcomers
from recommender.scorers.content import NEIGHBOURS, ROLE_NEIGHBOURS, UNSEEN_HEAD, UNSEEN_ROLE_HEAD, Content
from recommender.sparse import SparseRows, largest, packed

_BLOCK = 1000


def fit_content(courses: Newcomers, role_vectors: SparseRows, *, unseen: BoolArray) -> Content:
    """Find the neighbours of every course and of every role; `unseen` (n_courses,) marks what nobody has taken."""
    vectors = _matrix(courses.vectors)
    near, near_unseen = _nearest(vectors, vectors, NEIGHBOURS, unseen, UNSEEN_HEAD, same=True)
    fit, fit_unseen = _nearest(_matrix(role_vectors), vectors, ROLE_NEIGHBOURS, unseen, UNSEEN_ROLE_HEAD, same=False)
    return Content(
        neighbours=near,
        role_neighbours=fit,
        unseen_neighbours=near_unseen,
        unseen_role_neighbours=fit_unseen,
        vectors=courses.vectors,
        role_vectors=role_vectors,
        attributes=courses.attributes,
        language=courses.language,
    )


def _matrix(rows: SparseRows) -> sp.csr_matrix:
    return sp.csr_matrix((rows.weights, rows.indices, rows.indptr), shape=(len(rows), rows.n_columns))


def _nearest(
    left: sp.csr_matrix, right: sp.csr_matrix, keep: int, unseen: BoolArray, keep_unseen: int, *, same: bool
) -> tuple[SparseRows, SparseRows]:
    """Return the largest cosines of each left row, among all right rows and among the unseen ones."""
    rows: list[tuple[IntArray, FloatArray]] = []
    new: list[tuple[IntArray, FloatArray]] = []
    unseen_idx = np.flatnonzero(unseen).astype(np.int32)
    for begin in range(0, left.shape[0], _BLOCK):
        block = (left[begin : begin + _BLOCK] @ right.T).toarray()
        if same:
            block[np.arange(len(block)), np.arange(begin, begin + len(block))] = 0
        for row in block:
            rows.append(_top(row, np.arange(len(row), dtype=np.int32), keep))
            new.append(_top(row[unseen_idx], unseen_idx, keep_unseen))
    width = right.shape[0]
    return (
        packed([columns for columns, _ in rows], [weights for _, weights in rows], width),
        packed([columns for columns, _ in new], [weights for _, weights in new], width),
    )


def _top(row: FloatArray, positions: IntArray, keep: int) -> tuple[IntArray, FloatArray]:
    best = largest(row, keep) if len(row) else np.empty(0, dtype=np.int64)
    best = best[row[best] > 0]
    return positions[best].astype(np.int32), row[best].astype(np.float32)
