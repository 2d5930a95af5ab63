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
    right = right.astype(np.float32)
    right.sort_indices()
    spans = blocks(n, COURSES_A_BLOCK)
    parts = (_columns(right, begin, end) for begin, end in spans)
    shared = (_once(system), system.diagonal().astype(np.float32), l2, neighbours)
    solved: list[_Part] = []
    for (_, end), part in zip(spans, engine.map(_solve, parts, *shared), strict=True):
        solved.append(part)
        progress(step, end, n)
    lengths, rows, values = (np.concatenate([np.empty(0, dtype=np.int64), *one]) for one in zip(*solved, strict=True))
    indptr = np.append(0, np.cumsum(lengths))
    return sp.csc_matrix((values.astype(np.float32), rows, indptr), shape=(n, n)).tocsr()


def _once(system: sp.csr_matrix) -> sp.csr_matrix:
    """Return a symmetric matrix with each pair of courses in one row alone, that of the course with fewer entries, float32.

    So no row is long: a popular course, near to many, keeps its pairs with more popular ones only.
    """
    n_entries = np.diff(system.indptr)
    place = np.empty(len(n_entries), dtype=np.int64)
    place[np.argsort(n_entries, kind="stable")] = np.arange(len(n_entries))
    owner = np.repeat(np.arange(len(n_entries)), n_entries)
    kept = place[owner] < place[system.indices]
    indptr = np.append(0, np.cumsum(np.bincount(owner[kept], minlength=len(n_entries))))
    half = sp.csr_matrix((system.data[kept].astype(np.float32), system.indices[kept], indptr), shape=system.shape)
    half.sort_indices()
    return half


def _columns(right: sp.csc_matrix, begin: int, end: int) -> tuple[int, LongArray, IntArray, FloatArray]:
    span = slice(int(right.indptr[begin]), int(right.indptr[end]))
    return begin, right.indptr[begin : end + 1] - right.indptr[begin], right.indices[span], right.data[span]


def _solve(
    part: tuple[int, LongArray, IntArray, FloatArray],
    once: sp.csr_matrix,
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
            within = once[near][:, near].toarray()
            within += within.T
            within.flat[:: len(near) + 1] = diagonal[near] + np.float32(l2)
            lengths.append(len(near))
            found.append(near)
            solved.append(np.linalg.solve(within, right))
    return np.array(lengths, dtype=np.int64), np.concatenate(found), np.concatenate(solved)
