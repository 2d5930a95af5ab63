"""Queries that every request asks, written out once: one statement, sent to the driver as it is.

SQLAlchemy writes the statement; what it does at each execution, and a transaction around a single statement, would cost a
request more than the database does. One statement sees one state of the database.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from typing import Any

from sqlalchemy import CompoundSelect, Engine, Select
from sqlalchemy.engine import Dialect

from recommender.errors import StoreUnavailable

MAX_IDLE = 5
"""Connections kept open for the next query, as many as SQLAlchemy keeps for transactions."""

Rows = list[tuple[Any, ...]]
_Text = tuple[str, Callable[[dict[str, Any]], Any]]


class Query:
    """A statement without side effects whose parameters are text or numbers, and whose columns come as the driver has them.

    Parameters
    ----------
    asked
        The statement; its parameters are `bindparam`s.
    """

    def __init__(self, asked: Select[Any] | CompoundSelect[Any]) -> None:
        self._asked = asked
        self._texts: dict[str, _Text] = {}

    def written(self, dialect: Dialect, values: dict[str, Any]) -> tuple[str, Any]:
        """Return the statement in a dialect, and its parameters with these values."""
        found = self._texts.get(dialect.name)
        if found is None:
            found = self._texts[dialect.name] = self._write(dialect)
        text, parameters = found
        return text, parameters(values)

    def _write(self, dialect: Dialect) -> _Text:
        compiled = self._asked.compile(dialect=dialect)
        own, order = compiled.params, compiled.positiontup if compiled.positional else None
        if order is None:
            return str(compiled), lambda values: own | values
        return str(compiled), lambda values: tuple([values.get(name, own[name]) for name in order])


class Queries:
    """Connections for queries, each outside of a transaction; usable from several threads, and after a fork."""

    def __init__(self) -> None:
        self._idle: list[Any] = []
        self._pid = os.getpid()
        weakref.finalize(self, _close, self._idle, self._pid).atexit = False

    def rows(self, engine: Engine, query: Query, values: dict[str, Any]) -> Rows:
        """Return the rows of a query.

        A connection that was lost since it was last used is replaced once, which nobody notices.

        Raises
        ------
        StoreUnavailable
            If the database cannot be reached.
        """
        if self._pid != os.getpid():  # those of the parent are the parent's
            self._idle, self._pid = [], os.getpid()
            weakref.finalize(self, _close, self._idle, self._pid).atexit = False
        text, parameters = query.written(engine.dialect, values)
        try:
            kept = self._idle.pop()
        except IndexError:
            return self._asked(engine, None, text, parameters)
        try:
            return self._asked(engine, kept, text, parameters)
        except StoreUnavailable:
            self.close()
            return self._asked(engine, None, text, parameters)

    def close(self) -> None:
        """Close the connections that are idle; others are opened when they are needed."""
        _close(self._idle, self._pid)

    def _asked(self, engine: Engine, connection: Any, text: str, parameters: Any) -> Rows:
        try:
            connection = connection or _connection(engine)
            rows: Rows = connection.execute(text, parameters).fetchall()
        except engine.dialect.loaded_dbapi.Error as error:
            if connection is not None:
                connection.close()
            raise StoreUnavailable(f"the database does not answer: {type(error).__name__}") from error
        if len(self._idle) < MAX_IDLE:
            self._idle.append(connection)
        else:
            connection.close()
        return rows


def _connection(engine: Engine) -> Any:
    """Return a connection of the driver, set up as the engine's are, in which every statement stands for itself."""
    pooled = engine.raw_connection()
    connection: Any = pooled.driver_connection
    pooled.detach()
    if engine.dialect.name == "postgresql":
        connection.autocommit = True
    return connection


def _close(connections: list[Any], pid: int) -> None:
    while connections and pid == os.getpid():
        connections.pop().close()
