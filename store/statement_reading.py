"""Reading xAPI statements: one by its id, or those that fit, page by page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from recommender.moments import moment_text
from store.identities import Identity
from store.tables import statements as table

Statement = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which statements: all conditions must hold.

    Parameters
    ----------
    actor, verb, activity
        Whose, and about what; compared as they are applied.
    since, until
        Received after the one second and up to the other.
    ascending
        The oldest first.
    after
        The place of the last one that was read, as `Page.last` has it.
    """

    actor: Identity | None = None
    verb: str | None = None
    activity: str | None = None
    since: int | None = None
    until: int | None = None
    ascending: bool = False
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Statements, and the place of the last one; `last` is None where no more follow."""

    statements: list[Statement]
    last: int | None


def one_statement(connection: Connection, tenant: str, statement_id: str, *, voided: bool) -> Statement | None:
    """Return a statement by its id, among those that are voided or those that are not; None if there is none."""
    asked = select(table).where(
        table.c.tenant == tenant, table.c.statement_id == statement_id.lower(), table.c.voided.is_(voided)
    )
    row = connection.execute(asked).mappings().first()
    return None if row is None else _whole(row)


def find_statements(connection: Connection, tenant: str, wanted: Wanted, *, limit: int) -> Page:
    """Return at most `limit` statements that are not voided, in the order in which they were received."""
    asked = select(table).where(table.c.tenant == tenant, table.c.voided.is_(False))
    if wanted.actor is not None:
        asked = asked.where(table.c.actor_kind == wanted.actor[0], table.c.actor_value == wanted.actor[1])
    for column, value in ((table.c.verb, wanted.verb), (table.c.activity, wanted.activity)):
        if value is not None:
            asked = asked.where(column == value)
    if wanted.since is not None:
        asked = asked.where(table.c.stored_at > wanted.since)
    if wanted.until is not None:
        asked = asked.where(table.c.stored_at <= wanted.until)
    if wanted.after is not None:
        place = table.c.sequence
        asked = asked.where(place > wanted.after if wanted.ascending else place < wanted.after)
    order = table.c.sequence.asc() if wanted.ascending else table.c.sequence.desc()
    rows = connection.execute(asked.order_by(order).limit(limit + 1)).mappings().all()
    kept = rows[:limit]
    return Page([_whole(row) for row in kept], kept[-1]["sequence"] if len(rows) > limit else None)


def _whole(row: RowMapping) -> Statement:
    """Return a statement as it was received, with what the receiver adds."""
    stored = moment_text(row["stored_at"])
    body: Statement = json.loads(row["body"])
    return {"timestamp": stored, "version": "1.0.0"} | body | {"stored": stored}
