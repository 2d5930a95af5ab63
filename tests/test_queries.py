"""Queries sent to the driver as they are: what they see, and what happens when their connections are lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import KINDS, database_url
from gates import gated
from sqlalchemy import bindparam, literal, select, text

from recommender.errors import StoreUnavailable
from store.database import Database
from store.queries import MAX_IDLE, Query
from store.tables import tenants

TENANT = Query(
    select(tenants.c.tenant, literal("told", literal_execute=False), tenants.c.revision).where(
        tenants.c.tenant == bindparam("tenant")
    )
)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with database_url(request.param, tmp_path) as url:
        database = Database(url)
        database.migrate()
        yield database
        database.close()


def known(database: Database, tenant: str = "default") -> list[tuple[object, ...]]:
    return [tuple(row) for row in database.ask(TENANT, tenant=tenant)]


def test_a_query_sees_what_was_committed_and_nothing_else(database: Database) -> None:
    (before,) = known(database)
    assert before[:2] == ("default", "told")
    assert known(database, "nobody' OR '1'='1") == []
    with database.write("default"):
        assert known(database) == [before]
    assert known(database) == [("default", "told", int(str(before[2])) + 1)]
    assert database.revision("default").all == known(database)[0][2]


def test_connections_are_kept_but_not_without_bound(database: Database) -> None:
    for _ in range(3):
        known(database)
    assert len(database._queries._idle) == 1
    database._queries._idle *= MAX_IDLE + 1
    known(database)
    assert len(database._queries._idle) == MAX_IDLE
    database._queries._idle = database._queries._idle[:1]


def test_a_process_forked_later_opens_connections_of_its_own(database: Database) -> None:
    known(database)
    (inherited,) = database._queries._idle
    child = os.fork()
    if not child:
        try:
            answers = [known(database) == [] for _ in range(2)]
            (own,) = database._queries._idle
            os._exit(7 if answers == [False, False] and own is not inherited else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert known(database)


def test_a_connection_the_server_closed_is_replaced_and_a_lost_server_is_told(tmp_path: Path) -> None:
    with database_url("postgresql", tmp_path) as direct, gated(direct) as (gate, url):
        database, other = Database(url), Database(direct)
        database.migrate()
        known(database)
        with other.change() as connection:
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            connection.execute(text(f"{ended} AND datname = current_database()"))
        assert known(database)
        gate.shut()
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match="does not answer"):
                known(database)
        gate.open()
        assert known(database)
        database.close()
        other.close()
