"""The service and its database: there, not there yet, lost and found again, or none at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from databases import KINDS, database_url
from flask import Flask
from gates import gated
from service_asking import DAY, make_app, problem

from store.migrating import is_current
from web.config import ServiceConfig
from web.database import opened_database, store


@contextmanager
def service(models: Path, now: int, url: str | None) -> Iterator[Flask]:
    """Give a service with a route that needs the database."""
    app = make_app(models, now, database=url)

    @app.get("/stored")
    def stored() -> dict[str, int]:
        return {"revision": store().revision("default").all}

    yield app
    opened = opened_database(app)
    if opened is not None:
        opened.close()


@pytest.mark.parametrize("kind", KINDS)
def test_the_service_migrates_its_database(fitted_models: Path, model_as_of: int, tmp_path: Path, kind: str) -> None:
    with database_url(kind, tmp_path) as url, service(fitted_models, model_as_of + DAY, url) as app:
        client = app.test_client()
        assert client.get("/stored").get_json() == {"revision": 0}
        assert client.get("/health/ready").status_code == 200
        with app.app_context(), store().read() as connection:
            assert is_current(connection)


def test_a_service_without_a_database_says_what_is_missing(fitted_models: Path, model_as_of: int) -> None:
    with service(fitted_models, model_as_of + DAY, None) as app:
        found = problem(app.test_client().get("/stored"), 503)
        assert found["type"] == "urn:lpr:problem:no-database"
        assert "--db" in found["detail"]
        assert app.test_client().get("/health/ready").status_code == 200


def test_a_database_that_comes_later_is_migrated_then_and_its_loss_is_told(
    fitted_models: Path, model_as_of: int, tmp_path: Path
) -> None:
    with database_url("postgresql", tmp_path) as direct, gated(direct) as (gate, url):
        gate.shut()
        with service(fitted_models, model_as_of + DAY, url) as app:
            client = app.test_client()
            assert "never reached" in problem(client.get("/health/ready"), 503)["detail"]
            lost = client.get("/stored")
            assert problem(lost, 503)["type"] == "urn:lpr:problem:database-unavailable"
            assert lost.headers["Retry-After"] == "5"
            gate.open()
            assert client.get("/health/ready").status_code == 200
            assert client.get("/stored").status_code == 200
            gate.shut()
            assert client.get("/stored").status_code == 503
            assert client.get("/health/ready").status_code == 200
            gate.open()
            assert client.get("/stored").status_code == 200


def test_the_database_is_a_setting() -> None:
    assert ServiceConfig.from_environment({}).database == "sqlite:///lpr.db"
    assert ServiceConfig.from_environment({"LPR_DB": "postgresql://db/lpr"}).database == "postgresql://db/lpr"
