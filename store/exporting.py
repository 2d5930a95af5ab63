"""The tables of a tenant as a data directory has them: the columns of the schema, in the order they were loaded in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, text

from store.catalogue import in_order
from store.rows import Row, columns_of, everything
from store.tables import ORDERED, key_of


def exported(connection: Connection, tenant: str, name: str) -> Iterator[Row]:
    """Yield the rows of a canonical table; a course that was deleted is unpublished."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))  # sorting millions of rows takes its time
    rows: Iterable[Row] = everything(connection, tenant, name)
    if name in ORDERED:
        rows = in_order(rows, key_of(name)[0])
    names = columns_of(name)
    for row in rows:
        if row.get("gone"):
            row["published"] = False
        yield {one: row[one] for one in names}
