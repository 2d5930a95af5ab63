"""Links into the pages, each good once and for minutes, and the visits they begin, which last for hours.

A link carries a ticket, `lpv_<ticket_id>_<secret>`. A browser that brings it gets a secret of its own, in a cookie. Both
are 256 random bits, and the database has their SHA-256 only. What a key issued ends with it, and with an erased person
everything of theirs.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, delete, insert, select, update

from store.erasure import keep_erasures_out
from store.keys import random_id
from store.tables import canonical, tickets, visits

EMPLOYEE, INSIGHT = "employee", "insight"
"""The kinds of visits: of one employee at their own page, or of a manager at the overview."""

_SECRET_BYTES = 32
_GIVEN = re.compile(r"lpv_([a-z0-9]{12})_([A-Za-z0-9_-]{43})", re.ASCII)
_NO_DIGEST = hashlib.sha256().hexdigest()
_FORGOTTEN_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Link:
    """For whom a link is: whose tenant, `EMPLOYEE` with an id or `INSIGHT` without, and which key issued it.

    `language` and `path` say how and where the visit begins, "" for the usual.
    """

    tenant: str
    kind: str
    employee_id: str | None
    key_id: str
    language: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit under way; `visit_id` is the hash of its secret."""

    visit_id: str
    tenant: str
    kind: str
    employee_id: str | None
    language: str


def issue(connection: Connection, link: Link, *, at: int, seconds: int) -> str | None:
    """Return the ticket of a new link, good until `at + seconds`; None if there is no such employee.

    `connection` is one for changes, and the caller has asked `store.keys.is_usable` of the key over it.
    """
    keep_erasures_out(connection, link.tenant)
    _forget(connection, tickets, at=at)
    if link.kind == EMPLOYEE and not _is_employee(connection, link.tenant, link.employee_id):
        return None
    ticket_id, secret = random_id(), secrets.token_urlsafe(_SECRET_BYTES)
    row = {
        "ticket_id": ticket_id,
        "tenant": link.tenant,
        "kind": link.kind,
        "employee_id": link.employee_id,
        "key_id": link.key_id,
        "secret_sha256": _digest(secret),
        "language": link.language,
        "path": link.path,
        "created_at": at,
        "expires_at": at + seconds,
    }
    connection.execute(insert(tickets).values(row))
    return f"lpv_{ticket_id}_{secret}"


def is_good(connection: Connection, ticket: str, *, at: int) -> bool:
    """Tell whether a ticket is one, unused and in time; only using it decides who was first."""
    return _good(connection, ticket, at=at) is not None


def begin(connection: Connection, ticket: str, *, at: int, seconds: int) -> tuple[Link, str] | None:
    """Use a ticket up, and return its link and the secret of the visit it begins; None if it is not good any more.

    `connection` is one for changes. Of many who bring the ticket at once exactly one gets a visit.
    """
    row = _good(connection, ticket, at=at)
    if row is None:
        return None
    keep_erasures_out(connection, row["tenant"])
    unused = update(tickets).where(tickets.c.ticket_id == row["ticket_id"], tickets.c.used_at.is_(None))
    if connection.execute(unused.values(used_at=at)).rowcount != 1:
        return None
    _forget(connection, visits, at=at)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    kept = {name: row[name] for name in ("tenant", "kind", "employee_id", "key_id", "language")}
    times = {"created_at": at, "expires_at": at + seconds}
    connection.execute(insert(visits).values(visit_id=_digest(secret), **kept, **times))
    return Link(**kept, path=row["path"]), secret


def visit_of(connection: Connection, secret: str, *, at: int) -> Visit | None:
    """Return the visit a cookie's secret stands for; None if it ended, or its employee is there no more."""
    asked = select(visits).where(visits.c.visit_id == _digest(secret), visits.c.expires_at > at)
    row = connection.execute(asked).mappings().one_or_none()
    if row is None:
        return None
    if row["kind"] == EMPLOYEE and not _is_employee(connection, row["tenant"], row["employee_id"]):
        return None
    return Visit(row["visit_id"], row["tenant"], row["kind"], row["employee_id"], row["language"])


def end(connection: Connection, visit_id: str) -> None:
    """End a visit."""
    connection.execute(delete(visits).where(visits.c.visit_id == visit_id))


def speak(connection: Connection, visit_id: str, language: str) -> None:
    """Make the pages of a visit speak a language from now on."""
    connection.execute(update(visits).where(visits.c.visit_id == visit_id).values(language=language))


def _good(connection: Connection, ticket: str, *, at: int) -> RowMapping | None:
    """Return the row of a ticket that is unused and in time.

    It is looked up by its id; the secrets' hashes are compared in constant time, also where there is no such id.
    """
    parts = _GIVEN.fullmatch(ticket)
    if parts is None:
        return None
    row = connection.execute(select(tickets).where(tickets.c.ticket_id == parts[1])).mappings().one_or_none()
    matches = hmac.compare_digest(_digest(parts[2]), _NO_DIGEST if row is None else str(row["secret_sha256"]))
    is_open = row is not None and row["used_at"] is None and at < int(row["expires_at"])
    return row if matches and is_open else None


def _is_employee(connection: Connection, tenant: str, employee_id: str | None) -> bool:
    table = canonical["employees"]
    asked = select(table.c.employee_id).where(table.c.tenant == tenant, table.c.employee_id == employee_id)
    return connection.execute(asked).one_or_none() is not None


def _forget(connection: Connection, table: Table, *, at: int) -> None:
    """Delete rows whose time is over, without waiting for whoever deletes the same."""
    key: Any = next(iter(table.primary_key))
    over = select(key).where(table.c.expires_at <= at).limit(_FORGOTTEN_AT_ONCE).with_for_update(skip_locked=True)
    connection.execute(delete(table).where(key.in_(over)))


def id_of(secret: str) -> str:
    """Return the id of the visit whose secret this is."""
    return _digest(secret)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()
