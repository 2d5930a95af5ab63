"""Every completion by choice with the history strictly before it, as sparse rows: what ordered scorers learn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from recommender.arrays import BoolArray, IntArray, LongArray, frozen
from recommender.company import Completions
from recommender.question import LONGEST_HISTORY
from recommender.scorers.base import PLACE_DECAY


@dataclass(frozen=True)
class Histories:
    """Training rows, one a target completion.

    `target` (n,) course; `employee` (n,) and `at` (n,) whose and when; `before` (n, n_courses) the courses completed
    strictly before it, the latest `LONGEST_HISTORY`, weighted by `PLACE_DECAY` to the number completed since.
    """

    target: IntArray
    employee: IntArray
    at: LongArray
    before: sp.csr_matrix


def histories(
    completions: Completions, *, n_courses: int, drawn: LongArray | None = None, most: int = LONGEST_HISTORY
) -> Histories:
    """Build the rows of all first completions by choice, in the order of the table, or of the `drawn` ones of them.

    `drawn` are positions among the first completions by choice, ascending; `most` courses of each history are kept.

    Equal times form one basket: none is before another, and each counts as standing in its middle. A basket that goes
    beyond the latest `most` is cut as `recommender.query.recent_history` cuts it.
    """
    first = completions.first
    employee, course, at = completions.employee_idx[first], completions.course_idx[first], completions.at[first]
    target = completions.targets[first]
    start, stop = _baskets(employee, at)
    begin = np.searchsorted(employee, employee)
    held = course[np.lexsort((-course, at, employee))]  # the same baskets, lowest positions last: those a cut keeps
    rows = np.flatnonzero(target) if drawn is None else np.flatnonzero(target)[drawn]
    lo, hi = np.maximum(begin[rows], start[rows] - most), start[rows]
    lengths = hi - lo
    indptr = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum(lengths, out=indptr[1:])
    flat = np.arange(indptr[-1]) + np.repeat(lo - indptr[:-1], lengths)
    places = np.repeat(hi, lengths) - 1 - (start[flat] + stop[flat] - 1) / 2
    weights = (PLACE_DECAY**places).astype(np.float32)
    before = sp.csr_matrix((weights, held[flat], indptr), shape=(len(rows), n_courses))
    return Histories(course[rows], employee[rows], at[rows], before)


def _baskets(employee: IntArray, at: LongArray) -> tuple[LongArray, LongArray]:
    """Return of each row where its basket (same employee and time) begins and ends, rows being sorted."""
    new: BoolArray = np.ones(len(at), dtype=np.bool_)
    new[1:] = (employee[1:] != employee[:-1]) | (at[1:] != at[:-1])
    starts = np.flatnonzero(new)
    which = np.cumsum(new) - 1
    stops = np.append(starts[1:], len(at))
    return starts[which], stops[which]


def of_employees(completions: Completions, begin: int, end: int) -> Completions:
    """Return the completions of the employees from position `begin` up to `end`, counted from 0."""
    rows = slice(int(completions.indptr[begin]), int(completions.indptr[end]))
    return Completions(
        frozen(completions.employee_idx[rows] - np.int32(begin)),
        completions.course_idx[rows],
        completions.at[rows],
        completions.assigned[rows],
        completions.first[rows],
        frozen(completions.indptr[begin : end + 1] - completions.indptr[begin]),
    )


def interactions(completions: Completions, *, n_courses: int) -> sp.csr_matrix:
    """Return who completed what by choice, (n_employees, n_courses), 1 where they did, float32."""
    rows = completions.targets
    where = (completions.employee_idx[rows], completions.course_idx[rows])
    ones = np.ones(int(rows.sum()), dtype=np.float32)
    return sp.csr_matrix((ones, where), shape=(completions.n_employees, n_courses))
