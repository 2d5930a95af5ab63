"""The tables in memory: frozen columns addressed by position.

External ids are `str`; inside, `course_idx`, `skill_idx`, `role_idx` and `employee_idx` are `int32` positions, −1 for
"none". Times are `int64` seconds since 1970-01-01 UTC; `EARLIEST` and `LATEST` stand for "no bound". Every array is
read-only. How they are read and validated is the business of whoever holds the files; nothing here opens one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int32]
LongArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]
Array = TypeVar("Array", bound=NDArray[Any])

NONE = -1
EARLIEST = -(2**62)
LATEST = 2**62
DAY = 86_400
"""Seconds in a day."""

LEVEL_OF_DIFFICULTY = np.array([3, 2, 3, 4, 5], dtype=np.int8)
"""Level a course is assumed to reach, by difficulty code: 0 unknown, 1 beginner … 4 expert (design, section 4)."""


def frozen(array: Array) -> Array:
    """Return `array` set read-only."""
    array.flags.writeable = False
    return array


@dataclass(frozen=True, slots=True)
class Ragged:
    """Rows of different length: row i is `values[indptr[i]:indptr[i + 1]]`.

    Shapes: `indptr` (n + 1,) int64 from 0, never falling; `values` (indptr[n],).
    """

    indptr: LongArray
    values: IntArray

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[int]]) -> Ragged:
        """Pack rows of positions, in order."""
        lists = [np.asarray(row, dtype=np.int32) for row in rows]
        indptr = np.zeros(len(lists) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in lists], out=indptr[1:])
        values = np.concatenate(lists) if lists else np.empty(0, dtype=np.int32)
        return cls(frozen(indptr), frozen(values.astype(np.int32, copy=False)))

    @classmethod
    def empty(cls, n_rows: int) -> Ragged:
        """Return `n_rows` rows with nothing in them."""
        return cls(frozen(np.zeros(n_rows + 1, dtype=np.int64)), frozen(np.empty(0, dtype=np.int32)))

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def row(self, i: int) -> IntArray:
        """Return row i."""
        return self.values[self.indptr[i] : self.indptr[i + 1]]


class Ids:
    """External ids and their positions: `ids[i]` is the id at position i, `index[id]` its position."""

    __slots__ = ("ids", "index")

    def __init__(self, ids: Iterable[str]) -> None:
        self.ids: tuple[str, ...] = tuple(ids)
        self.index: Mapping[str, int] = {one: i for i, one in enumerate(self.ids)}
        if len(self.index) != len(self.ids):
            raise ValueError("ids must be unique")

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, i: int) -> str:
        return self.ids[i]

    def find(self, one: str) -> int:
        """Return the position of an id, `NONE` if it is unknown."""
        return self.index.get(one, NONE)

    def find_all(self, many: Iterable[str]) -> IntArray:
        """Return the positions of ids in their order, shape (n,), `NONE` where unknown."""
        return np.fromiter((self.index.get(one, NONE) for one in many), dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Skills:
    """The skills: ids, names (the id where no name is known) and kinds ("" unknown)."""

    ids: Ids
    names: tuple[str, ...]
    kinds: tuple[str, ...]

    @classmethod
    def empty(cls) -> Skills:
        """Return no skills at all."""
        return cls(Ids(()), (), ())


@dataclass(frozen=True, slots=True)
class SkillRows:
    """What each course teaches or each role needs: parallel arrays cut by `indptr`.

    Row i is `slice(indptr[i], indptr[i + 1])` of `skill_idx` int32, `level` int8 (1–5), `entry_level` int8 (0–4; courses
    only), `entry_declared` bool (False: assumed, orders paths but forbids nothing), `weight` float32 (importance of a
    role's skill, confidence of a course's skill; both in (0, 1]).
    """

    indptr: LongArray
    skill_idx: IntArray
    level: NDArray[np.int8]
    entry_level: NDArray[np.int8]
    entry_declared: BoolArray
    weight: FloatArray

    @classmethod
    def empty(cls, n_rows: int) -> SkillRows:
        """Return `n_rows` rows without skills."""
        none = np.empty(0, dtype=np.int8)
        return cls(
            frozen(np.zeros(n_rows + 1, dtype=np.int64)),
            frozen(np.empty(0, dtype=np.int32)),
            none,
            none,
            frozen(np.empty(0, dtype=np.bool_)),
            frozen(np.empty(0, dtype=np.float32)),
        )

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def span(self, i: int) -> slice:
        """Return where row i lies in the parallel arrays."""
        return slice(int(self.indptr[i]), int(self.indptr[i + 1]))


@dataclass(frozen=True)
class Catalog:
    """The courses, column by column; every sequence has length n.

    `difficulty` int8, 0 unknown, 1 beginner … 4 expert. `hours` float32 > 0 with the median where unknown
    (`hours_assumed`). `cost` float32, NaN unknown. `available_from`, `available_to` int64 seconds, `to` exclusive.
    `prerequisites` and `supersedes` hold course positions. Texts are "" where unknown.
    """

    ids: Ids
    titles: tuple[str, ...]
    descriptions: tuple[str, ...]
    providers: tuple[str, ...]
    formats: tuple[str, ...]
    languages: tuple[str, ...]
    urls: tuple[str, ...]
    uris: tuple[str, ...]
    credentials: tuple[str, ...]
    tags: tuple[tuple[str, ...], ...]
    audience: tuple[tuple[str, ...], ...]
    difficulty: NDArray[np.int8]
    hours: FloatArray
    hours_assumed: BoolArray
    cost: FloatArray
    available_from: LongArray
    available_to: LongArray
    published: BoolArray
    prerequisites: Ragged
    supersedes: Ragged
    skills: SkillRows

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def version_group(self) -> IntArray:
        """Smallest position of the courses tied by `supersedes` in either direction, shape (n,): one group, one course."""
        if not self.has_versions:
            return frozen(np.arange(len(self), dtype=np.int32))
        group = np.arange(len(self), dtype=np.int32)
        for newer in range(len(self)):
            for older in self.supersedes.row(newer):
                a, b = _root(group, newer), _root(group, int(older))
                group[max(a, b)] = min(a, b)
        return frozen(np.array([_root(group, i) for i in range(len(self))], dtype=np.int32))

    @cached_property
    def has_versions(self) -> bool:
        """Whether any course supersedes another."""
        return len(self.supersedes.values) > 0

    @cached_property
    def restricted(self) -> BoolArray:
        """True for a course with an audience or a declared prerequisite, shape (n,)."""
        audience = np.fromiter((len(one) > 0 for one in self.audience), dtype=np.bool_, count=len(self))
        return frozen(audience | (np.diff(self.prerequisites.indptr) > 0))

    def superseded_at(self, moment: int) -> BoolArray:
        """Tell of each course whether one that supersedes it is published and available at a moment, shape (n,)."""
        old = np.zeros(len(self), dtype=np.bool_)
        if self.has_versions:
            newer = np.repeat(np.arange(len(self)), np.diff(self.supersedes.indptr))
            live = self.published[newer] & (self.available_from[newer] <= moment) & (moment < self.available_to[newer])
            old[self.supersedes.values[live]] = True
        return old


def _root(group: IntArray, i: int) -> int:
    while group[i] != i:
        i = int(group[i])
    return i


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles and what they need; every sequence has length n, `needs.weight` is importance."""

    ids: Ids
    titles: tuple[str, ...]
    families: tuple[str, ...]
    descriptions: tuple[str, ...]
    needs: SkillRows

    @classmethod
    def empty(cls) -> Roles:
        """Return no roles at all."""
        return cls(Ids(()), (), (), (), SkillRows.empty(0))

    def __len__(self) -> int:
        return len(self.ids)

    def names_of(self, role_idx: int) -> tuple[str, ...]:
        """Return the id and the title of a role, by which an audience may name it; nothing for `NONE`."""
        return () if role_idx == NONE else (self.ids[role_idx], self.titles[role_idx])


@dataclass(frozen=True)
class Completions:
    """Every completion, sorted by employee, time, course.

    `employee_idx`, `course_idx` int32, `at` int64, `assigned` bool (prescribed: part of history and skills, never a
    training target, a trend or a hit), `first` bool (the employee's first completion of the course: the interaction).
    All have shape (n,). `indptr` (n_employees + 1,) cuts them by employee.
    """

    employee_idx: IntArray
    course_idx: IntArray
    at: LongArray
    assigned: BoolArray
    first: BoolArray
    indptr: LongArray

    @classmethod
    def from_columns(
        cls,
        employee_idx: IntArray,
        course_idx: IntArray,
        at: LongArray,
        *,
        assigned: BoolArray,
        n_employees: int,
    ) -> Completions:
        """Sort rows, in any order and without duplicates, and mark first completions."""
        order = np.lexsort((course_idx, at, employee_idx))
        employee_idx, course_idx = employee_idx[order].astype(np.int32), course_idx[order].astype(np.int32)
        n_courses = int(course_idx.max(initial=0)) + 1
        pair = employee_idx.astype(np.int64) * n_courses + course_idx
        first = np.zeros(len(pair), dtype=np.bool_)
        first[np.unique(pair, return_index=True)[1]] = True
        indptr = np.searchsorted(employee_idx, np.arange(n_employees + 1, dtype=np.int64))
        return cls(
            frozen(employee_idx),
            frozen(course_idx),
            frozen(at[order].astype(np.int64)),
            frozen(assigned[order]),
            frozen(first),
            frozen(indptr.astype(np.int64)),
        )

    def __len__(self) -> int:
        return len(self.at)

    @property
    def n_employees(self) -> int:
        """How many employees the rows are cut for, those without a completion included."""
        return len(self.indptr) - 1

    @cached_property
    def targets(self) -> BoolArray:
        """True where a completion is an interaction by choice: first of its pair and not assigned, shape (n,)."""
        return frozen(self.first & ~self.assigned)

    def span(self, employee_idx: int, as_of: int) -> slice:
        """Return where the completions of one employee strictly before `as_of` lie."""
        start, stop = int(self.indptr[employee_idx]), int(self.indptr[employee_idx + 1])
        return slice(start, start + int(np.searchsorted(self.at[start:stop], as_of)))

    def before(self, as_of: int) -> Completions:
        """Return the completions strictly before `as_of`, for the same employees."""
        keep = self.at < as_of
        kept = np.zeros(len(keep) + 1, dtype=np.int64)
        np.cumsum(keep, out=kept[1:])
        return Completions(
            frozen(self.employee_idx[keep]),
            frozen(self.course_idx[keep]),
            frozen(self.at[keep]),
            frozen(self.assigned[keep]),
            frozen(self.first[keep]),
            frozen(kept[self.indptr]),
        )


@dataclass(frozen=True, slots=True)
class Dated:
    """Dated facts of each employee: rows cut by `indptr`, each with a subject, a value and a time.

    `subject` int32 (a course, skill or role position), `value` int16 (a level, a verb's code, a share in percent) and
    `at` int64 (`EARLIEST` where undated). What subject and value mean is said where the field is declared.
    """

    indptr: LongArray
    subject: IntArray
    value: NDArray[np.int16]
    source: NDArray[np.int8]
    at: LongArray

    @classmethod
    def from_columns(
        cls,
        employee_idx: IntArray,
        subject: IntArray,
        value: NDArray[np.int16],
        source: NDArray[np.int8],
        at: LongArray,
        *,
        n_employees: int,
    ) -> Dated:
        """Sort rows by employee, then time, then subject."""
        order = np.lexsort((subject, at, employee_idx))
        indptr = np.searchsorted(employee_idx[order], np.arange(n_employees + 1))
        return cls(
            frozen(indptr.astype(np.int64)),
            frozen(subject[order].astype(np.int32)),
            frozen(value[order].astype(np.int16)),
            frozen(source[order].astype(np.int8)),
            frozen(at[order].astype(np.int64)),
        )

    @classmethod
    def empty(cls, n_employees: int) -> Dated:
        """Return no facts for `n_employees` people."""
        none = np.empty(0, dtype=np.int64)
        return cls.from_columns(
            none.astype(np.int32),
            none.astype(np.int32),
            none.astype(np.int16),
            none.astype(np.int8),
            none,
            n_employees=n_employees,
        )

    def span(self, employee_idx: int) -> slice:
        """Return where the facts of one employee lie, oldest first."""
        return slice(int(self.indptr[employee_idx]), int(self.indptr[employee_idx + 1]))


@dataclass(frozen=True, slots=True)
class Assignment:
    """One rule of mandatory training. `NONE` or "*" fields match everyone; times in seconds, spans in days, or None."""

    course_idx: int
    employee_idx: int = NONE
    role_idx: int = NONE
    department: str = "*"
    due_at: int | None = None
    due_days: int | None = None
    recur_days: int | None = None


@dataclass(frozen=True, slots=True)
class People:
    """The employees, column by column; every sequence has length n.

    `role_idx`, `target_role_idx` int32 (`NONE` unknown) as of now; `target_since`, `hired_at` int64 (`EARLIEST`
    undated). `hours_per_week` and `budget` float32, NaN unknown. `role_changes`: subject = new role, value = previous
    role. `evidence`: subject = skill, value = level, source = position in schema.EVIDENCE_SOURCES. `feedback`: subject =
    course, value = position in schema.FEEDBACK_VERBS. `begun`: subject = course, value = progress in percent.
    """

    ids: Ids
    names: tuple[str, ...]
    departments: tuple[str, ...]
    locations: tuple[str, ...]
    languages: tuple[str, ...]
    role_idx: IntArray
    target_role_idx: IntArray
    target_since: LongArray
    hired_at: LongArray
    hours_per_week: FloatArray
    budget: FloatArray
    role_changes: Dated
    evidence: Dated
    feedback: Dated
    begun: Dated
    assignments: tuple[Assignment, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def role_at(self, employee_idx: int, at: int) -> int:
        """Return the role held at a time: the last change at or before it, else the role the first change left."""
        rows = self.role_changes.span(employee_idx)
        if rows.start == rows.stop:
            return int(self.role_idx[employee_idx])
        n_past = int(np.searchsorted(self.role_changes.at[rows], at, side="right"))
        if n_past == 0:
            return int(self.role_changes.value[rows.start])
        return int(self.role_changes.subject[rows.start + n_past - 1])

    def target_at(self, employee_idx: int, at: int, *, now: int) -> int:
        """Return the target role visible at a time: an undated one is seen by no question about the past."""
        since = int(self.target_since[employee_idx])
        visible = since <= at if since != EARLIEST else at >= now
        return int(self.target_role_idx[employee_idx]) if visible else NONE


@dataclass(frozen=True)
class Dataset:
    """Everything a fit, an evaluation or a batch reads: the tables of one company.

    `now` is the moment the tables were taken: the latest time in them, or what the reader was told. `fingerprint` is
    the SHA-256 of the rows, in hex.
    """

    catalog: Catalog
    skills: Skills
    roles: Roles
    people: People
    completions: Completions
    now: int
    fingerprint: str = ""
    absent: tuple[str, ...] = field(default=())

    def with_completions(self, completions: Completions) -> Dataset:
        """Return the same company with other completions."""
        return replace(self, completions=completions)
