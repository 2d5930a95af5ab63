"""Build the tables of `recommender.catalog` and `recommender.company` from checked rows, filling in what is not known.

The rules for what is not known are those of design section 4: a level from the difficulty, an entry level two below the
level reached, the median for hours, importance 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import EARLIEST, LATEST, NONE, BoolArray, FloatArray, Ids, IntArray, LongArray, Ragged, frozen
from recommender.catalog import LEVEL_OF_DIFFICULTY, Catalog, Roles, SkillRows, Skills
from recommender.company import Assignment, Dated, People
from recommender.schema import DIFFICULTIES, EVERYONE, EVIDENCE_SOURCES, FEEDBACK_VERBS, TABLES
from training.tables.cells import pieces
from training.tables.completions import Events
from training.tables.references import neighbours
from training.tables.rows import Places, TableRows

_ROLE_LEVEL = 3
"""The level a role is taken to need where none is given: working (design, section 2)."""

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
    difficulty = _codes(rows, "difficulty", DIFFICULTIES)[at] + 1
    hours = rows.numbers("hours")[at]
    uris = rows.words("uri").texts(at)
    return Catalog(
        ids=courses,
        titles=rows.words("title").texts(at),
        descriptions=rows.words("description").texts(at),
        providers=rows.words("provider").texts(at),
        formats=rows.words("format").texts(at),
        languages=rows.words("language").texts(at),
        urls=rows.words("url").texts(at),
        uris=tuple(uri or one for uri, one in zip(uris, courses.ids, strict=True)),
        credentials=rows.words("credential").texts(at),
        tags=tuple(pieces(cell) for cell in rows.words("tags").texts(at)),
        audience=tuple(pieces(cell) for cell in rows.words("audience").texts(at)),
        difficulty=frozen(difficulty.astype(np.int8)),
        hours=frozen(np.where(np.isnan(hours), _median_hours(hours), hours)),
        hours_assumed=frozen(np.isnan(hours)),
        cost=frozen(rows.numbers("cost")[at]),
        available_from=frozen(rows.times("available_from", EARLIEST)[at]),
        available_to=frozen(rows.times("available_to", LATEST)[at]),
        published=frozen(rows.truth("published")[at] != 0),
        prerequisites=Ragged.from_rows(neighbours(cell, courses) for cell in rows.words("prerequisites").texts(at)),
        supersedes=Ragged.from_rows(neighbours(cell, courses) for cell in rows.words("supersedes").texts(at)),
        skills=_course_skills(rows_of(tables, "course_skills"), courses, skills, difficulty),
    )


def build_skills(tables: Mapping[str, TableRows], skills: Ids) -> Skills:
    """Build the skills; those no table describes are named by their id."""
    if "skills" not in tables:
        return Skills(skills, skills.ids, ("",) * len(skills))
    rows = tables["skills"]
    at = rows.first_rows()
    names = rows.words("name").texts(at)
    return Skills(
        skills,
        tuple(name or one for name, one in zip(names, skills.ids, strict=True)),
        rows.words("kind").texts(at),
    )


def build_roles(tables: Mapping[str, TableRows], roles: Ids, skills: Ids) -> Roles:
    """Build the roles and what they need; those no table describes are titled by their id."""
    needs = rows_of(tables, "role_skills")
    kept = np.flatnonzero(needs.kept)
    level = needs.numbers("level")[kept]
    importance = needs.numbers("importance")[kept]
    packed = _pack(
        needs.words("role_id").positions(roles)[kept],
        needs.words("skill_id").positions(skills)[kept],
        np.where(np.isnan(level), _ROLE_LEVEL, level),
        np.full(len(kept), np.nan, dtype=np.float32),
        weight=np.where(np.isnan(importance), 1, importance),
        confidence=np.ones(len(kept), dtype=np.float32),
        inferred=_says_inferred(needs, kept),
        n_rows=len(roles),
    )
    if "roles" not in tables:
        blank = ("",) * len(roles)
        return Roles(roles, roles.ids, blank, blank, packed)
    rows = tables["roles"]
    at = rows.first_rows()
    family, description = rows.words("family").texts(at), rows.words("description").texts(at)
    return Roles(roles, rows.words("title").texts(at), family, description, packed)


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


def _median_hours(hours: FloatArray) -> np.float32:
    known = hours[~np.isnan(hours)]
    return np.float32(np.median(known)) if len(known) else np.float32(1)


def _codes(rows: TableRows, column: str, choices: tuple[str, ...]) -> IntArray:
    """Return the place of each cell among the choices, −1 where it is empty."""
    words = rows.words(column)
    return np.array([*map(choices.index, words.words), NONE], dtype=np.int32)[words.codes]


def _pack(
    row: IntArray,
    skill_idx: IntArray,
    level: FloatArray,
    entry_level: FloatArray,
    *,
    weight: FloatArray,
    confidence: FloatArray,
    inferred: BoolArray,
    n_rows: int,
) -> SkillRows:
    order = np.lexsort((skill_idx, row))
    level, entry_level = level[order], entry_level[order]
    declared = ~np.isnan(entry_level)
    return SkillRows(
        indptr=frozen(np.searchsorted(row[order], np.arange(n_rows + 1)).astype(np.int64)),
        skill_idx=frozen(skill_idx[order].astype(np.int32)),
        level=frozen(level.astype(np.int8)),
        entry_level=frozen(np.where(declared, entry_level, np.maximum(level - 2, 0)).astype(np.int8)),
        entry_declared=frozen(declared),
        weight=frozen(weight[order].astype(np.float32)),
        inferred=frozen(inferred[order]),
        confidence=frozen(confidence[order].astype(np.float32)),
    )


def _says_inferred(rows: TableRows, kept: LongArray) -> BoolArray:
    """Tell of each kept row whether its source says it was inferred; one that says nothing was declared."""
    source = rows.words("source")
    return np.array([*(word == "inferred" for word in source.words), False])[source.codes[kept]]


def _course_skills(rows: TableRows, courses: Ids, skills: Ids, difficulty: IntArray) -> SkillRows:
    kept = np.flatnonzero(rows.kept)
    course_idx = rows.words("course_id").positions(courses)[kept]
    level, confidence = rows.numbers("level")[kept], rows.numbers("confidence")[kept]
    confidence = np.where(np.isnan(confidence), np.float32(1), confidence)
    return _pack(
        course_idx,
        rows.words("skill_id").positions(skills)[kept],
        np.where(np.isnan(level), LEVEL_OF_DIFFICULTY[difficulty[course_idx]], level),
        rows.numbers("entry_level")[kept],
        weight=confidence,
        confidence=confidence,
        inferred=_says_inferred(rows, kept),
        n_rows=len(courses),
    )


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
