"""Fit the next-course scorer: ridge regression from decayed histories to the course that came next, pruned.

W = (HᵀH + λI)⁻¹HᵀY, H the histories strictly before each completion, Y the completion; a linear autoregressive model
after Choi, Kim, Lee, Shim and Lee, *Session-aware Linear Item-Item Models*, WWW 2021 (SLIST). A catalogue too large for a
dense matrix is solved on neighbourhoods (`training.scorers.neighbourhoods`).
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.linalg import lapack

from recommender.company import Completions
from recommender.errors import DataError
from recommender.scorers.sequence import Sequence
from recommender.sparse import SparseRows
from training.engines import HERE, Engine
from training.progress import Progress
from training.scorers.grams import blocks, followed, silent
from training.scorers.item_item import DENSE_UP_TO, NEAREST, ROWS_A_BLOCK
from training.scorers.matrices import joined, largest_of_rows, strongest_entries, top_entries, values_at
from training.scorers.neighbourhoods import solved_near

RATE_SHRINKAGE = 10.0
"""Decayed completions added to a course's own, so that one transition of one person is not taken for a rule."""
KEPT_RATES = 100
KEPT_ORDERS = 200
COLUMNS_A_BLOCK = 1024


def fit_sequence(
    completions: Completions,
    *,
    n_courses: int,
    l2: float,
    keep: int,
    keep_rates: int = KEPT_RATES,
    dense_up_to: int = DENSE_UP_TO,
    engine: Engine = HERE,
    progress: Progress = silent,
) -> Sequence:
    """Fit next-course weights, plain transition rates and which of two courses comes first.

    Order: ln((1 + m_ij)/(1 + m_ji)), m_ij how often j came soon after i, weighed as in the rates.

    Parameters
    ----------
    completions
        What came before the moment of the fit.
    l2
        λ of the ridge regression.
    keep, keep_rates
        Entries kept of each row of W, and of the rates.
    dense_up_to
        Courses beyond which each column of W is solved on its nearest courses alone.
    engine, progress
        Where blocks of employees are counted, and who is told how far the work is; the result depends on neither.

    Raises
    ------
    DataError
        If the matrix of histories is singular; `l2` must be above 0.
    """
    gram, moved, sharp, people, completed = followed(completions, n_courses=n_courses, engine=engine, progress=progress)
    sharp.setdiag(0)
    sharp.eliminate_zeros()
    rate = top_entries((sp.diags(1 / (completed.diagonal() + RATE_SHRINKAGE)) @ sharp).tocsr(), keep=keep_rates)
    order = strongest_entries((sharp.log1p() - sharp.T.log1p()).tocsr(), keep=KEPT_ORDERS)
    both = values_at(people, rate)
    del sharp, people  # before two dense matrices are made
    if n_courses <= dense_up_to:
        rows = _exact(gram, moved, l2=l2, keep=keep, progress=progress)
    else:
        solved = solved_near(
            gram,
            moved.tocsc(),
            l2=l2,
            neighbours=NEAREST,
            engine=engine,
            progress=progress,
            step="sequence: weights",
        )
        rows = top_entries(solved, keep=keep)
    return Sequence(rows, rate, order, both)


def _exact(gram: sp.csr_matrix, moved: sp.csr_matrix, *, l2: float, keep: int, progress: Progress) -> SparseRows:
    """Return the largest weights of each row of W from the dense solution."""
    n = gram.shape[0]
    system = gram.astype(np.float32).toarray(order="F")
    system.flat[:: n + 1] += np.float32(l2)
    progress("sequence: factor")
    factor, wrong = lapack.spotrf(system, lower=1, overwrite_a=1, clean=0)
    if wrong:
        raise DataError("sequence: the matrix of histories is singular; expected l2 above 0.")
    weights = moved.astype(np.float32).toarray(order="F")
    for begin, end in blocks(n, COLUMNS_A_BLOCK):
        weights[:, begin:end] = lapack.spotrs(factor, weights[:, begin:end], lower=1)[0]
        progress("sequence: solution", end, n)
    np.fill_diagonal(weights, 0)
    parts = []
    for begin, end in blocks(n, ROWS_A_BLOCK):
        parts.append(largest_of_rows(np.ascontiguousarray(weights[begin:end]), keep=keep))
        progress("sequence: weights", end, n)
    return joined(parts, n)
