"""The people of one company, what they completed and what they must, and all its tables together.

Positions, times and their absence are those of `recommender.arrays`; every array is read-only. How the tables are read
and validated is the business of whoever holds the files; nothing here opens one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import EARLIEST, NONE, BoolArray, FloatArray, Ids, IntArray, LongArray, frozen
from recommender.catalog import Catalog, Roles, Skills


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
        return slice(start, start + int(self.at[start:stop].searchsorted(as_of)))

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

    def present_from(self, employee_idx: int, start: int, *, latest: int) -> int:
        """Return the moment from `start` on when a person is there to be asked: the hire if later, `latest` at most."""
        return min(max(start, int(self.hired_at[employee_idx])), latest)

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
