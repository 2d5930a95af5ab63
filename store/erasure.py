"""People's rights: all that is held of a person, its erasure everywhere, and that nobody comes back by accident.

What is erased leaves a tombstone for each name the person had: a keyed hash, so that the database does not tell who they
were, but a late event or an old file can be recognised. The key is LPR_ERASURE_KEY, or one made with the first erasure and
kept in the table `secrets`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, and_, delete, func, or_, select, tuple_, update

from recommender.errors import ErasedPerson
from store.identities import Identity, canonical, forms, identity_of
from store.mentions import Named
from store.own_secrets import kept_secret, made_secret
from store.rows import upsert
from store.tables import canonical as canonical_tables
from store.tables import decisions, idempotency, metadata, rejects, statements, tombstones

KEY_VARIABLE = "LPR_ERASURE_KEY"
EMPLOYEE = "employee"
_KEY_NAME = "erasure"
_CHUNK = 500

_OF_A_PERSON = tuple(table for table in metadata.sorted_tables if "employee_id" in table.c)
_DELETED = tuple(table for table in _OF_A_PERSON if table not in {decisions, statements})
_READ_FROM_BODY = ("verb", "activity", "actor_value")
"""Columns of statements that repeat texts of the body."""
_SAID = {
    idempotency: (idempotency.c.body, idempotency.c.headers, idempotency.c.idempotency_key),
    rejects: (rejects.c.value, rejects.c.reason),
}
"""Texts that may name people in rows that are nobody's: the record of a write of many, a bad row."""


def is_erased(connection: Connection, tenant: str, kind: str, value: str) -> bool:
    """Tell whether a person was erased who had this name; `kind` is "employee" or a kind of identity."""
    return bool(any_erased(connection, tenant, kind, [value]))


def any_erased(connection: Connection, tenant: str, kind: str, values: Iterable[str]) -> set[str]:
    """Return those of `values` that named people who were erased. Mail addresses are found by their hashes too."""
    key = _key(connection)
    if key is None:
        return set()
    meant = defaultdict[str, set[str]](set)
    for value in set(values):
        for one in _spellings(kind, value):
            meant[_digest(key, tenant, one)].add(value)
    found, digests = set[str](), sorted(meant)
    for start in range(0, len(digests), _CHUNK):
        among = tombstones.c.digest.in_(digests[start : start + _CHUNK])
        for digest in connection.execute(
            select(tombstones.c.digest).where(tombstones.c.tenant == tenant, among)
        ).scalars():
            found |= meant[digest]
    return found


def refuse_erased(connection: Connection, tenant: str, employee_id: str) -> None:
    """Refuse to store a person who was erased.

    Raises
    ------
    ErasedPerson
        If they were, and not revived since.
    """
    if is_erased(connection, tenant, EMPLOYEE, employee_id):
        raise ErasedPerson("a person with this id was erased; expected another id, or that they are revived on purpose")


def revive(connection: Connection, tenant: str, kind: str, value: str) -> bool:
    """Let somebody be stored under a name of an erased person again; False if nobody erased had it.

    Nothing comes back by this. Each name is revived by itself: an id here, its mail address apart.
    """
    key = _key(connection)
    if key is None:
        return False
    digests = [_digest(key, tenant, one) for one in _spellings(kind, value)]
    gone = delete(tombstones).where(tombstones.c.tenant == tenant, tombstones.c.digest.in_(digests))
    return connection.execute(gone).rowcount > 0


def held(connection: Connection, tenant: str, employee_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return every row held of a person, by table in the order of names; tables without one are absent.

    Statements are theirs if they were applied to them or name them as the actor.
    """
    named, found = _named(connection, tenant, employee_id), {}
    for table in sorted(_OF_A_PERSON, key=lambda one: one.name):
        theirs = _own_statements(named) if table is statements else table.c.employee_id == employee_id
        asked = select(table).where(table.c.tenant == tenant, theirs).order_by(*table.primary_key)
        rows = [dict(row) for row in connection.execute(asked).mappings()]
        if rows:
            found[table.name] = rows
    return found


def erase(connection: Connection, tenant: str, employee_id: str, *, at: int) -> int:
    """Erase a person from every table and return how many rows that took; 0 leaves no tombstone.

    Rows of theirs go; what was shown to them stays as shown to nobody; a statement about somebody else stays without
    naming them. `connection` is one of `Database.write`: whoever checks for tombstones before storing does so there too,
    so none can be missed. `Database.forget_freed_pages` afterwards clears what a file of SQLite still has of it.

    Parameters
    ----------
    at
        When, in seconds since 1970-01-01 UTC.
    """
    _turn(connection, tenant, "pg_advisory_xact_lock")
    named = _named(connection, tenant, employee_id)
    n = _erase_statements(connection, tenant, named)
    for table in _DELETED:
        n += _count(connection, delete(table).where(table.c.tenant == tenant, table.c.employee_id == employee_id))
    shown = update(decisions).where(decisions.c.tenant == tenant, decisions.c.employee_id == employee_id)
    n += _count(connection, shown.values(employee_id=None, request_id=None))
    employees = canonical_tables["employees"]
    led = update(employees).where(employees.c.tenant == tenant, employees.c.manager_id == employee_id)
    n += _count(connection, led.values(manager_id=None))
    for table, columns in _SAID.items():
        n += _erase_mentions(connection, tenant, named, table, columns)
    if n:
        _bury(connection, tenant, named, at=at)
    return n


def keep_erasures_out(connection: Connection, tenant: str) -> None:
    """Let no erasure of a tenant begin until the transaction ends; waits for one that has begun.

    For writers that are not ordered by `Database.write`, and should not wait for a long load that is.
    """
    _turn(connection, tenant, "pg_advisory_xact_lock_shared")


def _turn(connection: Connection, tenant: str, lock: str) -> None:
    """Take a lock of PostgreSQL about a tenant's erasures; writers of SQLite take turns anyway."""
    if connection.dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(f"lpr erasure {tenant}".encode()).digest()[:8], signed=True)
        connection.execute(select(getattr(func, lock)(number)))


def _named(connection: Connection, tenant: str, employee_id: str) -> Named:
    """Return everything a person is called by, as far as stored: also the actors of statements applied to them."""
    employees, identities = canonical_tables["employees"], canonical_tables["identities"]
    name = connection.execute(
        select(employees.c.name).where(employees.c.tenant == tenant, employees.c.employee_id == employee_id)
    ).scalar_one_or_none()
    told = select(identities.c.kind, identities.c.value).where(
        identities.c.tenant == tenant, identities.c.employee_id == employee_id
    )
    acted = (
        select(statements.c.actor_kind, statements.c.actor_value)
        .where(statements.c.tenant == tenant, statements.c.employee_id == employee_id)
        .where(statements.c.actor_kind.is_not(None), statements.c.actor_value.is_not(None))
        .distinct()
    )
    both = [*connection.execute(told), *connection.execute(acted)]
    known = {one for kind, value in both for one in _spellings(kind, value)}
    return Named(employee_id, name, frozenset(known))


def _own_statements(named: Named) -> ColumnElement[bool]:
    theirs = statements.c.employee_id == named.employee_id
    if not named.identities:
        return theirs
    actor = tuple_(statements.c.actor_kind, statements.c.actor_value)
    return or_(theirs, and_(statements.c.employee_id.is_(None), actor.in_(sorted(named.identities))))


def _erase_statements(connection: Connection, tenant: str, named: Named) -> int:
    """Delete a person's own statements and take them out of those of others."""
    of_tenant = statements.c.tenant == tenant
    n = _count(connection, delete(statements).where(of_tenant, _own_statements(named)))
    for row in _may_name(connection, tenant, named, statements, [statements.c.body]):
        body, this = json.loads(row["body"]), and_(of_tenant, statements.c.statement_id == row["statement_id"])
        redacted = named.redacted(body)
        if row["employee_id"] is None and _is_theirs(named, body, redacted):
            n += _count(connection, delete(statements).where(this))
        elif redacted != body:
            kept = {name: named.redacted(row[name]) for name in _READ_FROM_BODY}
            kept["body"] = json.dumps(redacted, ensure_ascii=False, separators=(",", ":"))
            n += _count(connection, update(statements).where(this).values(kept))
    return n


def _is_theirs(named: Named, body: Any, redacted: Any) -> bool:
    """Tell whether the actor of a statement is a person, also by a name that holds a mail address of theirs."""
    actor, left = body.get("actor"), redacted.get("actor")
    if named.is_agent(actor):
        return True
    agents = isinstance(actor, Mapping) and isinstance(left, Mapping)
    return agents and identity_of(actor) != identity_of(left)


def _erase_mentions(
    connection: Connection, tenant: str, named: Named, table: Table, columns: Sequence[ColumnElement[str]]
) -> int:
    """Delete rows that are nobody's but name a person."""
    n = 0
    for row in _may_name(connection, tenant, named, table, columns):
        if any(named.is_mentioned(row[column.name]) for column in columns if row[column.name]):
            this = and_(*(column == row[column.name] for column in table.primary_key))
            n += _count(connection, delete(table).where(this))
    return n


def _may_name(
    connection: Connection, tenant: str, named: Named, table: Table, columns: Sequence[ColumnElement[str]]
) -> list[RowMapping]:
    """Return the rows that may name a person in one of these columns, each once."""
    found: dict[tuple[Any, ...], RowMapping] = {}
    for fits in (condition for column in columns for condition in named.may_name(column)):
        for row in connection.execute(select(table).where(table.c.tenant == tenant, fits)).mappings():
            found[tuple(row[column.name] for column in table.primary_key)] = row
    return list(found.values())


def _bury(connection: Connection, tenant: str, named: Named, *, at: int) -> None:
    key = _key(connection) or made_secret(connection, _KEY_NAME)
    names = {(EMPLOYEE, named.employee_id), *named.identities}
    upsert(
        tombstones,
        connection,
        [{"tenant": tenant, "digest": _digest(key, tenant, one), "at": at} for one in sorted(names)],
    )


def _spellings(kind: str, value: str) -> set[Identity]:
    """Return what a name is recognised by: its form and, of a mail address, its hashes."""
    if kind == EMPLOYEE:
        return {(EMPLOYEE, value)}
    found = forms(kind, value)
    hashed = {("mbox_sha1sum", one) for one in (found["sha1"], found["sha1_as_given"]) if one}
    return {(kind, canonical(kind, value)), *hashed}


def _digest(key: bytes, tenant: str, one: Identity) -> str:
    return hmac.new(key, json.dumps([tenant, *one]).encode(), hashlib.sha256).hexdigest()


def _key(connection: Connection) -> bytes | None:
    """Return the key of tombstones, None if none was needed yet."""
    given = os.environ.get(KEY_VARIABLE)
    return given.encode() if given else kept_secret(connection, _KEY_NAME)


def _count(connection: Connection, statement: Any) -> int:
    return int(connection.execute(statement).rowcount)
