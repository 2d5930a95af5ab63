from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from guarded_service import close_database
from hostile import hostile_requests
from served_company import loaded_company

from service import create_app
from web.config import ServiceConfig
from web.decision_log import decision_log_of


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder: Path = tmp_path_factory.mktemp("hostile")
    url = f"sqlite:///{folder / 'lpr.db'}"
    company = loaded_company(folder / "models", url)
    made = create_app(ServiceConfig(models=company.models, database=url, demo=True, rate_per_minute=10**9))
    yield made
    decision_log_of(made).close()
    close_database(made)


def test_hostile_requests_are_refused_and_nothing_else_happens(app: Flask) -> None:
    client, n = app.test_client(), 0
    for one in hostile_requests(app):
        answer = client.open(one.path, method=one.method, data=one.body, headers=one.headers)
        n += 1
        assert 400 <= answer.status_code < 500, (
            one.why,
            one.method,
            one.path[:200],
            answer.status_code,
            answer.text[:300],
        )
        assert answer.mimetype in {"application/problem+json", "application/json"}, (one, answer.mimetype)
    assert n >= 1_000
    assert client.get("/health/ready").status_code == 200
