"""Many rows of one table at once: staged beside it, held against what is there, and only what differs is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    and_,
    case,
    delete,
    exists,
    false,
    func,
    or_,
    select,
    text,
)

from recommender.errors import StoreError, StoreUnavailable
from store.rows import chunks
from store.tables import insert_into

_BLOCK = 10_000


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows of one table: new, changed, the same as before, and removed."""

    new: int
    changed: int
    same: int
    removed: int = 0


def merge(
    connection: Connection,
    table: Table,
    tenant: str,
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    compared: Sequence[str],
    kept: Sequence[str] = (),
    replace: bool = False,
) -> Counts:
    """Put rows of a tenant: new ones are added, those that differ in a column of `compared` are changed in all.

    Parameters
    ----------
    names, rows
        Names of the columns, tenant and key among them, and a value for each; each key once.
    kept
        Columns that a row which is there already keeps.
    replace
        Whether rows of the tenant whose key is not among those given are removed.

    Raises
    ------
    StoreError
        If the database refuses a value.
    """
    key = [column.name for column in table.primary_key]
    staged = _stage(connection, table, names, rows)
    there = and_(*(table.c[name] == staged.c[name] for name in key))
    differs = or_(false(), *(table.c[name].is_distinct_from(staged.c[name]) for name in compared))
    changes = func.count(case((and_(table.c[key[0]].is_not(None), differs), 1)))
    counted = select(func.count(), func.count(table.c[key[0]]), changes).select_from(staged.outerjoin(table, there))
    total, known, changed = (int(n) for n in connection.execute(counted).one())
    removed = 0
    if replace:
        gone = ~exists().where(and_(*(staged.c[name] == table.c[name] for name in key)))
        removed = connection.execute(delete(table).where(table.c.tenant == tenant, gone)).rowcount
    if changed or known < total:
        _put(connection, table, staged, names, key=key, compared=compared, kept=kept)
    staged.drop(connection)
    return Counts(total - known, changed, known - changed, int(removed))


def _stage(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    key = [column.name for column in table.primary_key]
    staged = Table(
        f"staged_{table.name}",
        MetaData(),
        *(Column(name, table.c[name].type, nullable=name not in key) for name in names),
        PrimaryKeyConstraint(*key),
        prefixes=["TEMPORARY"],
    )
    staged.create(connection)
    fill = _copy if connection.dialect.name == "postgresql" else _insert
    fill(connection, staged, rows)
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ANALYZE {staged.name}"))
    return staged


def _insert(connection: Connection, staged: Table, rows: Sequence[Sequence[Any]]) -> None:
    marks = ", ".join("?" * len(staged.columns))
    for chunk in chunks(rows, _BLOCK):
        connection.exec_driver_sql(f"INSERT INTO {staged.name} VALUES ({marks})", [tuple(row) for row in chunk])


def _copy(connection: Connection, staged: Table, rows: Sequence[Sequence[Any]]) -> None:
    driver: Any = connection.dialect.dbapi
    names = ", ".join(f'"{column.name}"' for column in staged.columns)
    raw: Any = connection.connection.driver_connection
    try:
        with raw.cursor() as cursor, cursor.copy(f"COPY {staged.name} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    except (driver.OperationalError, driver.InterfaceError) as error:
        raise StoreUnavailable(f"the database does not answer: {type(error).__name__}") from error
    except driver.Error as error:
        where = staged.name.removeprefix("staged_")
        raise StoreError(
            f"{where}: the database refuses a value ({type(error).__name__}); expected numbers within 32 bits and text "
            "without NUL characters. Mend the table."
        ) from error


def _put(
    connection: Connection,
    table: Table,
    staged: Table,
    names: Sequence[str],
    *,
    key: Sequence[str],
    compared: Sequence[str],
    kept: Sequence[str],
) -> None:
    # The condition is always true: without one SQLite takes ON CONFLICT for a part of the SELECT.
    chosen = select(*(staged.c[name] for name in names)).where(staged.c.tenant.is_not(None))
    asked = insert_into(connection, table).from_select(list(names), chosen)
    changing = {name: asked.excluded[name] for name in names if name not in (*key, *kept)}
    if compared and changing:
        asked = asked.on_conflict_do_update(
            index_elements=list(key),
            set_=changing,
            where=or_(*(table.c[name].is_distinct_from(asked.excluded[name]) for name in compared)),
        )
    else:
        asked = asked.on_conflict_do_nothing(index_elements=list(key))
    connection.execute(asked)
