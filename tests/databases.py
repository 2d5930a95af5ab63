"""Real databases for tests: a SQLite file, and a PostgreSQL database made and dropped for each."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

POSTGRESQL = os.environ.get("LPR_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
KINDS = ("sqlite", "postgresql")


@contextmanager
def database_url(kind: str, folder: Path) -> Iterator[str]:
    """Give the URL of a new, empty database and drop it afterwards.

    Without a PostgreSQL server the test is skipped, and fails where CI is set.
    """
    name = f"lpr_test_{uuid.uuid4().hex[:12]}"
    if kind == "sqlite":
        yield f"sqlite:///{folder / name}.db"
        return
    server = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        try:
            with server.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
        except OperationalError:
            absent = "no PostgreSQL answers at LPR_TEST_POSTGRESQL"
            if os.environ.get("CI") == "true":
                pytest.fail(absent)
            pytest.skip(absent)
        try:
            yield POSTGRESQL.rsplit("/", 1)[0] + "/" + name
        finally:
            with server.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        server.dispose()
