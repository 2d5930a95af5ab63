"""What may be told of a company's skills: every figure of groups of at least five people, and nothing to work out more.

A tally goes in, with sums over cells of any size. What comes out holds no figure that is not shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import NONE, BoolArray, IntArray, LongArray
from recommender.suppression import COLUMNS, LEAST, ROWS, Margins, protected
from recommender.tally import RoleNeeds, Sums, Tally

LOWEST, HIGHEST = 5, 95
"""Percentages beyond are told as these ends: "all" or "none" would be a statement about each one of a group."""
HIDDEN = -1
"""A count that is not shown; a sum that is not is NaN."""
MOST_GAPS = 15
"""The biggest gaps of a group, for which courses are looked up."""
MOST_COURSES = 3
"""Courses named for each gap."""

Kind = Literal["everyone", "department", "family", "family_in_department", "role"]
_RANK: dict[Kind, int] = {"family_in_department": 0, "role": 1, "family": 2, "department": 3, "everyone": 9}
"""What is hidden first where something must be."""


@dataclass(frozen=True, slots=True)
class Group:
    """People figures are of: everyone, a department, the holders of a role or of the roles of a family, or of both."""

    kind: Kind
    department: str | None = None
    family: str | None = None
    role_idx: int = NONE


@dataclass(frozen=True, slots=True)
class CourseLift:
    """A course that raises a skill in a group.

    `closes` is what it would close of the group's gap if all took it who could start now and gain by it, in whole percent
    from 0 to 100; `starters` about how many these are, a multiple of 5.
    """

    course_idx: int
    closes: int
    starters: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A skill a group lacks: the share that is there, what it is of all that is missing, and how many lack some of it.

    Percentages are whole; `coverage` from `LOWEST` to `HIGHEST`, where the ends stand for what lies beyond too; `people`
    is `HIDDEN` where fewer than five lack some of it, or fewer than five lack nothing, or it would give such a count away.
    """

    skill_idx: int
    coverage: int
    share: int
    people: int
    courses: tuple[CourseLift, ...]


@dataclass(frozen=True)
class Insight:
    """Figures of the groups of a company, protected. A group is a position in `groups`, a skill one in `skills`.

    `people` (n_groups,) how many hold a role that needs skills, `HIDDEN` where the group is not shown; `assumed`
    (n_groups,) the share of their levels that rests on the role alone; `have`, `needed` (n_groups, n_skills) sums of
    importance·levels; `short` (n_groups, n_skills) how many are below the need; `courses` by (group, skill).
    """

    groups: tuple[Group, ...]
    skills: IntArray
    people: LongArray
    assumed: Sums
    have: Sums
    needed: Sums
    short: LongArray
    courses: dict[tuple[int, int], tuple[CourseLift, ...]]
    without_role: int

    @cached_property
    def _places(self) -> dict[Group, int]:
        return {group: i for i, group in enumerate(self.groups)}

    def find(self, department: str | None = None, family: str | None = None) -> int:
        """Return the group of a department, a family of roles, both or neither; `NONE` if there is none."""
        if department is None and family is None:
            return ROWS
        kind: Kind = "family" if department is None else "department" if family is None else "family_in_department"
        return self._places.get(Group(kind, department, family), NONE)

    def those(self, kind: Kind, *, department: str | None = None, family: str | None = None) -> list[int]:
        """Return the groups of a kind in their order, those of a department or a family where one is named."""
        return [
            i
            for i, one in enumerate(self.groups)
            if one.kind == kind and department in (None, one.department) and family in (None, one.family)
        ]

    def is_shown(self, group: int) -> bool:
        """Tell whether anything is shown of a group."""
        return group != NONE and self.people[group] != HIDDEN

    @cached_property
    def _shares(self) -> list[list[int | None]]:
        """Share of each skill's need each group has; the last column is of all that are shown."""
        have, needed = (np.column_stack([one, np.nansum(one, axis=1)]) for one in (self.have, self.needed))
        return [
            [percent(there / need) if need > 0 else None for there, need in zip(*rows, strict=True)]
            for rows in zip(have.tolist(), needed.tolist(), strict=True)
        ]

    def coverage(self, group: int, skill: int = -1) -> int | None:
        """Return the share of its need a group has, of one skill or else of all that are shown; None if not shown."""
        return self._shares[group][skill]

    def most_needed(self, group: int, k: int) -> list[int]:
        """Return the skills a group needs most of, those that are shown of it."""
        needed = np.nan_to_num(self.needed[group])
        order = np.lexsort((np.arange(len(needed)), -needed))
        return [int(skill) for skill in order[:k] if needed[skill] > 0]

    def gaps(self, group: int) -> list[Gap]:
        """Return the biggest gaps of a group, the biggest first."""
        missing = _missing(self.have[group], self.needed[group])
        whole = float(missing.sum())
        return [
            Gap(
                skill_idx=int(self.skills[skill]),
                coverage=percent(float(self.have[group, skill] / self.needed[group, skill])),
                share=round(100 * float(missing[skill]) / whole),
                people=int(self.short[group, skill]),
                courses=self.courses.get((group, skill), ()),
            )
            for skill in _biggest(missing)
        ]


def percent(share: float) -> int:
    """Return a share in whole percent, kept from its ends."""
    return int(min(max(round(100 * share), LOWEST), HIGHEST))


def _missing(have: Sums, needed: Sums) -> Sums:
    """Return how much of each skill counts as missing in a group: what its share, as it is shown, leaves.

    From `HIGHEST` on that is nothing: whether a skill is a gap must not tell that everybody has it, nor how big a part of
    the gap it is that nobody has.
    """
    pairs = zip(have.tolist(), needed.tolist(), strict=True)
    shares = [percent(there / need) if need > 0 else HIGHEST for there, need in pairs]
    left = np.array([0 if share >= HIGHEST else 100 - share for share in shares])
    return np.asarray(np.nan_to_num(needed) * left / 100, dtype=np.float64)


def about(count: float) -> int:
    """Return a count to the nearest 5."""
    return int(LEAST * round(count / LEAST))


def insight_of(tally: Tally) -> Insight:
    """Return what may be told of a tally."""
    return _Sheet(tally).insight()


def _biggest(missing: Sums) -> list[int]:
    order = np.lexsort((np.arange(len(missing)), -missing))[:MOST_GAPS]
    return [int(skill) for skill in order if missing[skill] > 0]


class _Sheet:
    """The sums of a tally in columns: `entries` are the skills each cell needs, `offers` the courses that teach them."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        keys = sorted(tally.cells, key=lambda key: (key[0], key[1]))
        self.keys, self.cells = keys, [tally.cells[key] for key in keys]
        self.needs: list[RoleNeeds] = [tally.needs[role] for _, role in keys]
        self.people = np.array([cell.people for cell in self.cells], dtype=np.int64)
        self.groups, self.margins = _groups(keys, tally.model.roles.families)
        n_skills = [len(one.skills) for one in self.needs]
        self.entry_cell = np.repeat(np.arange(len(keys)), n_skills)
        named = _joined([one.skills for one in self.needs], np.int32)
        self.skills, self.entry_skill = np.unique(named, return_inverse=True)
        self.have = _joined([cell.have for cell in self.cells], np.float64)
        self.needed = _joined([n.total * c.people for n, c in zip(self.needs, self.cells, strict=True)], np.float64)
        self.short = _joined([cell.short for cell in self.cells], np.int64)

    def insight(self) -> Insight:
        n_groups, n_skills = len(self.groups), len(self.skills)
        base = protected(self.margins, self.people)
        within = self.margins.within
        have, needed = (np.full((n_groups, n_skills), np.nan) for _ in range(2))
        short = np.full((n_groups, n_skills), HIDDEN, dtype=np.int64)
        for skill, entries in enumerate(_split(self.entry_skill, n_skills)):
            cells = self.entry_cell[entries]
            shown, counts_shown = self._shown_of(cells, self.short[entries], base)
            have[shown, skill] = within[np.ix_(shown, cells)] @ self.have[entries]
            needed[shown, skill] = within[np.ix_(shown, cells)] @ self.needed[entries]
            short[counts_shown, skill] = within[np.ix_(counts_shown, cells)] @ self.short[entries]
        needed[needed == 0], have[needed == 0] = np.nan, np.nan
        assumed = np.array([cell.assumed for cell in self.cells])
        whole = within @ self.people
        return Insight(
            groups=self.groups,
            skills=self.skills.astype(np.int32),
            people=np.where(base & (whole > 0), whole, HIDDEN),
            assumed=np.where(base & (whole > 0), (within @ assumed) / np.maximum(whole, 1), np.nan),
            have=have,
            needed=needed,
            short=short,
            courses=dict(self._courses(have, needed)),
            without_role=self.tally.without_role,
        )

    def _shown_of(self, cells: LongArray, short: LongArray, base: BoolArray) -> tuple[BoolArray, BoolArray]:
        """Return of which groups the levels of a skill may be shown, and of which how many are below the need."""
        margins = Margins(self.margins.parent, self.margins.rank, self.margins.row[cells], self.margins.column[cells])
        shown = protected(margins, self.people[cells], shown=base)
        no_roles = shown & np.array([group.kind != "role" for group in self.groups])
        counts = protected(margins, self.people[cells], counted=short, shown=no_roles)
        return shown & margins.within.any(axis=1), counts & margins.within.any(axis=1)

    def _courses(self, have: Sums, needed: Sums) -> Iterator[tuple[tuple[int, int], tuple[CourseLift, ...]]]:
        """Yield the courses that close most of each of the biggest gaps of each group, by (group, skill)."""
        offer_cell = np.repeat(np.arange(len(self.cells)), [len(one.offer_need) for one in self.needs])
        skill = _joined([one.skills[one.offer_need] for one in self.needs], np.int64)
        course = _joined([one.courses[one.offer_course] for one in self.needs], np.int64)
        lift = _joined([cell.lift for cell in self.cells], np.float64)
        starters = _joined([cell.starters for cell in self.cells], np.int64)
        n_courses = len(self.tally.model.catalog)
        pairs, pair = np.unique(np.searchsorted(self.skills, skill) * n_courses + course, return_inverse=True)
        for group in range(len(self.groups)):
            if self.groups[group].kind == "role" or np.isnan(needed[group]).all():
                continue
            offers = self.margins.within[group][offer_cell]
            lifts = np.bincount(pair[offers], lift[offers], len(pairs))
            ready = np.bincount(pair[offers], starters[offers], len(pairs))
            missing = needed[group] - have[group]
            for one in _biggest(_missing(have[group], needed[group])):
                rows = slice(*np.searchsorted(pairs, [one * n_courses, (one + 1) * n_courses]).tolist())
                found = _best(pairs[rows] % n_courses, lifts[rows], ready[rows], float(missing[one]))
                yield (group, one), found


def _best(
    courses: NDArray[np.int64], lifts: NDArray[np.number], ready: NDArray[np.number], missing: float
) -> tuple[CourseLift, ...]:
    order = np.lexsort((courses, -lifts))
    return tuple(
        CourseLift(int(courses[i]), min(round(100 * float(lifts[i]) / missing), 100), about(float(ready[i])))
        for i in order
        if ready[i] >= LEAST and lifts[i] > 0
    )[:MOST_COURSES]


def _groups(keys: Sequence[tuple[str, int]], families: Sequence[str]) -> tuple[tuple[Group, ...], Margins]:
    """Return the groups of cells (department, role) and how they lie in one another; everyone is first, twice.

    Families of roles count only where a role of somebody has one.
    """
    has_families = any(families[role] for _, role in keys)
    places = {Group("everyone"): COLUMNS}
    groups, parent = [Group("everyone"), Group("everyone")], [NONE, NONE]

    def place(group: Group, above: int) -> int:
        if group not in places:
            places[group] = len(groups)
            groups.append(group)
            parent.append(above)
        return places[group]

    row, column = [], []
    for name in sorted({name for name, _ in keys}):
        place(Group("department", department=name), ROWS)
    for name in sorted({families[role] for _, role in keys}) if has_families else ():
        place(Group("family", family=name), COLUMNS)
    for department, role in keys:
        at, above = places[Group("department", department=department)], COLUMNS
        if has_families:
            family = families[role]
            at = place(Group("family_in_department", department, family), at)
            above = places[Group("family", family=family)]
        row.append(at)
        column.append(place(Group("role", family=families[role] if has_families else None, role_idx=role), above))
    rank = [_RANK[group.kind] for group in groups]
    arrays = (np.array(one, dtype=np.int32) for one in (parent, rank, row, column))
    return tuple(groups), Margins(*arrays)


def _joined(parts: Sequence[np.ndarray], dtype: type) -> np.ndarray:
    return np.concatenate([*parts, np.empty(0, dtype=dtype)]).astype(dtype)


def _split(values: np.ndarray, n: int) -> Iterator[np.ndarray]:
    """Yield where each of 0 … n − 1 stands in `values`."""
    order = np.argsort(values, kind="stable")
    ends = np.searchsorted(values[order], np.arange(n + 1))
    yield from (order[a:b] for a, b in pairwise(ends))
