"""The question: one person, a moment, a target role and limits, in positions.

A query carries everything an answer depends on besides the model and the catalogue. It is made from the store, from a
data directory or from a request; no scorer ever sees an employee's id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recommender.tables import NONE, Dataset, IntArray, LongArray, frozen

_NO_COURSES: IntArray = frozen(np.empty(0, dtype=np.int32))
_NO_TIMES: LongArray = frozen(np.empty(0, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Limits:
    """What the answer must keep to; None or empty means no limit. Hours and cost are those of one course."""

    max_hours: float | None = None
    max_cost: float | None = None
    languages: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    exclude: IntArray = field(default_factory=lambda: _NO_COURSES)
    only: IntArray | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """One person at one moment.

    Parameters
    ----------
    as_of
        The moment looked from, seconds; nothing later is known.
    history, history_at
        Completed courses (positions, the first completion of each, oldest first; assigned ones too) and when, both
        shape (n,).
    role_idx, target_role_idx
        Positions, `NONE` where unknown.
    department, location
        "" where unknown. Audience rules compare them.
    in_progress, dismissed, due_again
        Courses begun and not finished; courses the person said no to; completed courses that are due again.
    """

    as_of: int
    history: IntArray = field(default_factory=lambda: _NO_COURSES)
    history_at: LongArray = field(default_factory=lambda: _NO_TIMES)
    role_idx: int = NONE
    target_role_idx: int = NONE
    department: str = ""
    location: str = ""
    in_progress: IntArray = field(default_factory=lambda: _NO_COURSES)
    dismissed: IntArray = field(default_factory=lambda: _NO_COURSES)
    due_again: IntArray = field(default_factory=lambda: _NO_COURSES)
    limits: Limits = field(default_factory=Limits)


def query_of(data: Dataset, employee_idx: int, *, as_of: int, limits: Limits | None = None) -> Query:
    """Build the query of one employee of a data set as it stood at `as_of`.

    Completions strictly before `as_of` count. Roles come from the dated role changes; an undated target role is visible
    only from the data's own now on, and so is undated feedback.
    """
    rows = data.completions.span(employee_idx, as_of)
    first = data.completions.first[rows]
    people = data.people
    return Query(
        as_of=as_of,
        history=frozen(data.completions.course_idx[rows][first]),
        history_at=frozen(data.completions.at[rows][first]),
        role_idx=people.role_at(employee_idx, as_of),
        target_role_idx=people.target_at(employee_idx, as_of, now=data.now),
        department=people.departments[employee_idx],
        location=people.locations[employee_idx],
        limits=limits or Limits(),
    )


def known_positions(positions: Sequence[int]) -> IntArray:
    """Return the positions that are not `NONE`, in order, as a frozen array."""
    array = np.asarray(positions, dtype=np.int32)
    return frozen(array[array != NONE])


def recent_history(query: Query, *, most: int) -> tuple[IntArray, LongArray, NDArray[np.float64]]:
    """Return the latest courses, newest first, when they were completed, and how many came after each.

    Courses completed at the same time form one basket: none is before another, so each gets the mean of the places the
    basket fills, and within it they stand by position. The answer does not depend on the order in which a history was
    written down. Shapes (m,), m ≤ `most`.
    """
    order = np.lexsort((query.history, -query.history_at))[:most]
    at = query.history_at[order]
    _, basket, sizes = np.unique(-at, return_inverse=True, return_counts=True)
    first_place = np.cumsum(sizes) - sizes
    return query.history[order], at, (first_place + (sizes - 1) / 2)[basket]
