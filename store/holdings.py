"""How much a tenant's database holds, and what its latest load set aside, by table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from store.rows import count
from store.tables import canonical, rejects

COUNTED = ("employees", "completions", "skill_evidence", "courses", "roles", "skills")
"""The tables that are counted, deleted courses left out."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """Rows by table, and rows set aside by (table, reason), the most first."""

    rows: Mapping[str, int]
    set_aside: tuple[tuple[str, str, int], ...]


def holdings_of(connection: Connection, tenant: str) -> Holdings:
    """Return how much a tenant has."""
    there = {"courses": (canonical["courses"].c.gone.is_(False),)}
    n = func.count()
    asked = (
        select(rejects.c.table_name, rejects.c.reason, n)
        .where(rejects.c.tenant == tenant)
        .group_by(rejects.c.table_name, rejects.c.reason)
        .order_by(n.desc(), rejects.c.table_name, rejects.c.reason)
    )
    found = tuple((str(table), str(reason), int(times)) for table, reason, times in connection.execute(asked))
    return Holdings({name: count(connection, tenant, name, where=there.get(name, ())) for name in COUNTED}, found)
