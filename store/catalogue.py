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
from store.rows import Row, everything


def catalogue_of(connection: Connection, tenant: str) -> tuple[Catalog, Skills, Roles] | None:
    """Return everything a tenant's catalogue says; None if the tenant has no course.

    Courses, skills and roles stand in the order of the files they were loaded from, later ones by id behind them. A course
    that was deleted stays, unpublished. Skills and roles that only other rows name are known by their id.
    """
    courses = in_order(everything(connection, tenant, "courses"), "course_id")
    if not courses:
        return None
    skills = in_order(everything(connection, tenant, "skills"), "skill_id")
    roles = in_order(everything(connection, tenant, "roles"), "role_id")
    taught = list(everything(connection, tenant, "course_skills"))
    needed = list(everything(connection, tenant, "role_skills"))
    course_ids = Ids(row["course_id"] for row in courses)
    skill_ids = _ids(skills, "skill_id", (*taught, *needed))
    role_ids = _ids(roles, "role_id", needed)
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


def _ids(listed: Sequence[Row], key: str, naming: Iterable[Row]) -> Ids:
    """Return the ids of a table, then, sorted, those only other rows name."""
    ids = [row[key] for row in listed]
    return Ids([*ids, *sorted({row[key] for row in naming}.difference(ids))])


def _texts(rows: Sequence[Row], n: int) -> Callable[[str], tuple[str, ...]]:
    blank = ("",) * (n - len(rows))
    return lambda column: tuple(row[column] or "" for row in rows) + blank


def _numbers(rows: Sequence[Row], column: str) -> FloatArray:
    return np.array([np.nan if row.get(column) is None else row[column] for row in rows], dtype=np.float32)


def _times(rows: Sequence[Row], column: str, empty: int) -> LongArray:
    return np.array([empty if row[column] is None else row[column] for row in rows], dtype=np.int64)


def _published(row: Row) -> int:
    return 0 if row["gone"] else -1 if row["published"] is None else int(row["published"])


def _course_columns(rows: Sequence[Row], ids: Ids) -> CourseColumns:
    texts = _texts(rows, len(rows))
    published: NDArray[np.int8] = np.array([_published(row) for row in rows], dtype=np.int8)
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
        published=published,
    )


def _skill_columns(rows: Sequence[Row], owner: str, owners: Ids, skills: Ids) -> SkillColumns:
    return SkillColumns(
        owner_idx=owners.find_all(row[owner] for row in rows),
        skill_idx=skills.find_all(row["skill_id"] for row in rows),
        level=_numbers(rows, "level"),
        inferred=np.array([row["source"] == "inferred" for row in rows], dtype=np.bool_),
        entry_level=_numbers(rows, "entry_level"),
        importance=_numbers(rows, "importance"),
        confidence=_numbers(rows, "confidence"),
    )
