"""What closed forms are made of, summed over blocks of employees: the same to the last bit wherever the blocks are counted.

A block is a fixed span of employees, whatever the number of workers, and the sums of blocks are added in float64 in a
fixed order: whether one process, several or a cluster count them changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommender.company import Completions
from training.engines import HERE, Engine
from training.progress import Progress
from training.scorers.histories import histories, of_employees

EMPLOYEES_A_BLOCK = 20_000
RATE_SHARPNESS = 5
"""Power of the history's weights in the rates: a course counts a third (0.8⁵) of the one completed just after it."""

Sums = tuple[sp.csr_matrix, ...]


def silent(step: str, done: int = 0, total: int = 0) -> None:
    """Tell nobody how far the work is."""
    del step, done, total


def blocks(n: int, size: int) -> list[tuple[int, int]]:
    """Return the spans of `size`, the last one shorter, that n rows are cut into; none of no rows."""
    return [(begin, min(begin + size, n)) for begin in range(0, n, size)]


def completed_together(
    taken: sp.csr_matrix, *, engine: Engine = HERE, progress: Progress = silent, size: int = EMPLOYEES_A_BLOCK
) -> sp.csr_matrix:
    """Return XᵀX of X (n_employees, n_courses), 1 where a course was taken: who took both, (n_courses, n_courses) float64.

    Counts are whole numbers, so they are exact up to 2⁵³.
    """
    spans = blocks(taken.shape[0], size)
    parts = (taken[begin:end] for begin, end in spans)
    told = _told(engine.map(_together, parts), progress, "item_item: employees", len(spans))
    return added(told, (taken.shape[1],))[0]


def _together(taken: sp.csr_matrix) -> Sums:
    exact = taken.astype(np.float64)
    return ((exact.T @ exact).tocsr(),)


def followed(
    completions: Completions,
    *,
    n_courses: int,
    engine: Engine = HERE,
    progress: Progress = silent,
    size: int = EMPLOYEES_A_BLOCK,
) -> Sums:
    """Return what the ordered closed forms are made of, each (n_courses, n_courses) float64.

    With H the weighted histories strictly before each completion by choice (`histories`), Y that completion, S the weights
    of H to the power `RATE_SHARPNESS` and N the places where H has any: HᵀH, HᵀY, SᵀY, NᵀY and diag(Σ S).
    """
    spans = blocks(completions.n_employees, size)
    parts = (of_employees(completions, begin, end) for begin, end in spans)
    told = _told(engine.map(_followed, parts, n_courses), progress, "sequence: employees", len(spans))
    return added(told, (n_courses,) * 5)


def _followed(completions: Completions, n_courses: int) -> Sums:
    rows = histories(completions, n_courses=n_courses)
    before = rows.before.astype(np.float64)
    sharp = before.data**RATE_SHARPNESS
    target = np.repeat(rows.target, np.diff(before.indptr))
    pairs = before.indices.astype(np.int64) * n_courses + target
    order = np.argsort(pairs, kind="stable")
    pairs = pairs[order]
    starts = np.flatnonzero(np.diff(pairs, prepend=-1))
    earlier, later = np.divmod(pairs[starts], max(n_courses, 1))
    indptr = np.searchsorted(earlier, np.arange(n_courses + 1))

    def summed(weights: NDArray[np.float64]) -> sp.csr_matrix:
        total = np.add.reduceat(weights[order], starts) if len(starts) else np.empty(0)
        return sp.csr_matrix((total, later.astype(np.int32), indptr), shape=(n_courses, n_courses))

    moves = (summed(weights) for weights in (before.data, sharp, np.ones(len(sharp))))
    completed = np.bincount(before.indices, weights=sharp, minlength=n_courses).astype(
        np.float64
    )  # of nothing: integers
    return ((before.T @ before).tocsr(), *moves, sp.diags(completed).tocsr())


def _told(results: Iterator[Sums], progress: Progress, step: str, total: int) -> Iterator[Sums]:
    for done, result in enumerate(results, start=1):
        progress(step, done, total)
        yield result


def added(parts: Iterable[Sums], widths: tuple[int, ...]) -> Sums:
    """Add the matrices of all parts, each place of the tuple on its own; zeros of `widths` where there is no part.

    Neighbours are added first, then their sums, and so on: the order depends on the number of parts alone, a wide sum is
    touched seldom, and no more than one sum of each height is held.
    """
    held: list[tuple[int, Sums]] = []
    for part in parts:
        height, total = 0, part
        while held and held[-1][0] == height:
            total = _sum(held.pop()[1], total)
            height += 1
        held.append((height, total))
    while len(held) > 1:
        _, last = held.pop()
        height, before = held.pop()
        held.append((height, _sum(before, last)))
    return held[0][1] if held else tuple(sp.csr_matrix((width, width)) for width in widths)


def _sum(left: Sums, right: Sums) -> Sums:
    return tuple((one + other).tocsr() for one, other in zip(left, right, strict=True))
