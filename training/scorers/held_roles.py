"""The roles people held, moved into and aimed at, for many people and moments at once, without a loop."""

from __future__ import annotations

import numpy as np

from recommender.arrays import EARLIEST, NONE, IntArray, LongArray
from recommender.company import People


def roles_at(people: People, employee: IntArray, at: LongArray) -> IntArray:
    """Return the role each employee held at the time beside it, as `People.role_at` says, (n,), `NONE` unknown."""
    changes = people.role_changes
    n_past, first = _changes_until(people, employee, at)
    found = people.role_idx[employee].astype(np.int32)
    changed = np.flatnonzero(changes.indptr[employee + 1] > first)
    here = first[changed]
    latest = np.maximum(here + n_past[changed] - 1, here)
    found[changed] = np.where(n_past[changed] > 0, changes.subject[latest], changes.value[here])
    return found


def targets_at(people: People, employee: IntArray, at: LongArray, *, now: int) -> IntArray:
    """Return what `People.target_at` says of each pair of an employee and a time, shape (n,), `NONE` unknown."""
    since = people.target_since[employee]
    visible = np.where(since != EARLIEST, since <= at, at >= now)
    return np.where(visible, people.target_role_idx[employee], NONE).astype(np.int32)


def next_roles(people: People, employee: IntArray, at: LongArray, *, within: int, before: int) -> IntArray:
    """Return the role each employee moved into next after the time beside it, (n,), `NONE` where there was no such move.

    Only moves within so many seconds of that time and before the moment `before` count.
    """
    changes = people.role_changes
    n_past, first = _changes_until(people, employee, at)
    found = np.full(len(at), NONE, dtype=np.int32)
    rows = np.flatnonzero(first + n_past < changes.indptr[employee + 1])
    later = (first + n_past)[rows]
    moved = changes.at[later]
    counts = (moved <= at[rows] + within) & (moved < before)
    found[rows[counts]] = changes.subject[later[counts]]
    return found


def _changes_until(people: People, employee: IntArray, at: LongArray) -> tuple[LongArray, LongArray]:
    """Return how many changes of role each employee had by the time beside it, and where that employee's changes begin.

    Employee and time become one number, in which changes are sorted: times by their place among the times of all changes.
    """
    changes = people.role_changes
    moments = np.unique(changes.at)
    width = len(moments) + 1
    owner = np.repeat(np.arange(len(changes.indptr) - 1, dtype=np.int64), np.diff(changes.indptr))
    key = owner * width + np.searchsorted(moments, changes.at)
    asked = employee.astype(np.int64) * width + np.searchsorted(moments, at, side="right")
    first = changes.indptr[employee]
    return np.searchsorted(key, asked) - first, first
