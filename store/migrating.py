"""Bring a database to the present form, one migration after another (Alembic)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

if TYPE_CHECKING:
    from store.database import Database

_LOCK = 0x6C7072
"""PostgreSQL's advisory lock held while migrating: two services that start together take turns."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def upgrade(database: Database) -> None:
    """Run every migration the database has not seen, in one transaction."""
    config = _config()
    with database.change() as connection:
        if database.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if is_current(connection):
            return
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(connection: object) -> bool:
    """Tell whether a database has the present form."""
    seen = MigrationContext.configure(connection).get_current_revision()  # type: ignore[arg-type]
    return seen == ScriptDirectory.from_config(_config()).get_current_head()
