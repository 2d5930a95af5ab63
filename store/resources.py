"""Courses, roles, skills, employees and assignments as whole things: a row and the rows that belong to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, update

from store import rows
from store.database import revision_of
from store.identities import Identity
from store.identities import canonical as canonical_form
from store.rows import Row
from store.tables import canonical


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of thing: its table, the column of its id, the table of what belongs to it, and whether it is catalogue."""

    table: str
    key: str
    part: str | None = None
    catalogue: bool = False


COURSES = Resource("courses", "course_id", "course_skills", catalogue=True)
ROLES = Resource("roles", "role_id", "role_skills", catalogue=True)
SKILLS = Resource("skills", "skill_id", catalogue=True)
EMPLOYEES = Resource("employees", "employee_id", "identities")
ASSIGNMENTS = Resource("assignments", "assignment_id")


@dataclass(frozen=True, slots=True)
class Whole:
    """A thing: its row, and the rows that belong to it, by their keys."""

    row: Row
    parts: list[Row] = field(default_factory=list)


def find(connection: Connection, tenant: str, resource: Resource, key: str) -> Whole | None:
    """Return a thing by its id; None if there is none, or it is a course that was deleted."""
    row = rows.one(connection, tenant, resource.table, key)
    if row is None or row.get("gone"):
        return None
    return _with_parts(connection, tenant, resource, [row])[0]


def page(connection: Connection, tenant: str, resource: Resource, *, limit: int, after: str | None) -> list[Whole]:
    """Return at most `limit` things that follow an id, in the order of the ids."""
    begin = None if after is None else (after,)
    found = rows.page(connection, tenant, resource.table, limit=limit, after=begin, where=_there(resource))
    return _with_parts(connection, tenant, resource, found)


def total(connection: Connection, tenant: str, resource: Resource) -> int:
    """Return how many things of a kind a tenant has."""
    return rows.count(connection, tenant, resource.table, where=_there(resource))


def put(connection: Connection, tenant: str, resource: Resource, things: Sequence[Whole]) -> None:
    """Put things whole: what was known of them before, and what belonged to them, is replaced.

    `connection` is one of `Database.write`, with `catalogue` where the resource is.
    """
    revision = revision_of(connection, tenant).catalogue if resource is COURSES else None
    rows.put(connection, tenant, resource.table, [one.row for one in things], revision=revision)
    if resource.part is not None:
        for one in things:
            rows.remove(connection, tenant, resource.part, **{resource.key: one.row[resource.key]})
        rows.put(connection, tenant, resource.part, [part for one in things for part in one.parts])


def drop(connection: Connection, tenant: str, resource: Resource, key: str) -> None:
    """Delete a thing and what belongs to it. A course is kept, unpublished and hidden: completions of it still count."""
    if resource is COURSES:
        courses = canonical["courses"]
        gone = {"gone": True, "published": False, "revision": revision_of(connection, tenant).catalogue}
        connection.execute(update(courses).where(courses.c.tenant == tenant, courses.c.course_id == key).values(gone))
        return
    if resource.part is not None:
        rows.remove(connection, tenant, resource.part, **{resource.key: key})
    rows.remove(connection, tenant, resource.table, **{resource.key: key})


def note_role_change(connection: Connection, tenant: str, before: Row | None, after: Row, *, at: int) -> None:
    """Record that an employee holds another role from now on, where one was known before.

    The role somebody holds follows from the changes as soon as there is one, and mandatory training counts from it.
    """
    role, who = after.get("role_id"), after["employee_id"]
    changes = rows.having(connection, tenant, "role_changes", employee_id=who)
    last = max(changes, key=lambda one: (one["changed_at"], one["to_role_id"]), default=None)
    held = last["to_role_id"] if last else (before or {}).get("role_id")
    if not role or not held or role == held:
        return
    moment = max(at, last["changed_at"] + 1 if last else at)
    change = {"employee_id": who, "from_role_id": held, "to_role_id": role, "changed_at": moment}
    rows.put(connection, tenant, "role_changes", [change])


def owners(connection: Connection, tenant: str, identities: Sequence[Row]) -> dict[Identity, set[str]]:
    """Return whose those identities are that somebody has, by kind and form: however they are written."""
    asked = {(one["kind"], canonical_form(one["kind"], one["value"])) for one in identities}
    found: dict[Identity, set[str]] = {}
    for one in rows.among(connection, tenant, "identities", "form", {form for _, form in asked}):
        if (one["kind"], one["form"]) in asked:
            found.setdefault((one["kind"], one["form"]), set()).add(one["employee_id"])
    return found


def _there(resource: Resource) -> Sequence[ColumnElement[bool]]:
    return (canonical["courses"].c.gone.is_(False),) if resource is COURSES else ()


def _with_parts(connection: Connection, tenant: str, resource: Resource, found: Sequence[Row]) -> list[Whole]:
    parts: dict[Any, list[Row]] = {row[resource.key]: [] for row in found}
    if resource.part is not None:
        for part in rows.among(connection, tenant, resource.part, resource.key, parts):
            parts[part[resource.key]].append(part)
    return [Whole(row, parts[row[resource.key]]) for row in found]
