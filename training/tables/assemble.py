"""Turn checked rows into columns for `recommender.assembly`, and build the people of `recommender.company` from them.

What an empty cell of a course, a skill or a role stands for is said there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import EARLIEST, LATEST, NONE, BoolArray, Ids, IntArray, LongArray, frozen
from recommender.assembly import (
    CourseColumns,
    SkillColumns,
    catalog_from_columns,
    roles_from_columns,
    skills_from_columns,
)
from recommender.catalog import Catalog, Roles, Skills
from recommender.company import Assignment, Dated, People
from recommender.schema import EVERYONE, EVIDENCE_SOURCES, FEEDBACK_VERBS, TABLES
from training.tables.completions import Events
from training.tables.rows import Places, TableRows

_UNSAID_SOURCE = EVIDENCE_SOURCES.index("self")
"""Evidence that does not say where it comes from counts as the person's own claim, the least trusted."""


def rows_of(tables: Mapping[str, TableRows], name: str) -> TableRows:
    """Return a table, an absent one as no rows."""
    if name in tables:
        return tables[name]
    return TableRows(TABLES[name], {}, 0, Places((), np.empty(0, dtype=np.int64), (), False), complete=True)


def build_catalog(tables: Mapping[str, TableRows], courses: Ids, skills: Ids) -> Catalog:
    """Build the courses in the order of their table."""
    rows = tables["courses"]
    at = rows.first_rows()

    def texts(name: str) -> tuple[str, ...]:
        return rows.words(name).texts(at)

    columns = CourseColumns(
        ids=courses,
        titles=texts("title"),
        descriptions=texts("description"),
        providers=texts("provider"),
        formats=texts("format"),
        languages=texts("language"),
        urls=texts("url"),
        uris=texts("uri"),
        credentials=texts("credential"),
        tags=texts("tags"),
        audience=texts("audience"),
        prerequisites=texts("prerequisites"),
        supersedes=texts("supersedes"),
        difficulties=texts("difficulty"),
        hours=rows.numbers("hours")[at],
        cost=rows.numbers("cost")[at],
        available_from=rows.times("available_from", EARLIEST)[at],
        available_to=rows.times("available_to", LATEST)[at],
        published=rows.truth("published")[at],
    )
    return catalog_from_columns(columns, _skill_columns(rows_of(tables, "course_skills"), "course_id", courses, skills))


def build_skills(tables: Mapping[str, TableRows], skills: Ids) -> Skills:
    """Build the skills; those no table describes are named by their id."""
    texts = _texts_of(tables, "skills", len(skills))
    return skills_from_columns(skills, texts("name"), texts("kind"))


def build_roles(tables: Mapping[str, TableRows], roles: Ids, skills: Ids) -> Roles:
    """Build the roles and what they need; those no table describes are titled by their id."""
    texts = _texts_of(tables, "roles", len(roles))
    needs = _skill_columns(rows_of(tables, "role_skills"), "role_id", roles, skills)
    return roles_from_columns(roles, texts("title"), texts("family"), texts("description"), needs)


def _texts_of(tables: Mapping[str, TableRows], name: str, n: int) -> Callable[[str], tuple[str, ...]]:
    """Return what reads a column of texts of a table with `n` ids; an absent table says nothing of them."""
    if name not in tables:
        return lambda _column: ("",) * n
    rows = tables[name]
    at = rows.first_rows()
    return lambda column: rows.words(column).texts(at)


def _skill_columns(rows: TableRows, owner: str, owners: Ids, skills: Ids) -> SkillColumns:
    """Return the kept rows of a table of skills; a column the table does not have reads as not given."""
    kept = np.flatnonzero(rows.kept)
    return SkillColumns(
        owner_idx=rows.words(owner).positions(owners)[kept],
        skill_idx=rows.words("skill_id").positions(skills)[kept],
        level=rows.numbers("level")[kept],
        inferred=_says_inferred(rows, kept),
        entry_level=rows.numbers("entry_level")[kept],
        importance=rows.numbers("importance")[kept],
        confidence=rows.numbers("confidence")[kept],
    )


def build_people(tables: Mapping[str, TableRows], employees: Ids, known: Mapping[str, Ids], events: Events) -> People:
    """Build the employees: those of their table first, then those only other tables name, of whom nothing is known."""
    rows = rows_of(tables, "employees")
    at = rows.first_rows()
    n_more = len(employees) - len(at)
    blank = ("",) * n_more

    def padded(array: NDArray[Any], fill: float) -> NDArray[Any]:
        return frozen(np.concatenate([array[at], np.full(n_more, fill, dtype=array.dtype)]))

    roles = known["roles"]
    return People(
        ids=employees,
        names=rows.words("name").texts(at) + blank,
        departments=rows.words("department").texts(at) + blank,
        locations=rows.words("location").texts(at) + blank,
        languages=rows.words("language").texts(at) + blank,
        role_idx=padded(rows.words("role_id").positions(roles), NONE),
        target_role_idx=padded(rows.words("target_role_id").positions(roles), NONE),
        target_since=padded(rows.times("target_since", EARLIEST), EARLIEST),
        hired_at=padded(rows.times("hired_at", EARLIEST), EARLIEST),
        hours_per_week=padded(rows.numbers("hours_per_week"), np.nan),
        budget=padded(rows.numbers("budget"), np.nan),
        role_changes=_role_changes(rows_of(tables, "role_changes"), employees, roles),
        evidence=_evidence(rows_of(tables, "skill_evidence"), employees, known["skills"]),
        feedback=_feedback(rows_of(tables, "feedback"), employees, known["courses"]),
        begun=_begun(rows_of(tables, "progress"), employees, known["courses"], events),
        assignments=_assignments(rows_of(tables, "assignments"), employees, known),
    )


def _codes(rows: TableRows, column: str, choices: tuple[str, ...]) -> IntArray:
    """Return the place of each cell among the choices, −1 where it is empty."""
    words = rows.words(column)
    return np.array([*map(choices.index, words.words), NONE], dtype=np.int32)[words.codes]


def _says_inferred(rows: TableRows, kept: LongArray) -> BoolArray:
    """Tell of each kept row whether its source says it was inferred; one that says nothing was declared."""
    source = rows.words("source")
    return np.array([*(word == "inferred" for word in source.words), False])[source.codes[kept]]


def _dated(
    rows: TableRows, employees: Ids, subject: IntArray, value: NDArray[Any], source: int | IntArray, at: str
) -> Dated:
    kept = np.flatnonzero(rows.kept)
    return Dated.from_columns(
        rows.words("employee_id").positions(employees)[kept],
        subject[kept],
        value[kept].astype(np.int16),
        np.broadcast_to(np.asarray(source, dtype=np.int8), len(rows))[kept],
        rows.times(at, EARLIEST)[kept],
        n_employees=len(employees),
    )


def _role_changes(rows: TableRows, employees: Ids, roles: Ids) -> Dated:
    left = rows.words("from_role_id").positions(roles)
    left = np.where(left <= np.iinfo(np.int16).max, left, NONE)  # `Dated` has no room for more
    return _dated(rows, employees, rows.words("to_role_id").positions(roles), left, 0, "changed_at")


def _evidence(rows: TableRows, employees: Ids, skills: Ids) -> Dated:
    source = _codes(rows, "source", EVIDENCE_SOURCES)
    source = np.where(source == NONE, _UNSAID_SOURCE, source)
    level = np.nan_to_num(rows.numbers("level"))
    return _dated(rows, employees, rows.words("skill_id").positions(skills), level, source, "observed_at")


def _feedback(rows: TableRows, employees: Ids, courses: Ids) -> Dated:
    verb = _codes(rows, "verb", FEEDBACK_VERBS)
    return _dated(rows, employees, rows.words("course_id").positions(courses), verb, 0, "at")


def _begun(rows: TableRows, employees: Ids, courses: Ids, events: Events) -> Dated:
    kept = np.flatnonzero(rows.kept)
    unfinished = np.flatnonzero(events.percent >= 0)
    percent = np.concatenate([np.round(rows.numbers("progress")[kept] * 100), events.percent[unfinished]])
    return Dated.from_columns(
        np.concatenate([rows.words("employee_id").positions(employees)[kept], events.employee_idx[unfinished]]),
        np.concatenate([rows.words("course_id").positions(courses)[kept], events.course_idx[unfinished]]),
        percent.astype(np.int16),
        np.zeros(len(percent), dtype=np.int8),
        np.concatenate([rows.times("at", EARLIEST)[kept], events.at[unfinished]]),
        n_employees=len(employees),
    )


def _assignments(rows: TableRows, employees: Ids, known: Mapping[str, Ids]) -> tuple[Assignment, ...]:
    kept = np.flatnonzero(rows.kept)
    return tuple(
        Assignment(course, employee, role, department or EVERYONE, *(None if gap else int(n) for n, gap in numbers))
        for course, employee, role, department, *numbers in zip(
            rows.words("course_id").positions(known["courses"])[kept].tolist(),
            rows.words("employee_id").positions(employees)[kept].tolist(),
            rows.words("role_id").positions(known["roles"])[kept].tolist(),
            rows.words("department").texts(kept),
            *(
                zip(column[kept].tolist(), rows.empty(name, kept).tolist(), strict=True)
                for name, column in (
                    ("due_at", rows.times("due_at")),
                    ("due_days", rows.numbers("due_days")),
                    ("recur_days", rows.numbers("recur_days")),
                )
            ),
            strict=True,
        )
    )
