"""The database: SQLite by default, PostgreSQL by URL; transactions, revisions, and what happens when it goes away.

A write is durable when its transaction returns: SQLite runs with a write-ahead log and `synchronous=FULL`, PostgreSQL
with its own default. Each write raises the tenant's revision, which every request reads, so that no process answers from
what another has changed.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, create_engine, event, insert, select, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from recommender.errors import ConfigError, StoreError, StoreUnavailable
from store.queries import Queries, Query, Rows
from store.tables import DEFAULT_TENANT, tenants

BUSY_SECONDS = 10
"""How long a SQLite write waits for another process's to end."""
CONNECT_SECONDS = 3
"""How long a connection to PostgreSQL may take."""
_WRITES = "writes"
_BEYOND_A_LIMIT = "54000"
"""What PostgreSQL calls a row that is too large for an index."""
_REVISION = Query(
    select(tenants.c.revision, tenants.c.catalogue_revision).where(tenants.c.tenant == bindparam("tenant"))
)


@dataclass(frozen=True, slots=True)
class Revision:
    """How often a tenant's rows were changed: any of them, and those of the catalogue."""

    all: int
    catalogue: int


NEVER = Revision(0, 0)
"""The revision of a tenant the database does not know."""


class Database:
    """One database, usable from several threads, and from a process forked after it was made."""

    def __init__(self, url: str) -> None:
        self.url = _url(url)
        self._engine = _engine(self.url)
        self._queries = Queries()
        self._pid = os.getpid()

    @property
    def engine(self) -> Engine:
        """The engine of this process: connections made before a fork are left to the parent."""
        if self._pid != os.getpid():
            self._engine.dispose(close=False)
            self._pid = os.getpid()
        return self._engine

    @property
    def dialect(self) -> str:
        """Either "sqlite" or "postgresql"."""
        return self._engine.dialect.name

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database throughout.

        Raises
        ------
        StoreUnavailable
            If the database cannot be reached, or is lost on the way.
        """
        with _told_apart(), self.engine.connect() as connection, connection.begin():
            yield connection

    def ask(self, query: Query, **values: Any) -> Rows:
        """Return the rows of one query, at the least cost: no transaction is begun for it.

        Raises
        ------
        StoreUnavailable
            If the database cannot be reached.
        """
        try:
            return self._queries.rows(self.engine, query, values)
        except SQLAlchemyError as error:
            with _told_apart():
                raise error

    @contextmanager
    def write(self, tenant: str, *, catalogue: bool = False) -> Iterator[Connection]:
        """Give a connection whose changes are all kept, durably, or none; the tenant's revision rises with them.

        Parameters
        ----------
        catalogue
            Whether courses, skills or roles change: every process then reads them anew.

        Raises
        ------
        StoreUnavailable
            If the database cannot be reached, or is lost on the way. A loss while the transaction ends leaves open
            whether it was kept; asking again must be harmless.
        """
        with self.change() as connection:
            raised: dict[str, Any] = {"revision": tenants.c.revision + 1}
            if catalogue:
                raised["catalogue_revision"] = tenants.c.catalogue_revision + 1
            # First, so that writes of one tenant follow one another and readers never see a later change before it.
            connection.execute(update(tenants).where(tenants.c.tenant == tenant).values(raised))
            yield connection

    @contextmanager
    def change(self) -> Iterator[Connection]:
        """Give a connection for changes that no answer depends on: keys, tokens, logs. Otherwise as `write`."""
        with (
            _told_apart(),
            self.engine.connect().execution_options(**{_WRITES: True}) as connection,
            connection.begin(),
        ):
            yield connection

    def forget_freed_pages(self) -> None:
        """Clear the write-ahead log of SQLite of rows that are gone, as far as nobody reads it now.

        The database file has them overwritten already (`secure_delete`). PostgreSQL clears them itself, by and by.

        Raises
        ------
        StoreUnavailable
            If the database is lost.
        """
        if self.dialect != "sqlite":
            return
        with _told_apart():
            raw = self.engine.raw_connection()
            try:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.Error as error:
                raise StoreUnavailable(_reason(error)) from error
            finally:
                raw.close()

    def revision(self, tenant: str) -> Revision:
        """Return how often a tenant's rows were changed; StoreUnavailable if the database cannot say."""
        return revision_in(self.ask(_REVISION, tenant=tenant))

    def migrate(self) -> None:
        """Bring the tables to the present form; does nothing where they have it.

        Raises
        ------
        StoreUnavailable
            If the database cannot be reached.
        """
        from store.migrating import upgrade

        if self.url.get_backend_name() == "sqlite" and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        with _told_apart():
            upgrade(self)

    def close(self) -> None:
        """Give every connection back."""
        self._queries.close()
        self.engine.dispose()


def revision_of(connection: Connection, tenant: str) -> Revision:
    """Return a tenant's revision as one transaction sees it."""
    asked = select(tenants.c.revision, tenants.c.catalogue_revision).where(tenants.c.tenant == tenant)
    return revision_in(tuple(row) for row in connection.execute(asked))


def revision_in(rows: Iterable[tuple[int, int]]) -> Revision:
    """Return the revision a tenant's row has, `NEVER` where there is none."""
    return next((Revision(*row) for row in rows), NEVER)


def add_tenant(connection: Connection, tenant: str, *, at: int) -> bool:
    """Make a tenant known; False if it was."""
    if connection.execute(select(tenants.c.tenant).where(tenants.c.tenant == tenant)).one_or_none() is not None:
        return False
    connection.execute(insert(tenants).values(tenant=tenant, created_at=at))
    return True


def _url(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise ConfigError(_expected(text)) from error
    if url.drivername in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in {"sqlite", "postgresql"} or (
        url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}
    ):
        raise ConfigError(_expected(text))
    return url


def _expected(text: str) -> str:
    shown = text.split("://", 1)[0]
    return f"database URL: found {shown[:40]!r}…; expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."


def _engine(url: URL) -> Engine:
    try:
        if url.get_backend_name() == "sqlite":
            engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        options = "-c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000"
        engine = create_engine(
            url,
            pool_pre_ping=True,
            pool_timeout=CONNECT_SECONDS,
            isolation_level="REPEATABLE READ",
            connect_args={"connect_timeout": CONNECT_SECONDS, "options": options},
        )
        event.listen(engine, "begin", _begin_postgresql)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise ConfigError(
            f"database URL: {url.drivername} needs a driver that is not installed: pip install "
            "'learning-path-recommender[postgresql]'."
        ) from error
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: two that began as readers could never both go on.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    # Writers of one tenant wait for each other at its row, and must then see what the other wrote.
    if connection.get_execution_options().get(_WRITES):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")


@contextmanager
def _told_apart() -> Iterator[None]:
    """Turn every loss of the database into StoreUnavailable; a constraint broken is the caller's business."""
    try:
        yield
    except IntegrityError:
        raise
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        if getattr(getattr(error, "orig", None), "sqlstate", None) == _BEYOND_A_LIMIT:
            raise StoreError(
                "the database refuses a value that is too long to be looked up by; expected ids, identities and the uri "
                "of a course of at most 1,000 bytes."
            ) from error
        raise StoreUnavailable(_reason(error)) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StoreUnavailable(_reason(error)) from error
        raise


def _reason(error: Exception) -> str:
    """Return what went wrong without the statement or its values, which may hold personal data."""
    original = getattr(error, "orig", None) or error
    return f"the database does not answer: {type(original).__name__}"


def now() -> int:
    """Return the present second."""
    return int(time.time())


__all__ = [
    "DEFAULT_TENANT",
    "NEVER",
    "Connection",
    "Database",
    "Revision",
    "add_tenant",
    "now",
    "revision_in",
    "revision_of",
]
