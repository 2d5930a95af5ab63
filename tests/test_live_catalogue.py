"""The live catalogue over HTTP: what the database holds counts in the next answer, and its loss stops no inline one."""

from __future__ import annotations

from pathlib import Path

import pytest
from databases import KINDS, database_url
from gates import gated
from reloading import differing_version
from service_asking import ASK, DAY, make_app
from sqlalchemy import event

from store import rows
from store.database import Database
from training.__main__ import main as lpr
from web.database import opened_database

ABOUT_NEW = {"person": {}, "course_id": "new"}
"""A course the model was not fitted on: unknown without the live catalogue."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_catalogue_edit_counts_in_the_next_answer(
    fitted_models: Path, sample_company: Path, model_as_of: int, tmp_path: Path, kind: str
) -> None:
    with database_url(kind, tmp_path) as url:
        plain = make_app(fitted_models, model_as_of + DAY).test_client()
        app = make_app(fitted_models, model_as_of + DAY, database=url)
        client, database = app.test_client(), Database(url)
        before = plain.post(ASK, json={"person": {}}).get_json()
        assert client.post(ASK, json={"person": {}}).get_json() == before  # nothing stored: the model's own
        assert lpr(["load", str(sample_company), "--db", url]) == 0
        assert client.post(ASK, json={"person": {}}).get_json() == before  # stored, the same as fitted
        first = before["recommendations"][0]["course_id"]
        with database.write("default", catalogue=True) as connection:
            found = rows.one(connection, "default", "courses", first)
            assert found is not None
            rows.put(connection, "default", "courses", [found | {"published": False}])
            rows.put(connection, "default", "courses", [{"course_id": "new", "title": "A new course"}])
        assert first not in [
            one["course_id"] for one in client.post(ASK, json={"person": {}}).get_json()["recommendations"]
        ]
        assert client.post("/v1/explanations", json=ABOUT_NEW).status_code == 200
        database.close()
        opened = opened_database(app)
        assert opened is not None
        opened.close()


def test_without_the_database_the_last_known_catalogue_answers(
    fitted_models: Path, sample_company: Path, model_as_of: int, tmp_path: Path
) -> None:
    with database_url("postgresql", tmp_path) as direct, gated(direct) as (gate, url):
        assert lpr(["load", str(sample_company), "--db", direct]) == 0
        database = Database(direct)
        with database.write("default", catalogue=True) as connection:
            rows.put(connection, "default", "courses", [{"course_id": "new", "title": "A new course"}])
        app = make_app(fitted_models, model_as_of + DAY, database=url)
        client = app.test_client()
        assert client.post("/v1/explanations", json=ABOUT_NEW).status_code == 200
        gate.shut()
        for _ in range(3):
            assert client.post(ASK, json={"person": {}}).status_code == 200
            assert client.post("/v1/explanations", json=ABOUT_NEW).status_code == 200
        database.close()
        opened = opened_database(app)
        assert opened is not None
        opened.close()


def test_the_catalogue_is_read_before_processes_are_forked_and_again_only_when_it_changed(
    models: Path, sample_company: Path, model_as_of: int, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/once.db"
    assert lpr(["load", str(sample_company), "--db", url]) == 0
    differing_version(models, "v1", "v2")
    app = make_app(models, model_as_of + DAY, database=url)
    opened = opened_database(app)
    assert opened is not None
    database, client, asked = opened.get(), app.test_client(), list[str]()
    assert database.engine.pool.status().endswith("Current Checked out connections: 0")
    assert (database._queries._idle, database.engine.pool.checkedin()) == ([], 0)  # type: ignore[attr-defined]
    event.listen(database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    for version in ("v1", "v2", "v1"):
        answer = client.post(ASK, json={"person": {}}, headers={"X-Model-Version": version})
        assert answer.get_json()["model_version"] == version
    assert not [one for one in asked if "FROM courses" in one]
    with database.write("default", catalogue=True) as connection:
        rows.put(connection, "default", "courses", [{"course_id": "new", "title": "A new course"}])
    for version in ("v1", "v2", "v1"):
        answer = client.post("/v1/explanations", json=ABOUT_NEW, headers={"X-Model-Version": version})
        assert answer.status_code == 200
    assert len([one for one in asked if "FROM courses" in one]) == 1
    opened.close()
