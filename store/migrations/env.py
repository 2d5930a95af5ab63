"""How Alembic reaches the database: by the connection it is given, or, on its command line, by LPR_DB."""

from __future__ import annotations

import os

from alembic import context

from store.database import Database
from store.tables import metadata


def run(connection: object) -> None:
    """Run the migrations over a connection whose transaction is another's."""
    context.configure(connection=connection, target_metadata=metadata)  # type: ignore[arg-type]
    context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    database = Database(os.environ.get("LPR_DB", "sqlite:///lpr.db"))
    with database.change() as own:
        run(own)
    database.close()
