"""The roles that people held and aimed at when they completed something, for many completions at once."""

from __future__ import annotations

import numpy as np

from recommender.arrays import EARLIEST, NONE, IntArray, LongArray
from recommender.company import People


def roles_at(people: People, employee_idx: IntArray, at: LongArray) -> IntArray:
    """Return what `People.role_at` says of each pair of an employee and a time, shape (n,), `NONE` unknown."""
    held, changes = people.role_idx[employee_idx], people.role_changes
    if not len(changes.at):
        return np.asarray(held, dtype=np.int32)
    owner = np.repeat(np.arange(len(people), dtype=np.int64), np.diff(changes.indptr))
    moments = np.unique(changes.at)
    # A pair as one number: changes are sorted by it, and a time stands just behind the last change at or before it.
    changed = owner * (len(moments) + 1) + np.searchsorted(moments, changes.at, side="right")
    asked = employee_idx.astype(np.int64) * (len(moments) + 1) + np.searchsorted(moments, at, side="right")
    first, stop = changes.indptr[employee_idx], changes.indptr[employee_idx + 1]
    upto = np.searchsorted(changed, asked, side="right")
    last = len(changes.at) - 1
    found = np.where(upto > first, changes.subject[np.maximum(upto - 1, 0)], changes.value[np.minimum(first, last)])
    return np.where(stop > first, found, held).astype(np.int32)


def targets_at(people: People, employee_idx: IntArray, at: LongArray, *, now: int) -> IntArray:
    """Return what `People.target_at` says of each pair of an employee and a time, shape (n,), `NONE` unknown."""
    since = people.target_since[employee_idx]
    visible = np.where(since != EARLIEST, since <= at, at >= now)
    return np.where(visible, people.target_role_idx[employee_idx], NONE).astype(np.int32)
