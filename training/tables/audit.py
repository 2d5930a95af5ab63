"""Look through checked tables for what is allowed but hardly meant: untaught skills, roles out of reach and the like.

Each question is a function of the data set that answers with a notice, or with None where all is well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import NONE, BoolArray
from recommender.company import Dataset
from training.tables.problems import counted
from training.tables.rows import TableRows
from training.tables.times import iso


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should look at.

    `severity` is `warning` (answers get worse) or `note` (good to know); `code` names the sort for programs; `items`
    are the ids it is about, in the order of their table.
    """

    severity: str
    code: str
    text: str
    items: tuple[str, ...] = ()


def audit(data: Dataset, tables: Mapping[str, TableRows], *, clock: int) -> list[Notice]:
    """Ask every question of a data set, warnings before notes. `clock` is the present, in seconds."""
    questions: tuple[Callable[[Dataset], Notice | None], ...] = (
        unreachable_roles,
        untaught_skills,
        completions_out_of_season,
        completions_before_1970,
        lambda one: dates_ahead(one, clock=clock),
        repeated_titles,
        untaken_courses,
        employees_without_role,
        lambda one: unlisted_employees(one, tables),
    )
    notices = [notice for notice in (question(data) for question in questions) if notice is not None]
    return sorted(notices, key=lambda notice: notice.severity != "warning")


def reachable_levels(data: Dataset) -> NDArray[np.int8]:
    """Return the highest level of each skill that somebody who starts with none can reach, shape (n_skills,).

    Courses that are published and still open are taken as soon as every declared entry level and every prerequisite (or
    another version of it) is met, until nothing more opens. Assumed entry levels stop nobody.
    """
    catalog, skills = data.catalog, data.catalog.skills
    course = np.repeat(np.arange(len(catalog)), np.diff(skills.indptr))
    after = np.repeat(np.arange(len(catalog)), np.diff(catalog.prerequisites.indptr))
    before = catalog.version_group[catalog.prerequisites.values]
    offered = catalog.published & (catalog.available_to > data.now)
    level = np.zeros(len(data.skills.ids), dtype=np.int8)
    taken = np.zeros(len(catalog), dtype=np.bool_)
    while True:
        met = np.zeros(len(catalog), dtype=np.bool_)
        met[catalog.version_group[taken]] = True
        barred = np.zeros(len(catalog), dtype=np.bool_)
        barred[course[skills.entry_declared & (skills.entry_level > level[skills.skill_idx])]] = True
        barred[after[~met[before]]] = True
        opened = offered & ~barred & ~taken
        if not opened.any():
            return level
        taken |= opened
        rows = taken[course]
        np.maximum.at(level, skills.skill_idx[rows], skills.level[rows])


def unreachable_roles(data: Dataset) -> Notice | None:
    """Find roles that need a level of a skill which no order of courses reaches."""
    level, needs = reachable_levels(data), data.roles.needs
    role = np.repeat(np.arange(len(data.roles)), np.diff(needs.indptr))
    short = np.flatnonzero(needs.level > level[needs.skill_idx])
    items = []
    for i in np.unique(role[short]):
        gaps = [
            f"{data.skills.ids[needs.skill_idx[row]]} {needs.level[row]} of which {level[needs.skill_idx[row]]}"
            for row in short[role[short] == i]
        ]
        items.append(f"{data.roles.ids[int(i)]} (needs {', '.join(gaps)})")
    text = "cannot be reached in full: no order of courses teaches a level that is needed"
    return _notice("warning", "unreachable_roles", items, "role", text)


def untaught_skills(data: Dataset) -> Notice | None:
    """Find skills that no course teaches, those that roles need foremost."""
    if "course_skills" in data.absent:
        return None
    untaught = np.ones(len(data.skills.ids), dtype=np.bool_)
    untaught[data.catalog.skills.skill_idx] = False
    needed = np.zeros_like(untaught)
    needed[data.roles.needs.skill_idx] = True
    items = _named(data.skills.ids.ids, untaught & needed) + _named(data.skills.ids.ids, untaught & ~needed)
    n_needed = int((untaught & needed).sum())
    text = f"taught by no course; roles need {n_needed:,} of them"
    return _notice("warning" if n_needed else "note", "untaught_skills", items, "skill", text)


def completions_out_of_season(data: Dataset) -> Notice | None:
    """Find courses that were completed although unpublished, before they were available or after they closed."""
    catalog, rows = data.catalog, data.completions
    wrong = ~catalog.published[rows.course_idx]
    wrong |= rows.at < catalog.available_from[rows.course_idx]
    wrong |= rows.at >= catalog.available_to[rows.course_idx]
    courses = np.zeros(len(catalog), dtype=np.bool_)
    courses[rows.course_idx[wrong]] = True
    text = f"completed while unpublished or outside availability, {int(wrong.sum()):,} times in all"
    return _notice("warning", "unavailable_completions", _named(catalog.ids.ids, courses), "course", text)


def completions_before_1970(data: Dataset) -> Notice | None:
    """Find people with completions before 1970, when dates are more likely broken than true."""
    early = np.zeros(len(data.people), dtype=np.bool_)
    early[data.completions.employee_idx[data.completions.at < 0]] = True
    return _notice(
        "warning",
        "completions_before_1970",
        _named(data.people.ids.ids, early),
        "employee",
        "with completions before 1970",
    )


def dates_ahead(data: Dataset, *, clock: int) -> Notice | None:
    """Find tables of things that happened with dates in the future; completions are set aside before they come here."""
    people = data.people
    items = []
    for name, facts in (
        ("progress", people.begun),
        ("skill_evidence", people.evidence),
        ("role_changes", people.role_changes),
        ("feedback", people.feedback),
    ):
        n = int((facts.at > clock).sum())
        if n:
            items.append(f"{name} ({n:,}, the latest {iso(int(facts.at.max()))})")
    return _notice("warning", "dates_in_the_future", items, "table", "with dates in the future, unseen until then")


def repeated_titles(data: Dataset) -> Notice | None:
    """Find titles that several courses bear which are not versions of one another."""
    bearers: dict[str, list[int]] = {}
    for i, title in enumerate(data.catalog.titles):
        bearers.setdefault(title.casefold(), []).append(i)
    items = []
    for some in bearers.values():
        if len({int(data.catalog.version_group[i]) for i in some}) > 1:
            ids = ", ".join(data.catalog.ids[i] for i in some)
            items.append(f"{data.catalog.titles[some[0]]} ({ids})")
    return _notice("warning", "duplicate_titles", items, "title", "borne by several courses")


def untaken_courses(data: Dataset) -> Notice | None:
    """Find courses that nobody completed."""
    untaken = np.ones(len(data.catalog), dtype=np.bool_)
    untaken[data.completions.course_idx] = False
    return _notice("note", "untaken_courses", _named(data.catalog.ids.ids, untaken), "course", "completed by nobody")


def employees_without_role(data: Dataset) -> Notice | None:
    """Find employees whose role is not known."""
    if "employees" in data.absent:
        return None
    roleless = data.people.role_idx == NONE
    text = "without a known role"
    return _notice("note", "employees_without_role", _named(data.people.ids.ids, roleless), "employee", text)


def unlisted_employees(data: Dataset, tables: Mapping[str, TableRows]) -> Notice | None:
    """Find people whom the table of employees does not list."""
    if "employees" not in tables:
        return None
    items = data.people.ids.ids[len(tables["employees"].ids()) :]
    return _notice("note", "unlisted_employees", items, "employee", "known from other tables only")


def _named(ids: tuple[str, ...], wanted: BoolArray) -> tuple[str, ...]:
    return tuple(ids[i] for i in np.flatnonzero(wanted))


def _notice(severity: str, code: str, items: Iterable[str], noun: str, text: str) -> Notice | None:
    items = tuple(items)
    if not items:
        return None
    return Notice(severity, code, f"{counted(len(items), noun)} {text}", items)
