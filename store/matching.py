"""Whom and what a statement is about: stored identities and courses. Where two fit, none is taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, or_, select

from store.identities import Identity
from store.rows import chunks
from store.tables import canonical

_CHUNK = 500


def people_known(connection: Connection, tenant: str, identities: Iterable[Identity]) -> dict[Identity, str]:
    """Return the employee each identity means; absent are those that mean nobody who is stored, or several.

    A hashed mail address means whoever has that hash, or an address with that hash.
    """
    wanted, found = set(identities), defaultdict[Identity, set[str]](set)
    table, employees = canonical["identities"], canonical["employees"]
    for chunk in chunks(sorted({form for _, form in wanted}), _CHUNK):
        fits = or_(table.c.form.in_(chunk), table.c.sha1.in_(chunk), table.c.sha1_as_given.in_(chunk))
        asked = (
            select(table)
            .join(employees, (employees.c.tenant == table.c.tenant) & (employees.c.employee_id == table.c.employee_id))
            .where(table.c.tenant == tenant, fits)
        )
        for row in connection.execute(asked).mappings():
            found[row["kind"], row["form"]].add(row["employee_id"])
            found["mbox_sha1sum", row["sha1"]].add(row["employee_id"])
            found["mbox_sha1sum", row["sha1_as_given"]].add(row["employee_id"])
    return {one: next(iter(found[one])) for one in wanted if len(found[one]) == 1}


def courses_known(connection: Connection, tenant: str, activities: Iterable[str]) -> dict[str, str]:
    """Return the course each activity means: the one with that `uri`, else the one with that id.

    Of several with one `uri`, the only one on offer; absent are activities that mean no course or several.
    """
    table, wanted = canonical["courses"], set(activities)
    by_uri, by_id = defaultdict[str, list[tuple[str, bool]]](list), set[str]()
    for chunk in chunks(sorted(wanted), _CHUNK):
        asked = select(table.c.course_id, table.c.uri, table.c.gone, table.c.published).where(
            table.c.tenant == tenant, or_(table.c.uri.in_(chunk), table.c.course_id.in_(chunk))
        )
        for course_id, uri, gone, published in connection.execute(asked):
            by_id.add(course_id)
            if uri in wanted:
                by_uri[uri].append((course_id, not gone and published is not False))
    return {one: meant for one in wanted if (meant := _meant(one, by_uri.get(one, []), by_id)) is not None}


def _meant(activity: str, with_uri: list[tuple[str, bool]], ids: set[str]) -> str | None:
    if not with_uri:
        return activity if activity in ids else None
    offered = [course for course, on_offer in with_uri if on_offer] if len(with_uri) > 1 else [with_uri[0][0]]
    return offered[0] if len(offered) == 1 else None


def names_of(connection: Connection, tenant: str, employees: Iterable[str]) -> set[Identity]:
    """Return every identity by which a statement may name one of these employees."""
    table, found = canonical["identities"], set[Identity]()
    for chunk in chunks(sorted(set(employees)), _CHUNK):
        asked = select(table).where(table.c.tenant == tenant, table.c.employee_id.in_(chunk))
        for row in connection.execute(asked).mappings():
            found.add((row["kind"], row["form"]))
            found |= {("mbox_sha1sum", hashed) for hashed in (row["sha1"], row["sha1_as_given"]) if hashed}
    return found


def activities_of(connection: Connection, tenant: str, courses: Iterable[str]) -> set[str]:
    """Return every activity id by which a statement may name one of these courses."""
    table, found = canonical["courses"], set[str]()
    for chunk in chunks(sorted(set(courses)), _CHUNK):
        asked = select(table.c.course_id, table.c.uri).where(table.c.tenant == tenant, table.c.course_id.in_(chunk))
        found |= {name for row in connection.execute(asked) for name in row if name}
    return found
