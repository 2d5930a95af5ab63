"""People's rights over HTTP: all that is held of somebody, and its erasure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import KINDS, database_url
from flask import Flask
from flask.testing import FlaskClient
from service_asking import DAY, make_app, problem

from store import rows
from store.database import Database
from store.erasure import refuse_erased
from web.database import opened_database, store
from web.decision_log import decision_log_of

WHO = "team/e 1"
DATA = "/v1/employees/team%2Fe%201/data"


@pytest.fixture(params=KINDS)
def app(request: pytest.FixtureRequest, fitted_models: Path, model_as_of: int, tmp_path: Path) -> Iterator[Flask]:
    with database_url(request.param, tmp_path) as url:
        app = make_app(fitted_models, model_as_of + DAY, database=url)
        opened = opened_database(app)
        assert opened is not None
        put_somebody(opened.get())
        yield app
        decision_log_of(app).close()
        opened.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def put_somebody(database: Database) -> None:
    for tenant, who in [("default", WHO), ("default", "e2"), ("other", "e3")]:
        with database.write(tenant) as connection:
            rows.put(connection, tenant, "employees", [{"employee_id": who, "name": f"Name of {who}"}])
            rows.put(connection, tenant, "completions", [{"employee_id": who, "course_id": "c1", "completed_at": 5}])


def test_all_that_is_held_is_answered_by_table(client: FlaskClient) -> None:
    client.get("/v1/employees/team%2Fe%201/recommendations")
    answer = client.get(DATA)
    held = answer.get_json()
    assert held["employee_id"] == WHO
    assert set(held["tables"]) == {"employees", "completions", "decisions"}
    assert held["tables"]["employees"][0]["name"] == f"Name of {WHO}"
    assert held["tables"]["decisions"][0]["employee_id"] == WHO
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", [DATA, DATA.removesuffix("/data")])
def test_an_erased_person_is_unknown(client: FlaskClient, path: str) -> None:
    client.get("/v1/employees/team%2Fe%201/recommendations")
    answer = client.delete(path)
    assert (answer.status_code, answer.data) == (204, b"")
    problem(client.delete(path), 404)
    problem(client.get(DATA), 404)
    problem(client.get("/v1/employees/team%2Fe%201/recommendations"), 404)
    problem(client.get(DATA), 404)  # what was shown before was still to be written, and brings nobody back
    assert client.get("/v1/employees/e2/data").status_code == 200


@pytest.mark.parametrize("who", ["nobody", "e3"])
def test_nothing_is_held_of_a_stranger(client: FlaskClient, who: str) -> None:
    problem(client.get(f"/v1/employees/{who}/data"), 404)
    problem(client.delete(f"/v1/employees/{who}/data"), 404)


def test_storing_an_erased_person_is_refused(app: Flask) -> None:
    @app.put("/store")
    def put() -> str:
        with store().read() as connection:
            refuse_erased(connection, "default", WHO)
        return ""

    client = app.test_client()
    assert client.put("/store").status_code == 200
    client.delete(DATA)
    assert problem(client.put("/store"), 410)["type"] == "urn:lpr:problem:erased"
