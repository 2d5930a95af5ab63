from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from databases import KINDS, database_url
from sqlalchemy import inspect, text

from recommender.errors import ConfigError, StoreUnavailable
from recommender.schema import TABLES
from store import rows
from store.database import Database
from store.migrating import PRESENT, migrations
from store.tables import canonical, fact_id, metadata

COURSE = {"course_id": "c1", "title": "Excel", "hours": 2.5, "tags": "a|b", "published": True, "available_from": 1}


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with database_url(request.param, tmp_path) as url:
        made = Database(url)
        made.migrate()
        yield made
        made.close()


def test_the_migrations_make_the_tables_the_code_means(database: Database) -> None:
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_present_form_is_that_of_the_last_migration() -> None:
    assert ScriptDirectory.from_config(migrations()).get_current_head() == PRESENT


def test_every_table_but_the_installation_s_own_has_a_tenant() -> None:
    without = {name for name, table in metadata.tables.items() if "tenant" not in table.c}
    assert without == {"access_tokens", "secrets"}
    assert set(TABLES) <= set(metadata.tables)


def test_migrating_twice_changes_nothing(database: Database) -> None:
    with database.write("default") as connection:
        rows.put(connection, "default", "courses", [COURSE])
    database.migrate()
    with database.read() as connection:
        assert rows.count(connection, "default", "courses") == 1


def test_a_row_is_read_as_it_was_put(database: Database) -> None:
    with database.write("default", catalogue=True) as connection:
        rows.put(connection, "default", "courses", [COURSE], revision=1)
    with database.read() as connection:
        found = rows.one(connection, "default", "courses", "c1")
    assert found is not None
    assert {name: found[name] for name in COURSE} == COURSE
    assert found["provider"] is None


def test_a_fact_sent_twice_is_one_row(database: Database) -> None:
    fact = {"employee_id": "e1", "course_id": "c1", "completed_at": 5}
    for score in (0.5, 0.9):
        with database.write("default") as connection:
            rows.put(connection, "default", "completions", [fact | {"score": score}])
    with database.read() as connection:
        found = rows.having(connection, "default", "completions", employee_id="e1")
    assert [(one["score"], one["fact_id"]) for one in found] == [(0.9, fact_id("completions", fact))]


def test_a_write_raises_the_revision_and_a_failed_one_leaves_nothing(database: Database) -> None:
    before = database.revision("default")
    with database.write("default") as connection:
        rows.put(connection, "default", "employees", [{"employee_id": "e1"}])
    after = database.revision("default")
    assert (after.all - before.all, after.catalogue - before.catalogue) == (1, 0)
    with pytest.raises(RuntimeError):
        _fail_while_writing(database)
    with database.read() as connection:
        assert rows.one(connection, "default", "employees", "e2") is None
    assert database.revision("default") == after


def _fail_while_writing(database: Database) -> None:
    with database.write("default", catalogue=True) as connection:
        rows.put(connection, "default", "employees", [{"employee_id": "e2"}])
        raise RuntimeError


def test_rows_are_of_one_tenant(database: Database) -> None:
    with database.write("default") as connection:
        rows.put(connection, "default", "employees", [{"employee_id": "e1", "name": "A"}])
        rows.put(connection, "other", "employees", [{"employee_id": "e1", "name": "B"}])
    with database.write("other") as connection:
        assert rows.remove(connection, "other", "employees", employee_id="e1") == 1
    with database.read() as connection:
        assert [one["name"] for one in rows.everything(connection, "default", "employees")] == ["A"]
        assert rows.one(connection, "other", "employees", "e1") is None


def test_pages_follow_one_another(database: Database) -> None:
    ids = [f"e{i:03}" for i in range(1_203)]
    with database.write("default") as connection:
        assert rows.put(connection, "default", "employees", ({"employee_id": one} for one in reversed(ids))) == 1_203
    found: list[str] = []
    with database.read() as connection:
        while more := rows.page(connection, "default", "employees", limit=500, after=found[-1:] or None):
            found += [one["employee_id"] for one in more]
    assert found == sorted(ids)


def _write_often(url: str, n: int) -> None:
    database = Database(url)
    for _ in range(n):
        with database.write("default"):
            pass
    database.close()


def test_no_revision_is_lost_between_processes(database: Database) -> None:
    processes = [
        multiprocessing.get_context("spawn").Process(
            target=_write_often, args=(database.url.render_as_string(hide_password=False), 20)
        )
        for _ in range(3)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert database.revision("default").all == 60


def test_sqlite_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    database.migrate()
    with database.read() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2  # FULL
        assert connection.execute(text("PRAGMA secure_delete")).scalar_one() == 1
    database.close()


def test_a_database_that_is_not_there_says_so() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(StoreUnavailable, match="does not answer"), database.read():
        pass
    database.close()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://a/b", "sqlite://", "sqlite:///:memory:"])
def test_an_unusable_url_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="expected sqlite:///FILE"):
        Database(url)


def test_canonical_tables_are_those_of_the_schema(database: Database) -> None:
    with database.read() as connection:
        there = inspect(connection)
        for name, table in TABLES.items():
            columns = {one["name"] for one in there.get_columns(name)}
            assert {one.name for one in table.columns} <= columns
            assert there.get_pk_constraint(name)["constrained_columns"][0] == "tenant"
    assert list(canonical) == list(TABLES)
