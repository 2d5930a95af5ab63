"""The database of the service: brought to the present form as soon as it answers, at the start or later."""

from __future__ import annotations

import logging
import threading

from flask import Flask

from recommender.errors import StoreUnavailable
from store.database import Database
from web.current import this_app
from web.problems import Problem

NO_DATABASE = "urn:lpr:problem:no-database"

_log = logging.getLogger("lpr.web")
_EXTENSION = "lpr_database"


class OpenDatabase:
    """A database that need not answer yet: its tables are migrated when it first does."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._migrating = threading.Lock()
        self._is_current = False

    def get(self) -> Database:
        """Return the database, its tables in the present form; StoreUnavailable until it has answered once."""
        if not self._is_current:
            with self._migrating:
                if not self._is_current:
                    self._database.migrate()
                    self._is_current = True
        return self._database

    def trouble(self) -> str:
        """Return why nothing stored can be asked, "" once the database has answered.

        One that answered and is lost leaves the service ready: what comes with the request is answered without it.
        """
        try:
            self.get()
        except StoreUnavailable as error:
            return f"{error}; it was never reached."
        return ""

    def close(self) -> None:
        """Give every connection back; it can be used again."""
        self._database.close()


def attach_database(app: Flask, url: str | None) -> None:
    """Make the database at `url` an application's.

    One that does not answer now is no reason not to start. No connection is left open: processes are forked later.

    Raises
    ------
    ConfigError
        If the URL names no database.
    """
    if url is None:
        return
    opened = OpenDatabase(Database(url))
    app.extensions[_EXTENSION] = opened
    try:
        opened.get()
    except StoreUnavailable as error:
        _log.warning("starting without the database: %s", error)
    finally:
        opened.close()


def opened_database(app: Flask) -> OpenDatabase | None:
    """Return the database of an application; None if it runs without one."""
    found: OpenDatabase | None = app.extensions.get(_EXTENSION)
    return found


def store() -> Database:
    """Return the database of the application that answers the current request.

    Raises
    ------
    Problem
        503 if it runs without one.
    StoreUnavailable
        If it has not answered since the start and does not now.
    """
    opened = opened_database(this_app())
    if opened is None:
        raise Problem(
            503, "The service runs without a database, so nothing is stored: start it with --db.", kind=NO_DATABASE
        )
    return opened.get()
