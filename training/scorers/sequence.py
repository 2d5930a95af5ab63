"""Fit the next-course scorer: ridge regression from decayed histories to the course that came next, pruned.

W = (HᵀH + λI)⁻¹HᵀY, H the histories strictly before each completion, Y the completion; a linear autoregressive model
after Choi, Kim, Lee, Shim and Lee, *Session-aware Linear Item-Item Models*, WWW 2021 (SLIST).
"""

from __future__ import annotations

import numpy as np
import scipy.linalg as sl
import scipy.sparse as sp

from recommender.arrays import FloatArray
from recommender.scorers.sequence import Sequence
from recommender.sparse import packed, top_rows
from training.scorers.histories import Histories
from training.scorers.matrices import strongest_entries, top_entries

RATE_SHARPNESS = 5
"""Power of the history's weights in the rates: a course counts a third (0.8⁵) of the one completed just after it."""
RATE_SHRINKAGE = 10.0
"""Decayed completions added to a course's own, so that one transition of one person is not taken for a rule."""
KEPT_RATES = 100
KEPT_ORDERS = 200


def fit_sequence(rows: Histories, *, l2: float, keep: int) -> Sequence:
    """Fit next-course weights, plain transition rates and which of two courses comes first.

    `keep` entries are kept of each row of weights. Order: ln((1 + m_ij)/(1 + m_ji)), m_ij how often j came soon after i,
    weighed as in the rates.
    """
    history, n_courses = rows.before, rows.before.shape[1]
    following = sp.csr_matrix(
        (np.ones(len(rows.target), dtype=np.float32), rows.target, np.arange(len(rows.target) + 1)),
        shape=(len(rows.target), n_courses),
    )
    moved = (history.T @ following).tocsr()
    gram = (history.T @ history).toarray(order="F").astype(np.float32, copy=False)
    gram.flat[:: n_courses + 1] += np.float32(l2)
    weights = _solve(gram, moved.toarray(order="F").astype(np.float32, copy=False))
    del gram
    np.fill_diagonal(weights, 0)
    kept = top_rows(weights, keep=keep)
    del weights
    sharp = history.copy()
    sharp.data = sharp.data**RATE_SHARPNESS
    moved = (sharp.T @ following).tocsr()
    completed = np.asarray(sharp.sum(axis=0), dtype=np.float32).ravel()
    moved.setdiag(0)
    moved.eliminate_zeros()
    rate = top_entries((sp.diags(1 / (completed + RATE_SHRINKAGE)) @ moved).tocsr(), keep=KEPT_RATES)
    order = strongest_entries((moved.log1p() - moved.T.log1p()).tocsr(), keep=KEPT_ORDERS)
    plain = history.copy()
    plain.data = np.ones_like(plain.data)
    people = (plain.T @ following).tocsr()
    columns = [rate.row(i)[0] for i in range(n_courses)]
    counts = [people[i].toarray().ravel()[one].astype(np.float32) for i, one in enumerate(columns)]
    return Sequence(kept, rate, order, packed(columns, counts, n_courses))


def _solve(gram: FloatArray, right: FloatArray) -> FloatArray:
    factor = sl.cho_factor(gram, lower=True, overwrite_a=True, check_finite=False)
    return np.asarray(sl.cho_solve(factor, right, overwrite_b=True, check_finite=False))
