"""The learning path as a programme over positions: what is asked, and the laws every answer keeps.

There are n courses and the m skills that matter. A course may start once its declared entry levels are reached and one
course of each of its prerequisite groups is taken; it then lifts each skill to max(current, taught). What is sought is
the order within the limits that covers most of what is needed (design section 6):

    coverage(levels) = Σ importance·min(level, needed) / Σ importance·needed

Courses are positions here: the last tie-break everywhere is the lower position, so the caller sorts them by id.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import BoolArray, IntArray, Ragged, frozen
from recommender.arrays import Levels as Levels

Numbers = NDArray[np.float64]
Groups = tuple[tuple[int, ...], ...]

HIGHEST_LEVEL = 5
SLACK = 1e-9
"""Limits are kept to this share of them (or this much, below 1): sums of hours are rounded."""
_LARGEST = float(np.finfo(np.float32).max)
"""A limit beyond it limits nothing and counts as this, so that no sum with it overflows."""


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """Which courses there are, what they teach and ask, what is needed and what may be spent.

    Parameters
    ----------
    have, needed
        Levels 0–5 of the m skills now and as needed, (m,); needed is 0 for a skill that is only a stepping stone.
    importance
        Weight of each skill, ≥ 0, (m,); 0 where nothing is needed.
    taught
        Level each course leads to, (n, m), 0–5; 0 where it teaches nothing.
    entry, assumed_entry
        Level each course asks for, (n, m), 0–5, 0 for none. Declared ones (`entry`) forbid; assumed ones only order.
    requires
        For each course its groups of positions: of each group one must be taken before it. What is already met is not
        listed.
    hours, cost, relevance
        Per course, (n,): > 0, ≥ 0, and within [0, 1].
    max_hours, max_cost
        What may be spent in all; None for no limit.

    Raises
    ------
    ValueError
        If a shape or a value is none of these.
    """

    have: Levels
    needed: Levels
    importance: Numbers
    taught: Levels
    entry: Levels
    assumed_entry: Levels
    requires: tuple[Groups, ...]
    hours: Numbers
    cost: Numbers
    relevance: Numbers
    max_hours: float | None = None
    max_cost: float | None = None
    total: float = field(init=False)
    group_owner: IntArray = field(init=False, repr=False)
    """(g,) whose each prerequisite group is, g groups in the order of courses."""
    groups_with: Ragged = field(init=False, repr=False)
    """Row c: the groups that taking course c meets."""
    unmet_at_start: IntArray = field(init=False, repr=False)
    """(n,) how many declared entry levels and prerequisite groups each course lacks now."""
    entry_by_skill: dict[int, Levels] = field(init=False, repr=False)
    """For each skill some course asks for: the entry levels of all courses, (n,)."""

    def __post_init__(self) -> None:
        _check(self)
        put = object.__setattr__
        for name in ("have", "needed", "taught", "entry", "assumed_entry"):
            put(self, name, frozen(np.array(getattr(self, name), dtype=np.int8)))
        for name in ("importance", "hours", "cost", "relevance"):
            put(self, name, frozen(np.array(getattr(self, name), dtype=np.float64)))
        for name in ("max_hours", "max_cost"):
            limit = getattr(self, name)
            put(self, name, None if limit is None else min(limit, _LARGEST))
        put(self, "total", math.fsum((self.importance * self.needed).tolist()))
        owner = [course for course, groups in enumerate(self.requires) for _ in groups]
        put(self, "group_owner", frozen(np.array(owner, dtype=np.int32)))
        put(self, "groups_with", _groups_with(self.requires))
        unmet = (self.entry > self.have).sum(axis=1) + np.array([len(groups) for groups in self.requires], dtype=int)
        put(self, "unmet_at_start", frozen(unmet.astype(np.int32)))
        asked = np.flatnonzero(self.entry.any(axis=0)).tolist()
        put(self, "entry_by_skill", {one: frozen(self.entry[:, one].copy()) for one in asked})

    def __len__(self) -> int:
        return len(self.hours)

    def coverage(self, levels: Levels) -> float:
        """Return Σ importance·min(level, needed) / total, in [0, 1]; 1 where nothing is needed, as nothing is missing."""
        if self.total == 0:
            return 1.0
        return math.fsum((self.importance * np.minimum(levels, self.needed)).tolist()) / self.total

    def gains(self, levels: Levels, courses: IntArray) -> Numbers:
        """Return what each course adds to coverage·total once taken, shape (len(courses),), ≥ 0.

        A row's sum does not depend on which other rows are asked for.
        """
        lifted = np.minimum(self.taught[courses], self.needed) - np.minimum(levels, self.needed)
        return np.asarray((np.maximum(lifted, 0) * self.importance).sum(axis=1))

    def only(self, courses: IntArray) -> Programme:
        """Return the programme of some courses, in the order given; the others leave every prerequisite group.

        Raises
        ------
        ValueError
            If a course keeps a group without anybody in it.
        """
        place = {course: i for i, course in enumerate(courses.tolist())}
        requires = tuple(
            tuple(tuple(place[one] for one in group if one in place) for group in self.requires[course])
            for course in courses.tolist()
        )
        rows = {name: getattr(self, name)[courses] for name in _PER_COURSE}
        same = {name: getattr(self, name) for name in ("have", "needed", "importance", "max_hours", "max_cost")}
        return Programme(requires=requires, **rows, **same)


_PER_COURSE = ("taught", "entry", "assumed_entry", "hours", "cost", "relevance")


class Progress:
    """Where somebody stands on the way: what is taken, reached and spent, and what each course still lacks.

    `levels` (m,) int8; `taken` (n,) bool; `unmet` (n,) int32, declared entry levels and prerequisite groups lacking. Taking
    all n courses is O(n·m·levels): only what a lift passes is looked at.
    """

    __slots__ = ("_met", "cost", "hours", "levels", "programme", "taken", "unmet")

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.levels = programme.have.copy()
        self.taken = np.zeros(len(programme), dtype=np.bool_)
        self.unmet = programme.unmet_at_start.copy()
        self.hours = 0.0
        self.cost = 0.0
        self._met = np.zeros(len(programme.group_owner), dtype=np.bool_)

    def copy(self) -> Progress:
        """Return the same standing, to go on from without changing this one."""
        other = Progress(self.programme)
        other.levels, other.taken, other.unmet = self.levels.copy(), self.taken.copy(), self.unmet.copy()
        other.hours, other.cost, other._met = self.hours, self.cost, self._met.copy()
        return other

    def take(self, *courses: int) -> None:
        """Take courses together, whether they may start or not, and whether they fit."""
        programme, chosen = self.programme, list(courses)
        self.taken[chosen] = True
        for course in chosen:
            self.hours += float(programme.hours[course])
            self.cost += float(programme.cost[course])
            for group in programme.groups_with.row(course).tolist():
                if not self._met[group]:
                    self._met[group] = True
                    self.unmet[programme.group_owner[group]] -= 1
        reached = np.maximum(programme.taught[chosen].max(axis=0, initial=0), self.levels)
        for skill in np.flatnonzero(reached > self.levels).tolist():
            if skill in programme.entry_by_skill:
                self.unmet -= _passed(programme.entry_by_skill[skill], self.levels[skill], reached[skill])
        self.levels = reached

    def take_what_can_start(self, courses: IntArray) -> None:
        """Take all of `courses` that can start once others of them are taken, limits aside."""
        while len(now := self.startable(courses)):
            self.take(*now.tolist())

    def startable(self, courses: IntArray) -> IntArray:
        """Return those of `courses` not taken whose entry levels and prerequisites are met."""
        return np.asarray(courses[(self.unmet[courses] == 0) & ~self.taken[courses]])

    def fitting(self, courses: IntArray) -> IntArray:
        """Return those of `courses` that what is left of the limits allows."""
        programme = self.programme
        for spent, each, limit in (
            (self.hours, programme.hours, programme.max_hours),
            (self.cost, programme.cost, programme.max_cost),
        ):
            if limit is not None:
                courses = courses[spent + each[courses] <= limit + SLACK * max(1.0, limit)]
        return courses


def walk(programme: Programme, order: Sequence[int]) -> tuple[Levels, bool]:
    """Take courses in an order and return the levels after each, (len(order), m), and whether the order is valid.

    Valid: no course twice, each startable when its turn comes, and all within the limits.
    """
    progress = Progress(programme)
    levels = np.zeros((len(order), len(programme.have)), dtype=np.int8)
    valid = True
    for i, course in enumerate(order):
        one = np.array([course], dtype=np.int32)
        valid = valid and len(progress.fitting(progress.startable(one))) == 1
        progress.take(course)
        levels[i] = progress.levels
    return levels, valid


def in_order(programme: Programme, chosen: Iterable[int]) -> list[int]:
    """Return the chosen courses in the order to take them; what can never start or no longer fits is left out.

    Of those that may start now: fewest assumed entry levels lacking, then lower highest taught level, then higher
    relevance, then lower position. Which courses can start at all does not depend on the order, as lifts only add up.
    """
    progress = Progress(programme)
    waiting = np.unique(np.fromiter(chosen, dtype=np.int32))
    highest = programme.taught.max(axis=1, initial=0)
    order: list[int] = []
    while True:
        now = progress.fitting(progress.startable(waiting))
        if not len(now):
            return order
        assumed_missing = (programme.assumed_entry[now] > progress.levels).sum(axis=1)
        keys = (now, -programme.relevance[now], highest[now], assumed_missing)
        order.append(int(now[np.lexsort(keys)[0]]))
        progress.take(order[-1])


def reachable(programme: Programme, courses: IntArray) -> tuple[BoolArray, Levels]:
    """Return which courses can ever start with nothing but `courses`, limits aside, (n,), and the levels all lead to."""
    progress = Progress(programme)
    progress.take_what_can_start(courses)
    return progress.taken, progress.levels


def greedy(programme: Programme) -> list[int]:
    """Return the better of two simple orders: by gain per hour, or the best single course.

    By gain per hour: always the startable course that fits and adds most coverage an hour, until none adds any. Ties:
    higher relevance, then lower position. A course without a gain of its own is never taken, so nothing behind a
    stepping stone is found. It is what the exact answer is never below, and all there is without HiGHS.
    """
    order = extended(programme, [])
    everyone = np.arange(len(programme), dtype=np.int32)
    start = Progress(programme)
    now = start.fitting(start.startable(everyone))
    if not len(now):
        return order
    gain = programme.gains(programme.have, now)
    best = int(now[np.lexsort((now, -programme.relevance[now], -gain))[0]])
    single = programme.coverage(np.maximum(programme.have, programme.taught[best]))
    return [best] if single > covered(programme, order) else order


def guided(programme: Programme, value: Numbers) -> list[int]:
    """Return the order that always takes the startable, fitting course of highest value, (n,), of those above 0.

    Ties: lower position. What still adds coverage and fits follows by gain per hour.
    """
    progress, order = Progress(programme), []
    wished = np.flatnonzero(value > 0).astype(np.int32)
    while len(now := progress.fitting(progress.startable(wished))):
        order.append(int(now[value[now].argmax()]))
        progress.take(order[-1])
    return extended(programme, order)


def extended(programme: Programme, order: Sequence[int]) -> list[int]:
    """Return an order continued by gain per hour until no course that may start and fits adds anything."""
    progress, found = Progress(programme), list(order)
    for course in found:
        progress.take(course)
    adding = np.flatnonzero(~progress.taken).astype(np.int32)
    while True:
        gain = programme.gains(progress.levels, adding)
        adding, gain = adding[gain > 0], gain[gain > 0]  # a gain never comes back: levels only rise
        now = progress.fitting(progress.startable(adding))
        if not len(now):
            return found
        rate = gain[np.searchsorted(adding, now)] / programme.hours[now]
        found.append(int(now[np.lexsort((now, -programme.relevance[now], -rate))[0]]))
        progress.take(found[-1])


def levels_after(programme: Programme, order: Sequence[int] | IntArray) -> Levels:
    """Return the levels once all of an order is taken, (m,)."""
    taught = programme.taught[np.asarray(order, dtype=np.int32)]
    return np.asarray(np.maximum(programme.have, taught.max(axis=0, initial=0)), dtype=np.int8)


def covered(programme: Programme, order: Sequence[int]) -> float:
    """Return the coverage once all of an order is taken."""
    return programme.coverage(levels_after(programme, order))


def quick_bound(programme: Programme) -> float:
    """Return an upper bound on coverage that needs no solver.

    The least of: everything that can start is taught; and, for each limit, the present coverage plus the best fractional
    choice when every course adds what it would add first (gains only shrink as levels rise).
    """
    everyone = np.arange(len(programme), dtype=np.int32)
    _, levels = reachable(programme, everyone)
    bound = programme.coverage(levels)
    if not programme.total:
        return bound
    gain, before = programme.gains(programme.have, everyone), programme.coverage(programme.have)
    for each, limit in ((programme.hours, programme.max_hours), (programme.cost, programme.max_cost)):
        if limit is not None:
            bound = min(bound, before + _fractional(gain, each, limit) / programme.total + SLACK)
    return bound


def _fractional(gain: Numbers, each: Numbers, limit: float) -> float:
    """Return the most gain a limit buys where courses can be cut in pieces."""
    with np.errstate(divide="ignore", invalid="ignore"):
        by_rate = np.argsort(-np.where(gain > 0, gain / each, 0.0), kind="stable")
    spent = np.concatenate([[0.0], np.cumsum(each[by_rate])[:-1]])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(each[by_rate] > 0, (limit - spent) / each[by_rate], 1.0)
    return float((gain[by_rate] * np.clip(share, 0.0, 1.0)).sum())


def _passed(asked: Levels, old: np.int8, new: np.int8) -> BoolArray:
    return np.asarray((asked > old) & (asked <= new))


def _groups_with(requires: Sequence[Groups]) -> Ragged:
    rows: list[list[int]] = [[] for _ in requires]
    flat = [group for groups in requires for group in groups]
    for g, group in enumerate(flat):
        for course in set(group):
            rows[course].append(g)
    return Ragged.from_rows(rows)


def _check(programme: Programme) -> None:
    n, m = np.shape(programme.taught)
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(("have", "needed", "importance"), (m,))
    shapes |= dict.fromkeys(("entry", "assumed_entry"), (n, m)) | dict.fromkeys(("hours", "cost", "relevance"), (n,))
    for name, shape in shapes.items():
        if np.shape(getattr(programme, name)) != shape:
            raise ValueError(f"{name}: shape {np.shape(getattr(programme, name))}; expected {shape}")
    for name in ("have", "needed", "taught", "entry", "assumed_entry"):
        _check_range(name, getattr(programme, name), 0, HIGHEST_LEVEL)
    for name, most in (("importance", math.inf), ("hours", math.inf), ("cost", math.inf), ("relevance", 1.0)):
        _check_range(name, getattr(programme, name), 0, most)
    if not np.all(np.asarray(programme.hours) > 0):
        raise ValueError("hours: a course of 0 hours; expected more than 0")
    if np.any((np.asarray(programme.importance) > 0) & (np.asarray(programme.needed) == 0)):
        raise ValueError("importance: above 0 for a skill that is not needed; expected 0")
    for name in ("max_hours", "max_cost"):
        limit = getattr(programme, name)
        if limit is not None and not 0 <= limit < math.inf:
            raise ValueError(f"{name}: {limit}; expected a finite number of at least 0, or None")
    _check_groups(programme.requires, n)


def _check_range(name: str, values: Any, least: float, most: float) -> None:
    wrong = ~(np.isfinite(values) & (np.asarray(values) >= least) & (np.asarray(values) <= most))
    if wrong.any():
        raise ValueError(f"{name}: {np.asarray(values)[wrong][0]}; expected finite numbers from {least} to {most}")


def _check_groups(requires: Sequence[Groups], n: int) -> None:
    if len(requires) != n:
        raise ValueError(f"requires: {len(requires)} courses; expected {n}")
    for course, groups in enumerate(requires):
        for group in groups:
            if not group or not all(0 <= one < n for one in group):
                raise ValueError(f"requires: course {course} has the group {group}; expected positions below {n}")
