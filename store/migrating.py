"""Bring a database to the present form, one migration after another (Alembic)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table, text

if TYPE_CHECKING:
    from alembic.config import Config

    from store.database import Database

PRESENT = "0002"
"""The last migration: the form that `store.tables` describes."""

_LOCK = 0x6C7072
"""PostgreSQL's advisory lock held while migrating: two services that start together take turns."""
_SEEN = table("alembic_version", column("version_num"))
"""Where Alembic keeps the last migration a database has seen."""


def upgrade(database: Database) -> None:
    """Run every migration the database has not seen, in one transaction.

    Alembic is imported where there is one to run: most starts find the present form.
    """
    with database.change() as connection:
        if database.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if is_current(connection):
            return
        from alembic import command

        config = migrations()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(connection: Connection) -> bool:
    """Tell whether a database has the present form."""
    if not inspect(connection).has_table(_SEEN.name):
        return False
    return list(connection.scalars(select(_SEEN.c.version_num))) == [PRESENT]


def migrations() -> Config:
    """Return what Alembic needs to find the migrations."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
