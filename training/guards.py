"""Worlds in which a right answer is known, to catch an evaluation or a fit that fools itself.

`with_other_future` changes what comes after a cut: nothing fitted for the cut may move. `with_random_targets` makes
what is asked for meaningless: the score must be random's. `with_permuted_pairs` keeps how much everyone took and how
often each course was taken but not who took what: nothing may beat popularity.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recommender.arrays import DAY, NONE, BoolArray, IntArray, LongArray, Ragged
from recommender.company import Completions, Dataset
from training.split import Cases

_REPAIRS = 1000


def with_other_future(data: Dataset, cut: int, *, seed: int, n_added: int = 200) -> Dataset:
    """Give every completion at or after `cut` another course, and add some at the cut and later."""
    rng, rows = np.random.default_rng(seed), data.completions
    n_courses, n_employees = len(data.catalog), rows.n_employees
    course = rows.course_idx.copy()
    later = rows.at >= cut
    course[later] = rng.integers(0, n_courses, size=int(later.sum()))
    added_at = np.where(np.arange(n_added) < n_added // 10, cut, cut + rng.integers(0, 400 * DAY, size=n_added))
    employee = np.concatenate([rows.employee_idx, rng.integers(0, n_employees, size=n_added, dtype=np.int32)])
    completions = _distinct(
        employee,
        np.concatenate([course, rng.integers(0, n_courses, size=n_added, dtype=np.int32)]),
        np.concatenate([rows.at, added_at]),
        np.concatenate([rows.assigned, np.zeros(n_added, dtype=np.bool_)]),
        n_employees,
    )
    return replace(data.with_completions(completions), now=max(data.now, int(added_at.max(initial=0))))


def with_random_targets(cases: Cases, candidates: BoolArray, *, seed: int) -> Cases:
    """Replace the targets of each case by as many courses drawn at random from those not yet completed.

    `candidates` (n_courses,) says which courses may be drawn.
    """
    rng, rows = np.random.default_rng(seed), []
    for query, n in zip(cases.queries, cases.n_targets, strict=True):
        open_to = candidates.copy()
        open_to[query.history] = False
        rows.append(rng.choice(np.flatnonzero(open_to), size=int(n), replace=False).tolist())
    return replace(cases, targets=Ragged.from_rows(rows))


def with_permuted_pairs(data: Dataset, *, seed: int) -> Dataset:
    """Shuffle the courses among the rows of first completions, so that nobody holds a course twice.

    Each person keeps the number and the times of their completions, each course the number of its completers. Repeats
    are left out.

    Raises
    ------
    ValueError
        If the pairs are so dense that no such shuffle is found.
    """
    rng, rows = np.random.default_rng(seed), data.completions
    people, course = rows.employee_idx[rows.first], rng.permutation(rows.course_idx[rows.first]).astype(np.int32)
    for _ in range(_REPAIRS):
        repeated = np.flatnonzero(_is_repeat(people, course))
        if len(repeated) == 0:
            kept = rows.first
            shuffled = _distinct(people, course, rows.at[kept], rows.assigned[kept], rows.n_employees)
            return data.with_completions(shuffled)
        for row in repeated:
            other = int(rng.integers(len(course)))
            course[row], course[other] = course[other], course[row]
    raise ValueError(f"completions: no shuffle without repeats in {_REPAIRS} rounds; expected sparser data")


def _is_repeat(people: IntArray, course: IntArray) -> BoolArray:
    pair = people.astype(np.int64) * (int(course.max(initial=NONE)) + 1) + course
    repeat = np.ones(len(pair), dtype=np.bool_)
    repeat[np.unique(pair, return_index=True)[1]] = False
    return repeat


def _distinct(
    employee: IntArray, course: IntArray, at: LongArray, assigned: BoolArray, n_employees: int
) -> Completions:
    """Build completions, one of each equal employee, course and time."""
    _, kept = np.unique(np.column_stack([employee, course, at]).astype(np.int64), axis=0, return_index=True)
    return Completions.from_columns(
        employee[kept].astype(np.int32),
        course[kept].astype(np.int32),
        at[kept].astype(np.int64),
        assigned=assigned[kept],
        n_employees=n_employees,
    )
