"""Erasing a person: every cell of every table, the bytes of the file, and that nobody comes back by accident."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import KINDS, database_url
from sqlalchemy import BigInteger, Boolean, Column, Connection, Double, Integer, LargeBinary, Table, insert, select

from recommender.errors import ErasedPerson
from store import rows
from store.database import Database
from store.erasure import any_erased, erase, held, is_erased, refuse_erased, revive
from store.statements import receive
from store.tables import CATALOGUE, canonical, decisions, idempotency, metadata, rejects, statements, tombstones

WHO, NAME, ADDRESS = "emp-7731", "Zora Quill", "zora.quill@example.org"
HASHED = hashlib.sha1(f"mailto:{ADDRESS}".encode(), usedforsecurity=False).hexdigest()
WITHOUT_PEOPLE = {*CATALOGUE, "tenants", "api_keys", "access_tokens", "secrets", "tombstones"}
"""Tables that hold nothing of a person. A new one belongs here, or is filled and must be emptied below."""

ACTOR = {"objectType": "Agent", "name": NAME, "mbox": f"mailto:{ADDRESS.upper()}"}
BODY = {"id": "s1", "actor": ACTOR, "verb": {"id": "v"}, "object": {"id": "c1"}}
KNOWN: dict[str, dict[str, Any]] = {
    "employees": {"name": NAME},
    "identities": {"kind": "mbox", "value": f"mailto:{ADDRESS}"},
    "statements": {"body": json.dumps(BODY), "actor_kind": "mbox", "actor_value": f"mailto:{ADDRESS}"},
    "decisions": {"shown": '[["c1", 0.5]]', "decision_id": "d1", "model_version": "v1", "kind": "recommendations"},
}


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with database_url(request.param, tmp_path) as url:
        made = Database(url)
        made.migrate()
        yield made
        made.close()


def cell(column: Column[Any], tenant: str, text: str) -> Any:
    """Return a value of a column that names the person wherever it may hold a text."""
    if column.name == "tenant":
        return tenant
    if isinstance(column.type, Boolean):
        return False
    if isinstance(column.type, BigInteger | Integer | Double):
        return 1
    return text.encode() if isinstance(column.type, LargeBinary) else text


def filled(table: Table, tenant: str = "default", text: str = WHO) -> dict[str, Any]:
    return {column.name: cell(column, tenant, text) for column in table.columns} | KNOWN.get(table.name, {})


def fill(connection: Connection, tenant: str = "default") -> None:
    """Put the person into every table there is, also into rows that are nobody's."""
    for name, table in metadata.tables.items():
        if name not in WITHOUT_PEOPLE:
            connection.execute(insert(table).values(filled(table, tenant)))
    others = {"employee_id": "emp-2", "tenant": tenant}
    rows.put(connection, tenant, "employees", [{"employee_id": "emp-2", "manager_id": WHO}])
    context = {"context": {"instructor": ACTOR, "extensions": {"x": [WHO, f"to {ADDRESS}"]}}}
    about = BODY | {"actor": {"mbox": "mailto:o@example.org"}} | context
    plain = {
        "digest": "-",
        "verb": "-",
        "activity": "-",
        "fact_table": "-",
        "fact_id": "-",
        "target_statement_id": None,
    }
    led = (
        filled(statements, tenant, "-") | plain | others | {"statement_id": "s2", "actor_value": "mailto:o@example.org"}
    )
    connection.execute(insert(statements).values(led | {"body": json.dumps(about)}))
    nobody = {"employee_id": None, "tenant": tenant}
    unknown = filled(statements, tenant) | nobody | {"statement_id": "s3", "actor_kind": "mbox_sha1sum"}
    connection.execute(insert(statements).values(unknown | {"actor_value": HASHED}))
    account = {"actor": {"account": {"homePage": "https://lms.example.org", "name": WHO}}}
    by_account = unknown | {
        "statement_id": "s4",
        "actor_kind": "account",
        "actor_value": "https://lms.example.org|" + WHO,
    }
    connection.execute(insert(statements).values(by_account | {"body": json.dumps(BODY | account)}))
    many = filled(idempotency, tenant) | nobody | {"idempotency_key": "k2", "body": json.dumps([{"employee_id": WHO}])}
    connection.execute(insert(idempotency).values(many))
    connection.execute(insert(rejects).values(filled(rejects, tenant) | nobody | {"reject_id": f"{tenant}-2"}))


def found_in(connection: Connection, tenant: str = "default") -> dict[str, set[str]]:
    """Return the tables with a cell that names the person, and by what."""
    found: dict[str, set[str]] = {}
    for name, table in metadata.tables.items():
        of_tenant = [table.c.tenant == tenant] if "tenant" in table.c else []
        cells = " ".join(str(one) for row in connection.execute(select(table).where(*of_tenant)) for one in row).lower()
        if named := {word for word in (WHO, NAME, ADDRESS, HASHED) if word.lower() in cells}:
            found[name] = named
    return found


def test_no_cell_of_any_table_names_an_erased_person(database: Database) -> None:
    with database.write("default") as connection:
        fill(connection)
        assert set(found_in(connection)) == set(metadata.tables) - WITHOUT_PEOPLE
        n = erase(connection, "default", WHO, at=10)
    with database.read() as connection:
        assert found_in(connection) == {}
        assert held(connection, "default", WHO) == {}
        left = connection.execute(select(decisions)).mappings().one()
        assert (left["employee_id"], left["request_id"], left["shown"]) == (None, None, '[["c1", 0.5]]')
        kept = connection.execute(select(statements)).mappings().one()
        assert kept["statement_id"] == "s2"
        body = json.loads(kept["body"])
        assert body["actor"] == {"mbox": "mailto:o@example.org"}
        assert body["context"]["instructor"]["account"] == {"homePage": "urn:lpr:erased", "name": "erased"}
        assert rows.one(connection, "default", "employees", "emp-2") is not None
    # A row in each table that has people, and besides: emp-2's manager, s2, s3, s4, a write of many, nobody's bad row.
    assert n == len(metadata.tables) - len(WITHOUT_PEOPLE) + 6


def test_no_column_of_somebody_else_s_statement_names_an_erased_person(database: Database) -> None:
    other, verb, thing = {"mbox": "mailto:o@example.org"}, {"id": "https://x.org/did"}, {"id": "https://x.org/thing"}
    by_mail = {"account": {"homePage": "https://lms.example.org", "name": ADDRESS}}
    sent: list[dict[str, Any]] = [
        {"actor": other, "verb": verb, "object": {"id": f"https://x.org/people/{ADDRESS.upper()}"}},
        {"actor": other, "verb": {"id": f"https://x.org/{ADDRESS}"}, "object": thing},
        {"actor": by_mail, "verb": verb, "object": thing},
    ]
    with database.write("default") as connection:
        rows.put(connection, "default", "employees", [{"employee_id": WHO}])
        rows.put(connection, "default", "identities", [{"employee_id": WHO, "kind": "mbox", "value": ADDRESS}])
        kept = receive(connection, "default", sent, at=5)[:2]
        assert found_in(connection)["statements"] == {ADDRESS}
        erase(connection, "default", WHO, at=10)
    with database.read() as connection:
        assert found_in(connection) == {}
        assert set(connection.execute(select(statements.c.statement_id)).scalars()) == set(kept)


def test_a_person_with_very_many_names_is_erased(database: Database) -> None:
    mails = [{"employee_id": WHO, "kind": "mbox", "value": f"Zoë.{i}@Example.org"} for i in range(300)]
    with database.write("default") as connection:
        rows.put(connection, "default", "employees", [{"employee_id": WHO}])
        rows.put(connection, "default", "identities", mails)
        said = filled(idempotency) | {"employee_id": None, "body": '"zoë.299@example.org"', "headers": "{}"}
        connection.execute(insert(idempotency).values(said | {"idempotency_key": "k"}))
        assert erase(connection, "default", WHO, at=10) == 302


def test_another_tenant_s_namesake_stays(database: Database) -> None:
    for tenant in ("default", "other"):
        with database.write(tenant) as connection:
            for name in canonical:
                if name not in WITHOUT_PEOPLE:
                    connection.execute(insert(canonical[name]).values(filled(canonical[name], tenant)))
    with database.write("default") as connection:
        erase(connection, "default", WHO, at=10)
    with database.read() as connection:
        assert set(found_in(connection, "other")) == set(canonical) - WITHOUT_PEOPLE
        assert not is_erased(connection, "other", "employee", WHO)


def test_an_erased_person_is_recognised_by_every_name(database: Database) -> None:
    with database.write("default") as connection:
        fill(connection)
        assert not is_erased(connection, "default", "employee", WHO)
        erase(connection, "default", WHO, at=10)
        assert erase(connection, "default", WHO, at=11) == 0
    with database.read() as connection:
        assert any_erased(connection, "default", "employee", [WHO, "emp-2"]) == {WHO}
        for kind, value in [("mbox", f"MAILTO:{ADDRESS.upper()}"), ("mbox", ADDRESS), ("mbox_sha1sum", HASHED)]:
            assert is_erased(connection, "default", kind, value), (kind, value)
        assert not is_erased(connection, "default", "mbox", "mailto:o@example.org")
        assert not is_erased(connection, "default", "openid", WHO)
        with pytest.raises(ErasedPerson) as refused:
            refuse_erased(connection, "default", WHO)
        assert WHO not in str(refused.value)
        refuse_erased(connection, "default", "emp-2")


def test_an_address_is_recognised_where_only_its_hash_was_known(database: Database) -> None:
    with database.write("default") as connection:
        known = {"employee_id": WHO, "kind": "mbox_sha1sum", "value": HASHED}
        rows.put(connection, "default", "identities", [known])
        erase(connection, "default", WHO, at=10)
        assert is_erased(connection, "default", "mbox", f"mailto:{ADDRESS}")


def test_a_name_can_be_used_again_on_purpose(database: Database) -> None:
    with database.write("default") as connection:
        assert not revive(connection, "default", "employee", WHO)
        rows.put(connection, "default", "employees", [{"employee_id": WHO}])
        erase(connection, "default", WHO, at=10)
        assert revive(connection, "default", "employee", WHO)
        refuse_erased(connection, "default", WHO)


def test_erasing_nobody_leaves_nothing(database: Database) -> None:
    with database.write("default") as connection:
        assert erase(connection, "default", "nobody", at=10) == 0
        assert connection.execute(select(tombstones)).all() == []


def test_a_key_given_is_the_one_used(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LPR_ERASURE_KEY", "one")
    with database.write("default") as connection:
        rows.put(connection, "default", "employees", [{"employee_id": WHO}])
        erase(connection, "default", WHO, at=10)
        assert is_erased(connection, "default", "employee", WHO)
        assert connection.execute(select(metadata.tables["secrets"])).all() == []
        monkeypatch.setenv("LPR_ERASURE_KEY", "two")
        assert not is_erased(connection, "default", "employee", WHO)


def test_a_short_id_takes_only_statements_that_name_it(database: Database) -> None:
    body = {"actor": {"mbox": "mailto:o@example.org"}, "result": {"score": {"scaled": 1}}, "object": {"id": "course-1"}}
    with database.write("default") as connection:
        rows.put(connection, "default", "employees", [{"employee_id": "1"}])
        row = filled(statements, text="-") | {"employee_id": "emp-2", "body": json.dumps(body)}
        connection.execute(insert(statements).values(row | {"actor_value": "mailto:o@example.org"}))
        assert erase(connection, "default", "1", at=10) == 1
        assert json.loads(connection.execute(select(statements.c.body)).scalar_one()) == body


def test_the_files_of_sqlite_hold_nothing_of_an_erased_person(tmp_path: Path) -> None:
    with database_url("sqlite", tmp_path) as url:
        database = Database(url)
        database.migrate()
        people = [f"emp-{i:05}-{hashlib.md5(str(i).encode(), usedforsecurity=False).hexdigest()}" for i in range(1_000)]
        for start in range(0, 1_000, 250):  # several transactions, so that pages split and move between them
            some = people[start : start + 250]
            with database.write("default") as connection:
                rows.put(connection, "default", "employees", [{"employee_id": one, "name": "N" * 40} for one in some])
                facts = [
                    {"employee_id": one, "course_id": f"c{j}", "completed_at": j} for one in some for j in range(8)
                ]
                rows.put(connection, "default", "completions", facts)
        gone = people[::25]
        for one in gone:
            with database.write("default") as connection:
                erase(connection, "default", one, at=10)
        database.forget_freed_pages()
        files = [path.read_bytes() for path in tmp_path.iterdir()]
        left = [one for one in gone if any(one.encode() in data for data in files)]
        assert any(people[1].encode() in data for data in files)
        database.close()
        assert left == []


def test_no_file_of_a_saved_model_holds_the_id_of_a_person(sample_company: Path, fitted_models: Path) -> None:
    with (sample_company / "employees.csv").open(encoding="utf-8", newline="") as table:
        people = [row["employee_id"] for row in csv.DictReader(table)]
    with (sample_company / "courses.csv").open(encoding="utf-8", newline="") as table:
        course = next(csv.DictReader(table))["course_id"]
    files = [path.read_bytes() for path in fitted_models.rglob("*") if path.is_file()]
    assert len(people) > 100
    assert any(course.encode() in data or course.encode("utf-32-le") in data for data in files)  # the search finds ids
    spelt = [one.encode(code) for one in people for code in ("utf-8", "utf-32-le")]
    assert [one for one in spelt if any(one in data for data in files)] == []
