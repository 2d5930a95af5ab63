"""The courses, skills and roles of a tenant, from rows to what the model reads: as a data directory gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from recommender.arrays import EARLIEST, LATEST, FloatArray, Ids, LongArray
from recommender.assembly import (
    CourseColumns,
    SkillColumns,
    catalog_from_columns,
    roles_from_columns,
    skills_from_columns,
)
from recommender.catalog import Catalog, Roles, Skills
from store.rows import Columns, Row, columns


def catalogue_of(connection: Connection, tenant: str) -> tuple[Catalog, Skills, Roles] | None:
    """Return everything a tenant's catalogue says; None if the tenant has no course.

    Courses, skills and roles stand in the order of the files they were loaded from, later ones by id behind them. A course
    that was deleted stays, unpublished. Skills and roles that only other rows name are known by their id.
    """
    courses = _in_order(connection, tenant, "courses", "course_id")
    if not courses["course_id"]:
        return None
    skills = _in_order(connection, tenant, "skills", "skill_id")
    roles = _in_order(connection, tenant, "roles", "role_id")
    taught = columns(connection, tenant, "course_skills")
    needed = columns(connection, tenant, "role_skills")
    course_ids = Ids(courses["course_id"])
    skill_ids = _ids(skills["skill_id"], taught["skill_id"], needed["skill_id"])
    role_ids = _ids(roles["role_id"], needed["role_id"])
    texts_of_skill, texts_of_role = _texts(skills, len(skill_ids)), _texts(roles, len(role_ids))
    return (
        catalog_from_columns(
            _course_columns(courses, course_ids), _skill_columns(taught, "course_id", course_ids, skill_ids)
        ),
        skills_from_columns(skill_ids, texts_of_skill("name"), texts_of_skill("kind")),
        roles_from_columns(
            role_ids,
            texts_of_role("title"),
            texts_of_role("family"),
            texts_of_role("description"),
            _skill_columns(needed, "role_id", role_ids, skill_ids),
        ),
    )


def in_order(rows: Iterable[Row], key: str) -> list[Row]:
    """Return rows in the order they were loaded in, those that came one by one behind them, by id."""
    return sorted(rows, key=lambda row: (row["position"] is None, row["position"] or 0, row[key]))


def _in_order(connection: Connection, tenant: str, name: str, key: str) -> Columns:
    """Return the columns of a table, its rows in the order of `in_order`."""
    found = columns(connection, tenant, name)
    position, ids = found["position"], found[key]
    order = sorted(range(len(ids)), key=lambda i: (position[i] is None, position[i] or 0, ids[i]))
    if order == list(range(len(ids))):
        return found
    return {column: tuple(map(values.__getitem__, order)) for column, values in found.items()}


def _ids(listed: Sequence[str], *naming: Sequence[str]) -> Ids:
    """Return the ids of a table, then, sorted, those only other rows name."""
    return Ids([*listed, *sorted(set().union(*naming).difference(listed))])


def _texts(rows: Columns, n: int) -> Callable[[str], tuple[str, ...]]:
    def texts(column: str) -> tuple[str, ...]:
        values = rows[column]
        return (*(values if all(values) else [value or "" for value in values]), *[""] * (n - len(values)))

    return texts


def _numbers(rows: Columns, column: str) -> FloatArray:
    """Return a column of numbers, NaN where none is given or the table has no such column."""
    values = rows.get(column)
    n = len(rows["skill_id"] if values is None else values)
    return np.full(n, np.nan, dtype=np.float32) if values is None else np.array(values, dtype=np.float32)


def _times(rows: Columns, column: str, empty: int) -> LongArray:
    return np.array([empty if value is None else value for value in rows[column]], dtype=np.int64)


def _published(rows: Columns) -> NDArray[np.int8]:
    told = [-1 if published is None else int(published) for published in rows["published"]]
    return np.where(np.array(rows["gone"], dtype=np.bool_), 0, np.array(told)).astype(np.int8)


def _course_columns(rows: Columns, ids: Ids) -> CourseColumns:
    texts = _texts(rows, len(ids))
    return CourseColumns(
        ids=ids,
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
        hours=_numbers(rows, "hours"),
        cost=_numbers(rows, "cost"),
        available_from=_times(rows, "available_from", EARLIEST),
        available_to=_times(rows, "available_to", LATEST),
        published=_published(rows),
    )


def _skill_columns(rows: Columns, owner: str, owners: Ids, skills: Ids) -> SkillColumns:
    return SkillColumns(
        owner_idx=owners.find_all(rows[owner]),
        skill_idx=skills.find_all(rows["skill_id"]),
        level=_numbers(rows, "level"),
        inferred=np.array([source == "inferred" for source in rows["source"]], dtype=np.bool_),
        entry_level=_numbers(rows, "entry_level"),
        importance=_numbers(rows, "importance"),
        confidence=_numbers(rows, "confidence"),
    )
