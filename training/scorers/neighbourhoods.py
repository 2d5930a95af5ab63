"""Ridge regression one course at a time on the courses nearest to it: closed forms where no dense matrix would fit.

For course j the columns S_j, those whose own regression takes most from the error, x_ij²/(A_ii + λ), are kept and
w = (A_SS + λI)⁻¹ x_Sj is solved: ridge regression restricted to a neighbourhood (Ning and Karypis, *SLIM: Sparse Linear
Methods for Top-N Recommender Systems*, ICDM 2011, section 5.2, fsSLIM; here without the ℓ₁ penalty). With S_j all courses
but j it is the exact solution: of EASE, where A is XᵀX and x its column (Steck 2019, eq. 8), as of any other regression.
Memory grows with the entries of A and with n·|S|, never with n².
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from recommender.arrays import FloatArray, IntArray, LongArray
from training.engines import Engine
from training.progress import Progress
from training.scorers.grams import blocks

COURSES_A_BLOCK = 500
"""Columns solved before progress is told; a part of the work for whoever runs it."""

_Part = tuple[LongArray, IntArray, FloatArray]
"""Columns one under the other: where each begins, whose rows and what values its entries have."""


def solved_near(
    system: sp.csr_matrix,
    right: sp.csc_matrix,
    *,
    l2: float,
    neighbours: int,
    engine: Engine,
    progress: Progress,
    step: str,
) -> sp.csr_matrix:
    """Solve (A + λI) W = R column by column on the nearest courses, the diagonal of W left out.

    Parameters
    ----------
    system, right
        A, symmetric and positive semidefinite, and R, both (n, n).
    l2, neighbours
        λ and the most entries of a column of W.
    engine, progress, step
        Where the columns are solved, and who is told under which name. The result depends on neither.

    Returns
    -------
    W, (n, n) float32.
    """
    n = system.shape[0]
    system, right = system.astype(np.float32), right.astype(np.float32)
    system.sort_indices()
    right.sort_indices()
    spans = blocks(n, COURSES_A_BLOCK)
    parts = (_columns(right, begin, end) for begin, end in spans)
    shared = (system, system.diagonal(), l2, neighbours)
    solved: list[_Part] = []
    for (_, end), part in zip(spans, engine.map(_solve, parts, *shared), strict=True):
        solved.append(part)
        progress(step, end, n)
    lengths, rows, values = (np.concatenate([np.empty(0, dtype=np.int64), *one]) for one in zip(*solved, strict=True))
    indptr = np.append(0, np.cumsum(lengths))
    return sp.csc_matrix((values.astype(np.float32), rows, indptr), shape=(n, n)).tocsr()


def _columns(right: sp.csc_matrix, begin: int, end: int) -> tuple[int, LongArray, IntArray, FloatArray]:
    span = slice(int(right.indptr[begin]), int(right.indptr[end]))
    return begin, right.indptr[begin : end + 1] - right.indptr[begin], right.indices[span], right.data[span]


def _solve(
    part: tuple[int, LongArray, IntArray, FloatArray],
    system: sp.csr_matrix,
    diagonal: FloatArray,
    l2: float,
    neighbours: int,
) -> _Part:
    """Solve some columns, on one thread: for systems this small more threads cost more than they bring."""
    first, starts, rows, values = part
    lengths, found, solved = [], [np.empty(0, dtype=np.int32)], [np.empty(0, dtype=np.float32)]
    with threadpool_limits(1):
        for j, (begin, end) in enumerate(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True), start=first):
            near, right = rows[begin:end], values[begin:end]
            if (near == j).any():
                near, right = near[near != j], right[near != j]
            if len(near) > neighbours:
                gain = right * right / (diagonal[near] + np.float32(l2))
                best = np.sort(np.argsort(-gain, kind="stable")[:neighbours])
                near, right = near[best], right[best]
            within = system[near][:, near].toarray()
            within.flat[:: len(near) + 1] += np.float32(l2)
            lengths.append(len(near))
            found.append(near)
            solved.append(np.linalg.solve(within, right))
    return np.array(lengths, dtype=np.int64), np.concatenate(found), np.concatenate(solved)
