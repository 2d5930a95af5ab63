"""Which ids a tenant knows, and what must not point at itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from sqlalchemy import Connection, select

from recommender.assembly import pieces
from store.rows import among, having
from store.tables import canonical

_WHERE = {
    "courses": ("course_id", ("courses",)),
    "skills": ("skill_id", ("skills", "course_skills", "role_skills")),
    "roles": ("role_id", ("roles", "role_skills")),
    "employees": ("employee_id", ("employees",)),
}
"""The column an id stands in, and the tables that make it known: as in a data directory, a skill need not be described."""


def known(connection: Connection, tenant: str, what: str, ids: Iterable[str]) -> set[str]:
    """Return those ids that are known; `what` is courses (deleted ones too), skills, roles or employees."""
    column, tables = _WHERE[what]
    left, found = set(ids), set[str]()
    for name in tables:
        if left:
            found |= {row[column] for row in among(connection, tenant, name, column, left)}
            left -= found
    return found


def has_any(connection: Connection, tenant: str, name: str) -> bool:
    """Tell whether a tenant has a row in a canonical table."""
    table = canonical[name]
    return connection.execute(select(table.c.tenant).where(table.c.tenant == tenant).limit(1)).first() is not None


def cycle_through(connection: Connection, tenant: str, column: str, changed: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the ids of a circle that changed courses would close, [] if they close none.

    `column` is prerequisites or supersedes; `changed` has what it shall say of each changed course.
    """
    if not any(changed.values()):
        return []
    courses = canonical["courses"]
    asked = select(courses.c.course_id, courses.c[column]).where(
        courses.c.tenant == tenant, courses.c[column].is_not(None), courses.c[column] != ""
    )
    graph: dict[str, Sequence[str]] = {row[0]: pieces(row[1]) for row in connection.execute(asked)}
    try:
        TopologicalSorter({**graph, **changed}).prepare()
    except CycleError as error:
        return list(dict.fromkeys(error.args[1]))
    return []


def uses_of_skill(connection: Connection, tenant: str, skill_id: str) -> int:
    """Return how many courses teach and roles need a skill."""
    return sum(len(having(connection, tenant, name, skill_id=skill_id)) for name in ("course_skills", "role_skills"))
