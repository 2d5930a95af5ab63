"""Rows of the canonical tables: put, read, page and delete them, always those of one tenant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, select, tuple_

from recommender.schema import TABLES
from store.identities import forms
from store.tables import CATALOGUE, FACTS, canonical, fact_id, insert_into, key_of

Row = dict[str, Any]
Columns = dict[str, tuple[Any, ...]]
_CHUNK = 500
"""Rows of one statement: SQLite takes at most 32,766 values in one."""


def columns_of(table: str) -> tuple[str, ...]:
    """Return the names of a canonical table's own columns, the tenant and our bookkeeping apart."""
    return tuple(column.name for column in TABLES[table].columns)


def upsert(table: Table, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put rows: those whose key is there are replaced in the columns given. All rows have the same columns."""
    if not rows:
        return
    key = [column.name for column in table.primary_key]
    for chunk in chunks(rows, max(1, min(_CHUNK, 30_000 // len(rows[0])))):
        asked = insert_into(connection, table).values([dict(row) for row in chunk])
        changed = {name: asked.excluded[name] for name in rows[0] if name not in key}
        if changed:
            asked = asked.on_conflict_do_update(index_elements=key, set_=changed)
        else:
            asked = asked.on_conflict_do_nothing(index_elements=key)
        connection.execute(asked)


def put(
    connection: Connection, tenant: str, name: str, rows: Iterable[Mapping[str, Any]], *, revision: int | None = None
) -> int:
    """Put rows of a canonical table, whole: columns a row does not have become empty. Return how many.

    Of two with the same key in one call the later counts. `revision`, for courses, is the catalogue revision written
    with them.
    """
    table, names, n = canonical[name], columns_of(name), 0
    for chunk in chunks(rows, _CHUNK):
        whole: dict[tuple[Any, ...], Row] = {}
        for row in chunk:
            one = {"tenant": tenant} | {column: row.get(column) for column in names}
            if name in FACTS:
                one["fact_id"] = fact_id(name, row)
            elif name == "assignments":
                one["assignment_id"] = row["assignment_id"]
            elif name == "courses":
                one |= {"gone": False, "revision": revision or 0}
            elif name == "identities":
                one |= forms(row["kind"], row["value"])
            whole[tuple(one[column] for column in key_of(name))] = one
        upsert(table, connection, list(whole.values()))
        n += len(chunk)
    return n


def one(connection: Connection, tenant: str, name: str, *key: Any) -> Row | None:
    """Return a row of a canonical table by its key, or None."""
    table = canonical[name]
    found = connection.execute(select(table).where(table.c.tenant == tenant, _is(table, name, key))).mappings().first()
    return None if found is None else dict(found)


def having(connection: Connection, tenant: str, name: str, **equal: Any) -> list[Row]:
    """Return the rows of a canonical table whose columns have these values, in the order of the key."""
    table = canonical[name]
    wanted = [table.c.tenant == tenant, *(table.c[column] == value for column, value in equal.items())]
    found = [dict(row) for row in connection.execute(select(table).where(*wanted)).mappings()]
    # Not ordered by the database: SQLite then reads the whole table along its key rather than the few rows asked for.
    return sorted(found, key=lambda row: [row[part] for part in key_of(name)])


def among(connection: Connection, tenant: str, name: str, column: str, values: Iterable[str]) -> list[Row]:
    """Return the rows whose `column` is one of `values`, in the order of the key."""
    table, found = canonical[name], []
    for chunk in chunks(sorted(set(values)), _CHUNK):
        asked = select(table).where(table.c.tenant == tenant, table.c[column].in_(chunk))
        found += [dict(row) for row in connection.execute(asked).mappings()]
    return sorted(found, key=lambda row: tuple(str(row[part]) for part in key_of(name)))


def everything(connection: Connection, tenant: str, name: str, *, block: int = 10_000) -> Iterable[Row]:
    """Yield every row of a canonical table in the order of its key, without holding them all."""
    table = canonical[name]
    asked = select(table).where(table.c.tenant == tenant).order_by(*(table.c[column] for column in key_of(name)))
    # An option of the statement: one of the connection would make cursors of what is executed after it.
    found = connection.execute(asked.execution_options(yield_per=block))
    names = tuple(found.keys())
    for part in found.partitions():
        yield from (dict(zip(names, row, strict=True)) for row in part)


def columns(connection: Connection, tenant: str, name: str) -> Columns:
    """Return every row of a canonical table, column by column, in no order: cheaper than a mapping a row."""
    table = canonical[name]
    asked = select(table).where(table.c.tenant == tenant)
    names = [column.name for column in table.columns]
    rows = connection.execute(asked).all()
    return dict(zip(names, zip(*rows, strict=True) if rows else ((),) * len(names), strict=True))


def page(
    connection: Connection,
    tenant: str,
    name: str,
    *,
    limit: int,
    after: Sequence[Any] | None = None,
    where: Sequence[ColumnElement[bool]] = (),
) -> list[Row]:
    """Return at most `limit` rows that follow the key `after`, in the order of the key: stable while rows come and go."""
    table = canonical[name]
    key = [table.c[column] for column in key_of(name)]
    asked = select(table).where(table.c.tenant == tenant, *where).order_by(*key).limit(limit)
    if after is not None:
        asked = asked.where(tuple_(*key) > tuple_(*after))
    return [dict(row) for row in connection.execute(asked).mappings()]


def count(connection: Connection, tenant: str, name: str, *, where: Sequence[ColumnElement[bool]] = ()) -> int:
    """Return how many rows of a canonical table a tenant has."""
    table = canonical[name]
    asked = select(func.count()).select_from(table).where(table.c.tenant == tenant, *where)
    return int(connection.execute(asked).scalar_one())


def remove(connection: Connection, tenant: str, name: str, **equal: Any) -> int:
    """Delete the rows whose columns have these values and return how many there were; at least one is asked for."""
    if not equal:
        raise ValueError("what to remove is not said")
    table = canonical[name]
    wanted = [table.c.tenant == tenant, *(table.c[column] == value for column, value in equal.items())]
    return int(connection.execute(delete(table).where(*wanted)).rowcount)


def changes_catalogue(name: str) -> bool:
    """Tell whether rows of a table are part of what is served to everybody."""
    return name in CATALOGUE


def _is(table: Table, name: str, key: Sequence[Any]) -> ColumnElement[bool]:
    return and_(*(table.c[column] == value for column, value in zip(key_of(name), key, strict=True)))


def chunks(rows: Iterable[Any], size: int) -> Iterable[list[Any]]:
    """Yield what there is in lists of at most `size`."""
    left = iter(rows)
    while chunk := list(islice(left, size)):
        yield chunk
