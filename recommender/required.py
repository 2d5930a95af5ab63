"""Mandatory training: what is prescribed to one person, until when, and what returns (design, section 4).

An assignment names an employee, a role, a department or everyone. It is met by completing the course or a version that
replaced it; with `recur_days` it comes due again so long after the latest such completion. Nothing here orders or scores:
required courses are listed by when they are due and are no suggestions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from recommender.arrays import DAY, EARLIEST, NONE, IntArray, LongArray
from recommender.catalog import Catalog
from recommender.company import Dataset, People
from recommender.moments import LAST_MOMENT
from recommender.schema import EVERYONE

NOTICE = 30 * DAY
"""Recurring training, once completed, is listed again so long before it is due. A choice, not measured."""
_ALL = (NONE, None, "", EVERYONE)


@dataclass(frozen=True, slots=True)
class Duty:
    """A course prescribed to one person: until when (seconds) to complete it, and after how many days again."""

    course_idx: int
    due_at: int | None = None
    recur_days: int | None = None


@dataclass(frozen=True, slots=True)
class Required:
    """A required course that is still to be taken, or that was and comes due again.

    Parameters
    ----------
    course_idx
        The version to take: the one prescribed, or the one that has replaced it by now.
    due_at
        Seconds, exclusive; None where no date is set.
    hours
        How long it takes.
    overdue
        Whether its time has passed.
    recurring
        Whether it comes back after it is completed.
    completed_at
        The latest completion, where this is the return of a course taken before; else None.
    """

    course_idx: int
    due_at: int | None
    hours: float
    overdue: bool
    recurring: bool
    completed_at: int | None = None

    def is_open(self, as_of: int) -> bool:
        """Tell whether it is to be listed now: never completed, or to be renewed within `NOTICE`."""
        return self.completed_at is None or (self.due_at is not None and self.due_at < as_of + NOTICE)


def duties_of(data: Dataset, employee_idx: int, *, as_of: int) -> tuple[Duty, ...]:
    """Return what the assignments of a data set prescribe to an employee, in the order of the table.

    A rule binds whoever it names, by the role held at `as_of`. `due_days` count from the later of hire and role entry,
    exact to the second; of a fixed date and such a term the later holds, so that nobody is late on arrival. Assignments
    bear no date of their own, so a question from before the data's own now sees none.
    """
    people = data.people
    if as_of < data.now or not people.assignments:
        return ()
    role = people.role_at(employee_idx, as_of)
    began = _began(people, employee_idx, as_of)
    return tuple(
        Duty(rule.course_idx, due_of(rule.due_at, rule.due_days, began=began), rule.recur_days)
        for rule in people.assignments
        if binds(
            (rule.employee_idx, rule.role_idx, rule.department), (employee_idx, role, people.departments[employee_idx])
        )
    )


def binds(named: Sequence[object], held: Sequence[object]) -> bool:
    """Tell whether a rule that names an employee, a role and a department binds somebody who is and has these.

    `NONE`, None, "" and `EVERYONE` in the rule stand for all.
    """
    return all(one in _ALL or one == other for one, other in zip(named, held, strict=True))


def due_of(due_at: int | None, due_days: int | None, *, began: int) -> int | None:
    """Return until when a rule must be met by somebody who began at a moment, `EARLIEST` where that is not known.

    Of a fixed date and a term of days from then on the later holds, so that nobody is late on arrival.
    """
    term = None if due_days is None or began == EARLIEST else began + due_days * DAY
    dates = [date for date in (due_at, term) if date is not None]
    return max(dates, default=None)


def required_of(
    duties: Iterable[Duty], catalog: Catalog, *, completed: IntArray, completed_at: LongArray, as_of: int
) -> tuple[Required, ...]:
    """Return what of the duties is still to be done or comes due again, the earliest due first, then by course id.

    `completed` (n,) and `completed_at` (n,) are all completions before `as_of`, repeats included, in any order. Of
    several duties about one course the earliest due counts. What has no date stands last.
    """
    found: dict[int, Required] = {}
    for one in _each(duties, catalog, completed=completed, completed_at=completed_at, as_of=as_of):
        known = found.get(one.course_idx, one)
        recurring = one.recurring or known.recurring
        found[one.course_idx] = replace(min(known, one, key=_urgency), recurring=recurring)
    return tuple(sorted(found.values(), key=lambda one: (_urgency(one), catalog.ids[one.course_idx])))


def _each(
    duties: Iterable[Duty], catalog: Catalog, *, completed: IntArray, completed_at: LongArray, as_of: int
) -> Iterator[Required]:
    for duty in duties:
        versions = _with_successors(catalog, duty.course_idx)
        times = completed_at[np.isin(completed, versions)]
        recurring = duty.recur_days is not None
        if len(times) and duty.recur_days is None:
            continue
        latest = int(times.max()) if len(times) else None
        due_at = duty.due_at if latest is None or duty.recur_days is None else latest + duty.recur_days * DAY
        course = _current(catalog, duty.course_idx, versions, as_of=as_of)
        due_at = None if due_at is None else min(due_at, LAST_MOMENT)
        overdue = due_at is not None and due_at <= as_of
        yield Required(course, due_at, float(catalog.hours[course]), overdue, recurring, latest)


def _urgency(one: Required) -> tuple[bool, int]:
    return (one.due_at is None, one.due_at or 0)


def _began(people: People, employee_idx: int, as_of: int) -> int:
    """Return the later of hire and role entry, `EARLIEST` where neither has a date."""
    rows = people.role_changes.span(employee_idx)
    entered = people.role_changes.at[rows]
    entered = entered[entered <= as_of]
    return max(int(people.hired_at[employee_idx]), int(entered[-1]) if len(entered) else EARLIEST)


def _with_successors(catalog: Catalog, course_idx: int) -> IntArray:
    """Return a course and every version that supersedes it, over any number of steps, in ascending order."""
    found = {course_idx}
    if catalog.has_versions:
        family = np.flatnonzero(catalog.version_group == catalog.version_group[course_idx]).tolist()
        grew = len(family) > 1
        while grew:
            newer = {one for one in family if not found.isdisjoint(catalog.supersedes.row(one).tolist())}
            grew = not newer <= found
            found |= newer
    return np.array(sorted(found), dtype=np.int32)


def _current(catalog: Catalog, course_idx: int, versions: IntArray, *, as_of: int) -> int:
    """Return the version to take now: the prescribed one while it is offered and not superseded, or nothing newer is."""
    if len(versions) == 1:
        return course_idx
    offered = catalog.published & (catalog.available_from <= as_of) & (as_of < catalog.available_to)
    current = versions[(offered & ~catalog.superseded_at(as_of))[versions]]
    return course_idx if course_idx in current or not len(current) else int(current[0])
