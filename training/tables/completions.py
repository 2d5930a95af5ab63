"""What rows of completions mean: repeats, dates in the future, courses begun and not finished, mandatory training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import NONE, BoolArray, Ids, IntArray, LongArray
from recommender.company import Assignment, Completions, Dated, People
from training.tables.cells import Words
from training.tables.problems import Findings
from training.tables.rows import TableRows, repeats
from training.tables.times import iso


def set_aside_future(rows: TableRows, latest: int, findings: Findings) -> None:
    """Set aside completions after `latest` seconds."""
    at = np.flatnonzero(rows.kept & (rows.times("completed_at") > latest))
    if len(at):
        findings.add(
            rows.finding(
                "completed_at",
                at,
                rows.written(["completed_at"], at),
                reason="in the future",
                expected=f"a time up to {iso(latest)}",
                stops=False,
            )
        )


def set_aside_repeats(rows: TableRows, findings: Findings) -> None:
    """Set aside completions that repeat employee, course and time.

    The one with the most progress stands, an assigned one before a chosen one: the order of rows changes nothing.
    """
    key = rows.table.key
    if not all(name in rows.columns for name in key):
        return
    preferred: list[NDArray[Any]] = []
    if "progress" in rows.columns:
        preferred.append(-np.nan_to_num(rows.numbers("progress"), nan=1.0))
    if "origin" in rows.columns:
        preferred.append(_rank_of_origin(rows.words("origin")))
    keys: list[NDArray[Any]] = [rows.words(name).codes for name in key[:2]]
    keys.append(rows.times("completed_at"))
    again, first = repeats(keys, np.flatnonzero(rows.kept), preferred=preferred)
    if len(again):
        findings.add(
            rows.finding(
                ", ".join(key),
                again,
                rows.written(key, again),
                reason="duplicate completion",
                expected="one row for an employee, a course and a time",
                stops=False,
                first=first,
            )
        )


@dataclass(frozen=True, slots=True)
class Events:
    """The kept rows of completions in positions, all shape (n,).

    `percent` is how much of the course was done where that is less than a completion, −1 for a completion. `origin` is
    0 assigned, 1 self, 2 not said.
    """

    employee_idx: IntArray
    course_idx: IntArray
    at: LongArray
    percent: NDArray[np.int8]
    origin: NDArray[np.int8]


def read_events(rows: TableRows, employees: Ids, courses: Ids, *, in_progress_below: float) -> Events:
    """Translate the kept rows of completions to positions; progress below `in_progress_below` is no completion."""
    kept = slice(None) if rows.kept.all() else np.flatnonzero(rows.kept)
    progress = rows.numbers("progress")[kept]
    begun = progress < in_progress_below
    return Events(
        rows.words("employee_id").positions(employees)[kept],
        rows.words("course_id").positions(courses)[kept],
        rows.times("completed_at")[kept],
        np.where(begun, np.round(np.nan_to_num(progress) * 100), -1).astype(np.int8),
        _rank_of_origin(rows.words("origin"))[kept],
    )


def build_completions(events: Events, people: People) -> Completions:
    """Return the completions among the events, marking mandatory training.

    A row is assigned when it says so, or says nothing and a rule of `people.assignments` prescribes the course to the
    employee, to the role held at that time or to the department.
    """
    finished = events.percent < 0
    chosen = np.flatnonzero(finished) if not finished.all() else slice(None)
    employee_idx, course_idx, at = events.employee_idx[chosen], events.course_idx[chosen], events.at[chosen]
    origin = events.origin[chosen]
    assigned = origin == 0
    unsaid = np.flatnonzero((origin == 2) & np.isin(course_idx, [rule.course_idx for rule in people.assignments]))
    assigned[unsaid] = prescribed(people, employee_idx[unsaid], course_idx[unsaid], at[unsaid])
    return Completions.from_columns(employee_idx, course_idx, at, assigned=assigned, n_employees=len(people))


def prescribed(people: People, employee_idx: IntArray, course_idx: IntArray, at: LongArray) -> BoolArray:
    """Say for each completion whether a rule of mandatory training asked it of the person, shape (n,)."""
    by_person = [rule for rule in people.assignments if _names_one_person(rule)]
    n_courses = 1 + max((rule.course_idx for rule in people.assignments), default=0)
    pairs = np.array([rule.employee_idx * n_courses + rule.course_idx for rule in by_person], dtype=np.int64)
    answer = np.isin(employee_idx.astype(np.int64) * n_courses + course_idx, pairs)
    roles = roles_at(people, employee_idx, at)
    names = {name: i for i, name in enumerate(sorted(set(people.departments)))}
    department = np.array([names[name] for name in people.departments], dtype=np.int32)[employee_idx]
    order = np.argsort(course_idx, kind="stable")
    starts = np.searchsorted(course_idx[order], np.arange(n_courses + 1))
    for rule in people.assignments:
        if not _names_one_person(rule):
            some = order[starts[rule.course_idx] : starts[rule.course_idx + 1]]
            match = np.ones(len(some), dtype=np.bool_)
            if rule.employee_idx != NONE:
                match &= employee_idx[some] == rule.employee_idx
            if rule.role_idx != NONE:
                match &= roles[some] == rule.role_idx
            if rule.department != "*":
                match &= department[some] == names.get(rule.department, NONE)
            answer[some] |= match
    return answer


def roles_at(people: People, employee_idx: IntArray, at: LongArray) -> IntArray:
    """Return `people.role_at` for many employees and times at once, shape (n,)."""
    changes = people.role_changes
    who = np.repeat(np.arange(len(people), dtype=np.int64), np.diff(changes.indptr))
    moments = np.unique(changes.at)
    # Employee and time as one number that sorts like the pair; a moment's number counts the moments up to it.
    stride = len(moments) + 1
    key = who * stride + np.searchsorted(moments, changes.at, side="right")
    asked = employee_idx.astype(np.int64) * stride + np.searchsorted(moments, at, side="right")
    last = np.searchsorted(key, asked, side="right") - 1
    starts, stops = changes.indptr[employee_idx], changes.indptr[employee_idx + 1]
    if not len(key):
        return people.role_idx[employee_idx]
    before_first = changes.value[np.minimum(starts, len(key) - 1)]
    roles = np.where(last >= starts, changes.subject[np.maximum(last, 0)], before_first)
    return np.where(starts < stops, roles, people.role_idx[employee_idx]).astype(np.int32)


def latest_time(events: Events, dated: Sequence[Dated], *, not_after: int) -> int | None:
    """Return the latest time of anything that happened up to `not_after`, or None if nothing has a date."""
    times = [events.at, *(facts.at for facts in dated)]
    latest = [int(some.max(initial=-(2**63), where=some <= not_after)) for some in times]
    return max((one for one in latest if one > -(2**62)), default=None)


def _names_one_person(rule: Assignment) -> bool:
    return rule.employee_idx != NONE and rule.role_idx == NONE and rule.department == "*"


def _rank_of_origin(origin: Words) -> NDArray[np.int8]:
    rank = {"assigned": 0, "self": 1}
    return np.array([rank[word] for word in origin.words] + [2], dtype=np.int8)[origin.codes]
