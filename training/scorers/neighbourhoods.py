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
    shared = (system.indptr, system.indices, system.data, system.diagonal(), l2, neighbours)
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
    indptr: LongArray,
    indices: IntArray,
    data: FloatArray,
    diagonal: FloatArray,
    l2: float,
    neighbours: int,
) -> _Part:
    """Solve some columns; the system comes as the arrays of its CSR form, so that it can be shared between processes."""
    first, starts, rows, values = part
    place = np.full(len(diagonal), -1, dtype=np.int32)
    lengths, found, solved = [], [np.empty(0, dtype=np.int32)], [np.empty(0, dtype=np.float32)]
    for j, (begin, end) in enumerate(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True), start=first):
        near, right = rows[begin:end], values[begin:end]
        if (near == j).any():
            near, right = near[near != j], right[near != j]
        if len(near) > neighbours:
            gain = right * right / (diagonal[near] + np.float32(l2))
            best = np.sort(np.argsort(-gain, kind="stable")[:neighbours])
            near, right = near[best], right[best]
        within = _within(near, indptr, indices, data, place)
        within.flat[:: len(near) + 1] += np.float32(l2)
        lengths.append(len(near))
        found.append(near)
        solved.append(np.linalg.solve(within, right))
    return np.array(lengths, dtype=np.int64), np.concatenate(found), np.concatenate(solved)


def _within(near: IntArray, indptr: LongArray, indices: IntArray, data: FloatArray, place: IntArray) -> FloatArray:
    """Return the entries among some courses as a dense matrix; `place` (n,) is −1 everywhere, and again afterwards."""
    place[near] = np.arange(len(near), dtype=np.int32)
    lengths = indptr[near + 1] - indptr[near]
    ends = np.cumsum(lengths)
    flat = np.arange(lengths.sum()) + np.repeat(indptr[near] - (ends - lengths), lengths)
    column = place[indices[flat]]
    inside = np.flatnonzero(column >= 0)
    owner = np.searchsorted(ends, inside, side="right")
    dense = np.zeros((len(near), len(near)), dtype=np.float32)
    dense[owner, column[inside]] = data[flat[inside]]
    place[near] = -1
    return dense
