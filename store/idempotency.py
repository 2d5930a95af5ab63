"""What was answered to writes that came with a key of their own, so that one sent again is not done again.

A record is kept in the transaction of the write it is about: there is never one without the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from store.rows import upsert
from store.tables import idempotency as table

KEPT = 86_400
"""Seconds for which a key is remembered."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a write was answered: a fingerprint of the request, and status, body and headers of the answer."""

    fingerprint: str
    status: int
    body: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose key it is: a tenant, the API key that wrote, and the key of the write itself."""

    tenant: str
    key_id: str
    key: str


def find(connection: Connection, asker: Asker, *, at: int) -> Answered | None:
    """Return what was answered to a key within the last day; None if nothing was."""
    asked = select(table.c.fingerprint, table.c.status, table.c.body, table.c.headers).where(
        table.c.tenant == asker.tenant,
        table.c.key_id == asker.key_id,
        table.c.idempotency_key == asker.key,
        table.c.at > at - KEPT,
    )
    row = connection.execute(asked).one_or_none()
    return None if row is None else Answered(row[0], int(row[1]), row[2], json.loads(row[3]))


def keep(connection: Connection, asker: Asker, answered: Answered, *, employee_id: str | None, at: int) -> None:
    """Keep what is answered to a key, and forget what a day has passed over.

    `employee_id` is whom the answer is about, so that it goes when they are erased.
    """
    connection.execute(delete(table).where(table.c.at <= at - KEPT))
    row = {
        "tenant": asker.tenant,
        "key_id": asker.key_id,
        "idempotency_key": asker.key,
        "fingerprint": answered.fingerprint,
        "status": answered.status,
        "body": answered.body,
        "headers": json.dumps(dict(answered.headers)),
        "employee_id": employee_id,
        "at": at,
    }
    upsert(table, connection, [row])
