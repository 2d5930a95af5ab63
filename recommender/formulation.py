"""The path as a mixed-integer programme: its columns and rows, and the rows that forbid unlocking in circles.

Columns: x_c ∈ {0, 1}, course c is taken; y_{s,ℓ} ∈ [0, 1], skill s is brought to level ℓ, for every level above the
present one that is needed or asked for. Rows, each valid for every order:

    y_{s,ℓ} ≤ Σ x_d, d ∈ D(s,ℓ)        somebody brings it. D(s,ℓ) teaches s to ≥ ℓ and does not itself ask for it: whoever
                                       does cannot be the first to bring it
    y_{s,ℓ'} ≤ y_{s,ℓ}, ℓ' > ℓ         a higher level comes with the lower
    x_c ≤ y_{s,e}                      its declared entry levels
    x_c ≤ Σ x_p, p ∈ group             its prerequisites, one of each group
    Σ hours·x ≤ max_hours, Σ cost·x ≤ max_cost

A choice that keeps them can still hold courses that only unlock each other; `loop_cuts` finds those.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import BoolArray, IntArray
from recommender.programme import HIGHEST_LEVEL, SLACK, Numbers, Programme, Progress
from recommender.pruning import first_to_bring

Entries = tuple[NDArray[np.int64], NDArray[np.int64], Numbers]
"""Row, column and value of each entry."""
Row = tuple[int, IntArray]
"""A course c and others: x_c ≤ Σ x_d."""


@dataclass(frozen=True, slots=True, eq=False)
class Formulation:
    """Columns x (n,) then y (k,), and rows Σ value·column ≤ upper.

    `skill`, `level` (k,) say what each y stands for, `weight` (k,) what it adds to coverage. Entries are sorted by row.
    """

    n: int
    skill: IntArray
    level: IntArray
    weight: Numbers
    start: IntArray
    column: IntArray
    value: Numbers
    upper: Numbers

    @classmethod
    def of(cls, programme: Programme) -> Formulation:
        """Write down a programme in which every course can start and fits by itself."""
        n = len(programme)
        skill, level, column_of = _level_columns(programme)
        needed = level <= programme.needed[skill]
        weight = np.where(needed, programme.importance[skill], 0.0) / (programme.total or 1.0)
        blocks = [
            _brought(programme, skill, level),
            _with_the_lower(skill, n),
            _entries(programme, column_of),
            _prerequisites(programme),
            *_limits(programme),
        ]
        counts = [len(upper) for _, upper in blocks]
        shifts = np.cumsum([0, *counts[:-1]])
        row, column, value = (
            np.concatenate(parts)
            for parts in zip(*((r + by, c, v) for ((r, c, v), _), by in zip(blocks, shifts, strict=True)), strict=True)
        )
        by_row = np.argsort(row, kind="stable")
        start = np.searchsorted(row[by_row], np.arange(sum(counts) + 1)).astype(np.int32)
        upper = np.concatenate([upper for _, upper in blocks])
        return cls(n, skill, level, weight, start, column[by_row].astype(np.int32), value[by_row], upper)


def _level_columns(programme: Programme) -> tuple[IntArray, IntArray, NDArray[np.int64]]:
    """Return skill and level of each y, by skill then level, and where each stands, (m, HIGHEST_LEVEL + 1), −1 if not."""
    level = np.arange(HIGHEST_LEVEL + 1)
    wanted = (level <= programme.needed[:, None]) & (programme.importance > 0)[:, None]
    wanted |= np.stack([(programme.entry == one).any(axis=0) for one in level], axis=1)
    wanted &= level > programme.have[:, None]
    wanted[:, 1:] &= np.stack([(programme.taught >= one).any(axis=0) for one in level[1:]], axis=1)
    skill, levels = np.nonzero(wanted)
    column_of = np.full(wanted.shape, -1, dtype=np.int64)
    column_of[skill, levels] = len(programme) + np.arange(len(skill))
    return skill.astype(np.int32), levels.astype(np.int32), column_of


def _rows(left: NDArray[np.int64], right_row: NDArray[np.int64], right: NDArray[np.int64]) -> tuple[Entries, Numbers]:
    """Return rows `left[i] ≤ Σ right`, where `right_row` says to which row each of `right` belongs."""
    row = np.concatenate([np.arange(len(left)), right_row])
    value = np.concatenate([np.ones(len(left)), -np.ones(len(right))])
    return (row, np.concatenate([left, right]), value), np.zeros(len(left))


def _brought(programme: Programme, skill: IntArray, level: IntArray) -> tuple[Entries, Numbers]:
    found = [
        np.flatnonzero(first_to_bring(programme, s, e)) for s, e in zip(skill.tolist(), level.tolist(), strict=True)
    ]
    row = np.repeat(np.arange(len(found)), [len(one) for one in found])
    right = np.concatenate(found) if found else np.empty(0, dtype=np.int64)
    return _rows(len(programme) + np.arange(len(skill)), row, right)


def _with_the_lower(skill: IntArray, n: int) -> tuple[Entries, Numbers]:
    above = 1 + np.flatnonzero(skill[1:] == skill[:-1])
    return _rows(n + above, np.arange(len(above)), n + above - 1)


def _entries(programme: Programme, column_of: NDArray[np.int64]) -> tuple[Entries, Numbers]:
    course, skill = np.nonzero(programme.entry > programme.have)
    return _rows(course, np.arange(len(course)), column_of[skill, programme.entry[course, skill]])


def _prerequisites(programme: Programme) -> tuple[Entries, Numbers]:
    group, member = [], []
    flat = (set(one) for groups in programme.requires for one in groups)
    for g, members in enumerate(flat):
        group.extend([g] * len(members))
        member.extend(sorted(members))
    owner = programme.group_owner.astype(np.int64)
    keep = np.array(member, dtype=np.int64) != owner[np.array(group, dtype=np.int64)]  # nobody opens the way to itself
    return _rows(owner, np.array(group, dtype=np.int64)[keep], np.array(member, dtype=np.int64)[keep])


def _limits(programme: Programme) -> Iterator[tuple[Entries, Numbers]]:
    """Yield a row a limit, as shares of it."""
    for each, limit in ((programme.hours, programme.max_hours), (programme.cost, programme.max_cost)):
        if limit:
            column = np.arange(len(programme))
            yield (np.zeros(len(programme), dtype=np.int64), column, each / limit), np.array([1.0 + SLACK])


def loop_cuts(programme: Programme, chosen: IntArray) -> list[tuple[IntArray, IntArray]]:
    """Return, for chosen courses that can never start, rows x_c ≤ Σ x_d that forbid it: pairs (loop, outside).

    Let U be a set of courses, and pick for each u ∈ U one requirement that is not met now: an entry level, met by D(s,e),
    or a prerequisite group. E are the courses outside U that meet the picked requirement of some u ∈ U. Then for every
    c ∈ U, in every valid order, x_c ≤ Σ x_d over d ∈ E. Proof: if c is taken, let u be the first of U in the order. Its
    picked requirement is met by a course before it, for an entry level by the first to bring it, which is in D(s,e); that
    course is not in U, as u is the first, so it is in E. (The loop formulas of answer-set programming: Lin and Zhao,
    "ASSAT", Artificial Intelligence 157, 2004.)

    U are the smallest sets of stuck courses in which every picked requirement is met, as far as chosen, by U alone: none
    of E is chosen, so that each row cuts the choice off. Picked is the requirement fewest courses meet.
    """
    progress = Progress(programme)
    progress.take_what_can_start(chosen)
    stuck = chosen[~progress.taken[chosen]]
    meets = {course: _hardest_requirement(programme, progress, course) for course in stuck.tolist()}
    needs = {course: [one for one in stuck.tolist() if meets[course][one]] for course in stuck.tolist()}
    cuts = []
    for loop in _closed_sets(needs):
        members = np.array(loop, dtype=np.int32)
        outside = np.logical_or.reduce([meets[course] for course in loop])
        outside[members] = False
        cuts.append((members, np.flatnonzero(outside).astype(np.int32)))
    return cuts


def violated(programme: Programme, value: Numbers) -> list[Row]:
    """Return the rows of `loop_cuts` that values of x, (n,), within [0, 1], break.

    Looked for among the courses of at least some value, for a few such values: each set of courses gives its own rows,
    and all of them are valid. If the values are whole and no row is found, what is chosen can be put in order.
    """
    found: dict[tuple[int, tuple[int, ...]], Row] = {}
    seen = set()
    for least in _LEAST_VALUES:
        chosen = np.flatnonzero(value >= least).astype(np.int32)
        if len(chosen) in seen:
            continue
        seen.add(len(chosen))
        for loop, outside in loop_cuts(programme, chosen):
            most = value[outside].sum() + _VIOLATION
            found |= {(c, tuple(outside)): (c, outside) for c in loop.tolist() if value[c] > most}
    return list(found.values())


_LEAST_VALUES = (0.999, 0.7, 0.5, 0.3, 0.1, 0.01)
_VIOLATION = 0.01


def _hardest_requirement(programme: Programme, progress: Progress, course: int) -> BoolArray:
    """Tell of each course whether it meets the unmet requirement of `course` that fewest meet, (n,)."""
    found = []
    for skill in np.flatnonzero(programme.entry[course] > progress.levels).tolist():
        found.append(first_to_bring(programme, skill, int(programme.entry[course, skill])))
    for group in programme.requires[course]:
        if not progress.taken[list(group)].any():
            members = np.zeros(len(programme), dtype=np.bool_)
            members[list(group)] = True
            found.append(members)
    return min(found, key=lambda one: int(one.sum()))


def _closed_sets(needs: dict[int, list[int]]) -> Iterator[list[int]]:
    """Yield the smallest sets that need nothing outside themselves: the strongly connected sets no arrow leaves."""
    needed_by: dict[int, list[int]] = {one: [] for one in needs}
    for one, others in needs.items():
        for other in others:
            needed_by[other].append(one)
    left = set(needs)
    while left:
        start = min(left)
        while True:
            ahead = _reached(needs, start)
            beyond = ahead - _reached(needed_by, start)
            if not beyond:
                break
            start = min(beyond)  # what it reaches is less: `start` is not among it
        yield sorted(ahead)
        left -= _reached(needed_by, start)


def _reached(arrows: dict[int, list[int]], start: int) -> set[int]:
    seen, waiting = {start}, [start]
    while waiting:
        for other in arrows[waiting.pop()]:
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return seen
