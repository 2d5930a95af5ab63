"""Required training: who must take what by when, and when they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.sample.behaviour import Events
from training.sample.catalogue import Course
from training.sample.editions import REQUIRED, Required
from training.sample.people import People, Roles
from training.sample.roles import ROLES
from training.sample.timeline import DAY_SECONDS, END_DAY, N_WEEKS, START_DAY, IntArray, day_number, week_start

CYCLES = 8
"""More repetitions of a yearly course than fit into five years and their lead."""
PERSONAL_SHARE = 0.012
"""Share of people to whom a manager has assigned one more course."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """Completions of assigned courses, one row each; `at` in seconds since 1970."""

    employee: IntArray
    course: IntArray
    at: IntArray


@dataclass(frozen=True, slots=True)
class PersonalAssignment:
    """One course that one employee must take by a day."""

    employee: int
    course: int
    due_day: int


@dataclass(frozen=True, slots=True)
class Spells:
    """Who held which role from one day to another, one row a spell, the last day excluded."""

    employee: IntArray
    role: IntArray
    start: IntArray
    end: IntArray


def role_spells(people: People) -> Spells:
    """Return the spells of all people, those of one person in order of time."""
    plans = people.plans
    moved = (plans.succeeded == 1) & (plans.end < N_WEEKS)
    everyone = np.arange(len(people))
    employee = np.concatenate([everyone, plans.employee[moved]])
    role = np.concatenate([people.first_role, plans.target[moved]])
    start = np.concatenate([people.hired_day, week_start(plans.end[moved])])
    order = np.lexsort((start, employee))
    employee, role, start = employee[order], role[order], start[order]
    is_last = np.append(employee[1:] != employee[:-1], True)
    end = np.where(is_last, END_DAY, np.append(start[1:], END_DAY))
    return Spells(employee, role, start, end)


def complete_required(courses: Sequence[Course], people: People, roles: Roles, rng: np.random.Generator) -> Assigned:
    """Return the completions of the required courses: mostly just before they are due, some late, a few skipped."""
    spells = role_spells(people)
    found = []
    for k, course in enumerate(courses):
        if course.required < 0:
            continue
        rule = REQUIRED[course.required]
        employee, start, end = _obliged(rule, spells, roles, len(people))
        if rule.due_at:
            found.append(_one_off(k, course, rule, employee, start, rng))
        else:
            found.append(_cycle(k, rule, employee, start, end, rng))
    return Assigned(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _obliged(rule: Required, spells: Spells, roles: Roles, n: int) -> tuple[IntArray, IntArray, IntArray]:
    """Return whom a rule concerns, from their first day under it to the last."""
    word, _, name = rule.whom.partition(" ")
    departments = np.array(roles.department)
    if word == "role":
        role_ids = [role.role_id for role in ROLES]
        rows = spells.role == role_ids.index(name)
    else:
        rows = (departments[spells.role] == name) | (word == "*")
    first = np.full(n, END_DAY, dtype=np.int64)
    last = np.zeros(n, dtype=np.int64)
    np.minimum.at(first, spells.employee[rows], spells.start[rows])
    np.maximum.at(last, spells.employee[rows], spells.end[rows])
    employee = np.unique(spells.employee[rows])
    return employee, first[employee], last[employee]


def _one_off(
    course: int, facts: Course, rule: Required, employee: IntArray, start: IntArray, rng: np.random.Generator
) -> tuple[IntArray, IntArray, IntArray]:
    """Let those who did not wait for the last day have finished a course that is due at a fixed date."""
    earliest = np.maximum(facts.opens_on, start) + 1
    day = earliest + ((day_number(rule.due_at) - earliest) * rng.beta(2, 1.6, size=len(employee))).astype(np.int64)
    there = (day < END_DAY) & (day >= earliest)
    return employee[there], np.full(int(there.sum()), course), _office_time(day[there], rng)


def _cycle(
    course: int, rule: Required, employee: IntArray, start: IntArray, end: IntArray, rng: np.random.Generator
) -> tuple[IntArray, IntArray, IntArray]:
    """Repeat a course from its first due day on, each time counted from the completion before."""
    n = len(employee)
    due = np.where(start < START_DAY, _campaign_days(rule, n, rng), start + rule.due_days)
    found = []
    for _ in range(CYCLES if rule.recur_days else 1):
        day = _around_due(due, rng)
        day = np.maximum(day, np.maximum(start, START_DAY) + 1)
        inside = day < end
        found.append((employee[inside], np.full(int(inside.sum()), course), _office_time(day[inside], rng)))
        due = day + rule.recur_days
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))  # type: ignore[return-value]


def _campaign_days(rule: Required, n: int, rng: np.random.Generator) -> IntArray:
    """Return the end of the month, in the first year, in which those already there take their turn.

    A rule that repeats every second year takes half of them a year later. Where nothing repeats, most of them took the
    course before the sample begins, and have no day in it.
    """
    year = 2021 if rule.campaign >= 7 else 2022
    first = day_number(f"{year}-{rule.campaign:02d}-28") + np.zeros(n, dtype=np.int64)
    if not rule.recur_days:
        return np.where(rng.random(n) < 0.9, 2 * END_DAY, first)
    return first + 365 * rng.integers(0, max(1, rule.recur_days // 365), size=n)


def _around_due(due: IntArray, rng: np.random.Generator) -> IntArray:
    """Return when people finish what is due: in the last days before, one in fourteen late, a few months late."""
    lead = rng.exponential(9, size=len(due))
    fate = rng.random(len(due))
    late = np.select([fate < 0.03, fate < 0.10], [rng.uniform(90, 300, len(due)), rng.exponential(18, len(due))], -lead)
    return np.asarray(due + late.astype(np.int64), dtype=np.int64)


def _office_time(day: IntArray, rng: np.random.Generator) -> IntArray:
    return day * DAY_SECONDS + rng.integers(8 * 3600, 18 * 3600, size=len(day))


def assign_personally(
    courses: Sequence[Course], people: People, events: Events, rng: np.random.Generator
) -> tuple[list[PersonalAssignment], Assigned]:
    """Let managers assign a course to some people in the last months; return the assignments and what is done."""
    n = max(1, round(PERSONAL_SHARE * len(people)))
    there = np.flatnonzero(people.hired_day < END_DAY - 100)
    chosen = rng.choice(there, size=min(n, len(there)), replace=False)
    offered = [
        k
        for k, course in enumerate(courses)
        if course.required < 0 and course.opens_on < END_DAY - 200 and course.closes_on > END_DAY
        if course.language == "en" and not course.audience and not course.prerequisites and course.published
    ]
    picks = rng.choice(np.array(offered), size=len(chosen))
    met = set(zip(events.employee.tolist(), events.course.tolist(), strict=True))
    pairs = [(e, c) for e, c in zip(chosen.tolist(), picks.tolist(), strict=True) if (e, c) not in met]
    due = rng.integers(END_DAY - 40, END_DAY + 90, size=len(pairs))
    rows = [PersonalAssignment(e, c, int(day)) for (e, c), day in zip(pairs, due, strict=True)]
    day = due - rng.integers(0, 45, size=len(pairs))
    done = day < END_DAY
    employee = np.array([e for e, _ in pairs], dtype=np.int64)[done]
    course = np.array([c for _, c in pairs], dtype=np.int64)[done]
    return rows, Assigned(employee, course, _office_time(day[done], rng))
