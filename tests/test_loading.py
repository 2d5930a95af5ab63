"""`lpr load` and `lpr export`: tables into both databases and out of them, the same as before."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import KINDS, database_url
from sqlalchemy import select

from recommender import artifact
from recommender.schema import TABLES
from store import rows
from store.catalogue import catalogue_of
from store.database import Database
from store.erasure import erase
from store.tables import canonical, rejects, tenants
from training.__main__ import main
from training.sources.database import export
from training.tables.load import fingerprint, load_dataset

COURSES = "course_id,title,hours,published\nc2,Two,2.6,\nc1,One,,false\n"
COMPLETIONS = "employee_id,course_id,completed_at,score\ne2,c1,2026-01-01,0.7\ne1,c2,2026-01-02T10:00:00Z,\n"


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database_url(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    made = Database(url)
    yield made
    made.close()


def written(folder: Path, **tables: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, text in ({"courses": COURSES, "completions": COMPLETIONS} | tables).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def load(data: Path, url: str, *more: str, code: int = 0) -> None:
    assert main(["load", str(data), "--db", url, *more]) == code


def counts(data: Path, url: str, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    """Load and return what it did to each table."""
    capsys.readouterr()
    load(data, url, "--json", *more)
    return dict(json.loads(capsys.readouterr().out)["tables"])


def all_rows(database: Database, name: str, tenant: str = "default") -> list[rows.Row]:
    with database.read() as connection:
        return list(rows.everything(connection, tenant, name))


def test_what_is_loaded_and_exported_is_the_same_data_set(
    sample_company: Path, database: Database, url: str, tmp_path: Path
) -> None:
    load(sample_company, url)
    export(database, "default", tmp_path / "out")
    before, after = load_dataset(sample_company).dataset, load_dataset(tmp_path / "out").dataset
    assert after.fingerprint == before.fingerprint
    with database.read() as connection:
        catalogue = catalogue_of(connection, "default")
    assert catalogue is not None
    # The fingerprint covers every array and text, to the last bit.
    for read, there in zip(catalogue, (before.catalog, before.skills, before.roles), strict=True):
        assert fingerprint(read) == fingerprint(there)  # type: ignore[arg-type]


def test_a_second_load_changes_nothing(
    sample_company: Path, database: Database, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    first = counts(sample_company, url, capsys)
    before = {name: all_rows(database, name) for name in TABLES}
    assert {name: n["new"] for name, n in first.items()} == {name: len(some) for name, some in before.items()}
    for more in ((), ("--replace",)):
        again = counts(sample_company, url, capsys, *more)
        assert {name: n["same"] for name, n in again.items()} == {name: len(some) for name, some in before.items()}
        assert {name: all_rows(database, name) for name in TABLES} == before


def test_a_load_says_what_is_new_changed_and_removed(
    database: Database, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(written(tmp_path / "data", skills="skill_id,name\ns1,SQL\n"), url)
    newer = written(
        tmp_path / "data",
        courses=COURSES.replace("Two", "Zwei").replace("c1", "c3"),
        completions="employee_id,course_id,completed_at\ne1,c2,2026-01-02T10:00:00Z\n",
    )
    added = counts(newer, url, capsys)
    assert added["courses"] == {"new": 1, "changed": 1, "same": 1 - 1, "removed": 0}
    assert {row["course_id"]: row["title"] for row in all_rows(database, "courses")} == {
        "c1": "One",
        "c2": "Zwei",
        "c3": "One",
    }
    assert len(all_rows(database, "completions")) == 2
    replaced = counts(newer, url, capsys, "--replace")
    assert replaced["courses"]["removed"] == 1
    assert replaced["completions"] == {"new": 0, "changed": 0, "same": 1, "removed": 1}
    assert replaced["skills"]["removed"] == 1
    assert [row["employee_id"] for row in all_rows(database, "employees")] == ["e1"]


def test_columns_that_are_not_there_stay_as_they_are_unless_replaced(
    database: Database, url: str, tmp_path: Path
) -> None:
    load(written(tmp_path / "data"), url)
    fewer = written(tmp_path / "data", courses="course_id,title\nc1,One\nc2,Two\n")
    load(fewer, url)
    assert [row["hours"] for row in all_rows(database, "courses")] == [None, 2.6]
    load(fewer, url, "--replace")
    assert [row["hours"] for row in all_rows(database, "courses")] == [None, None]


def test_people_skills_and_roles_only_other_tables_name_are_known_by_their_id(
    database: Database, url: str, tmp_path: Path
) -> None:
    data = written(
        tmp_path / "data",
        employees="employee_id,name\ne9,Nine\n",
        role_skills="role_id,skill_id,level\nr1,s1,3\n",
    )
    load(data, url)
    assert [(row["employee_id"], row["name"]) for row in all_rows(database, "employees")] == [
        ("e1", None),
        ("e2", None),
        ("e9", "Nine"),
    ]
    assert [row["skill_id"] for row in all_rows(database, "skills")] == ["s1"]
    assert [row["title"] for row in all_rows(database, "roles")] == ["r1"]
    export(database, "default", tmp_path / "out")
    assert load_dataset(tmp_path / "out").dataset.fingerprint == load_dataset(data).dataset.fingerprint
    (data / "employees.csv").unlink()
    load(data, url)  # names e1 and e2 alone: what is known of e9 stays
    assert [row["name"] for row in all_rows(database, "employees")] == [None, None, "Nine"]


def test_what_would_corrupt_the_result_writes_nothing(database: Database, url: str, tmp_path: Path) -> None:
    load(written(tmp_path / "data"), url)
    revision = database.revision("default")
    load(written(tmp_path / "data", courses=COURSES + "c2,Again,1,\n"), url, "--replace", code=2)
    assert [row["title"] for row in all_rows(database, "courses")] == ["One", "Two"]
    assert database.revision("default") == revision


def test_a_value_the_database_refuses_leaves_everything_as_it_was(tmp_path: Path) -> None:
    with database_url("postgresql", tmp_path) as url:
        load(written(tmp_path / "data"), url)
        bad = written(
            tmp_path / "data", courses=COURSES.replace("Two", "T\0wo"), feedback="employee_id,course_id,verb\n"
        )
        load(bad, url, "--replace", code=2)
        database = Database(url)
        assert [row["title"] for row in all_rows(database, "courses")] == ["One", "Two"]
        database.close()


def test_what_is_set_aside_is_kept_with_whom_it_names(database: Database, url: str, tmp_path: Path) -> None:
    bad = COMPLETIONS + "e3,nothing,2026-01-03,\ne1,c1,2026-01-03,7\n"
    load(written(tmp_path / "data", completions=bad), url, "--rejects", str(tmp_path / "rejects.csv"))
    with database.read() as connection:
        asked = select(rejects.c.row, rejects.c.column_name, rejects.c.value, rejects.c.employee_id)
        noted = [tuple(row) for row in connection.execute(asked.order_by(rejects.c.row))]
    assert noted == [(3, "course_id", "nothing", "e3"), (4, "score", "7", "e1")]
    with (tmp_path / "rejects.csv").open(newline="") as file:
        assert [line["value"] for line in csv.DictReader(file)] == ["7", "nothing"]
    load(written(tmp_path / "data"), url)
    with database.read() as connection:
        assert connection.execute(asked).all() == []


def test_erased_people_stay_away(
    database: Database, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = {
        "employees": "employee_id,manager_id\ne1,e2\n",
        "identities": "employee_id,kind,value\ne2,mbox,a@example.org\n",
        "completions": COMPLETIONS + "e2,nothing,2026-01-03,\n",
    }
    load(written(tmp_path / "data", **tables), url)
    with database.write("default") as connection:
        erase(connection, "default", "e2", at=1)
    renamed = {**tables, "identities": "employee_id,kind,value\ne1,mbox,a@example.org\n"}
    load(written(tmp_path / "data", **renamed), url)
    assert "1 erased people left out" in capsys.readouterr().out
    held = {name: all_rows(database, name) for name in TABLES}
    assert "e2" not in str(held)
    assert held["identities"] == []
    with database.read() as connection:
        assert connection.execute(select(rejects)).all() == []


def test_each_tenant_has_its_own(database: Database, url: str, tmp_path: Path) -> None:
    load(written(tmp_path / "data"), url)
    load(written(tmp_path / "data", courses=COURSES.replace("Two", "Deux")), url, "--tenant", "acme", "--replace")
    load(written(tmp_path / "data"), url, "--replace")
    assert [row["title"] for row in all_rows(database, "courses")] == ["One", "Two"]
    assert [row["title"] for row in all_rows(database, "courses", "acme")] == ["One", "Deux"]
    with database.read() as connection:
        assert set(connection.execute(select(tenants.c.tenant)).scalars()) == {"default", "acme"}
    assert database.revision("acme").catalogue == 1


def test_a_deleted_course_is_exported_unpublished_and_comes_back_when_loaded(
    database: Database, url: str, tmp_path: Path
) -> None:
    load(written(tmp_path / "data"), url)
    with database.write("default", catalogue=True) as connection:
        gone = {"tenant": "default", "course_id": "c2", "title": "Two", "gone": True, "revision": 9}
        rows.upsert(canonical["courses"], connection, [gone])
    export(database, "default", tmp_path / "out")
    exported = load_dataset(tmp_path / "out").dataset.catalog
    assert (exported.ids.ids, exported.published.tolist()) == (("c2", "c1"), [False, False])
    load(written(tmp_path / "data"), url)
    assert {row["course_id"]: row["gone"] for row in all_rows(database, "courses")} == {"c1": False, "c2": False}


def test_an_export_overwrites_nothing_else(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load(written(tmp_path / "data"), url)
    out = tmp_path / "out"
    for _ in range(2):
        assert main(["export", str(out), "--db", url]) == 0
    assert main(["export", str(tmp_path / "data"), "--db", url]) == 2
    assert "already holds something else" in capsys.readouterr().err
    assert main(["export", str(tmp_path / "none"), "--db", url, "--tenant", "nobody"]) == 2
    assert "no course in the database" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_a_fit_from_the_database_is_the_fit_from_the_directory(
    sample_company: Path, fitted_models: Path, tmp_path: Path
) -> None:
    with database_url("sqlite", tmp_path) as url:
        load(sample_company, url)
        models = str(tmp_path / "models")
        assert main(["fit", "--db", url, "--models", models, "--version", "v1", "--threads", "1"]) == 0
    manifests = [artifact.read_manifest(root, "default", "v1") for root in (fitted_models, tmp_path / "models")]
    assert manifests[0].origin.data_fingerprint == manifests[1].origin.data_fingerprint
    hashes = [{name: one for name, one in m.files.items() if name.startswith("arrays/")} for m in manifests]
    assert hashes[0] == hashes[1] != {}


def test_fit_wants_one_source_of_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], [str(tmp_path), "--db", "sqlite:///x.db"]):
        assert main(["fit", *arguments, "--models", str(tmp_path)]) == 2
        assert "either the directory DATA or --db" in capsys.readouterr().err
