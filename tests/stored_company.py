"""A data directory put into a database row by row, for tests that ask the service about stored people."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from databases import database_url
from flask.testing import FlaskClient
from service_asking import make_app

from recommender.moments import parse_deadline, parse_moment
from recommender.schema import TABLES, Column, Kind
from store.database import Database
from store.rows import put
from store.tables import DEFAULT_TENANT
from web.database import opened_database


def cell(column: Column, text: str) -> Any:
    """Return what a cell of a data directory is in a database."""
    if text == "":
        return None
    match column.kind:
        case Kind.TIME:
            return parse_deadline(text) if column.until else parse_moment(text)
        case Kind.NUMBER:
            return float(text)
        case Kind.INTEGER:
            return int(text)
        case Kind.BOOLEAN:
            return text == "true"
        case _:
            return text


def rows_of(directory: Path, name: str) -> list[dict[str, Any]]:
    """Return the rows of a table; those of assignments have ids."""
    path = directory / f"{name}.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        found = [
            {column.name: cell(column, row.get(column.name) or "") for column in TABLES[name].columns}
            for row in csv.DictReader(file)
        ]
    return [row | {"assignment_id": f"a{i:04}"} for i, row in enumerate(found)] if name == "assignments" else found


def load(database: Database, directory: Path, *, tenant: str = DEFAULT_TENANT) -> None:
    """Put every table of a directory into a database."""
    with database.write(tenant, catalogue=True) as connection:
        for name in TABLES:
            put(connection, tenant, name, rows_of(directory, name))


@contextmanager
def stored_company(kind: str, directory: Path, folder: Path) -> Iterator[str]:
    """Give the URL of a database that holds a data directory."""
    with database_url(kind, folder) as url:
        database = Database(url)
        try:
            database.migrate()
            load(database, directory)
        finally:
            database.close()
        yield url


@contextmanager
def stored_client(kind: str, directory: Path, folder: Path, *, models: Path, now: int) -> Iterator[FlaskClient]:
    """Give a client of the service with a data directory in its database, at a moment."""
    with stored_company(kind, directory, folder) as url:
        app = make_app(models, now, database=url)
        yield app.test_client()
        opened = opened_database(app)
        assert opened is not None
        opened.close()
