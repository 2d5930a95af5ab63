"""Two companies in one service: whatever a key of one asks for, it sees and changes nothing of the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import KINDS, database_url
from guarded_service import Guarded, guarded, path_of, routes
from sqlalchemy import inspect, text
from werkzeug.routing import Rule

from recommender import activation, artifact
from recommender.schema import TABLES, Kind
from store import rows
from store.database import Database
from store.tables import metadata

NOW = 1_800_000_000
MARK = "THEIRS"
"""Stands in every text of the other company that is no id."""

IDS = {
    "employee_id": "their-employee",
    "course_id": "their-course",
    "skill_id": "their-skill",
    "role_id": "their-role",
    "version": "their-version",
    "assignment_id": "their-assignment",
}


@pytest.fixture
def two_companies(models: Path) -> Path:
    """Return a models folder in which another company has a version of its own, live."""
    saved = artifact.read(models, "default", "v1")
    origin = saved.manifest.origin
    artifact.save(models, "acme", origin, arrays=saved.arrays, documents=saved.documents, version=IDS["version"])
    activation.activate(models, "acme", IDS["version"], at=origin.created)
    return models


@pytest.fixture(params=KINDS)
def service(request: pytest.FixtureRequest, two_companies: Path, tmp_path: Path) -> Iterator[Guarded]:
    with database_url(request.param, tmp_path) as url, guarded(two_companies, url, NOW) as made:
        database = Database(url)
        made.key("admin", tenant="acme")
        with database.write("acme", catalogue=True) as connection:
            for name in TABLES:
                rows.put(connection, "acme", name, [_row(name)])
        database.close()
        yield made


def _row(table: str) -> dict[str, Any]:
    """Return a row of the other company: its ids where columns are ids, marked texts, and small numbers."""
    row: dict[str, Any] = {}
    for column in TABLES[table].columns:
        if column.name in IDS or column.kind is Kind.ID:
            known = next((value for name, value in IDS.items() if column.name.endswith(name)), f"their-{column.name}")
            row[column.name] = known
        elif column.kind in {Kind.NUMBER, Kind.INTEGER, Kind.TIME}:
            row[column.name] = 1
        elif column.kind is Kind.BOOLEAN:
            row[column.name] = True
        elif column.kind is Kind.CHOICE:
            row[column.name] = column.choices[0]
        else:
            row[column.name] = f"{MARK} {column.name}"
    if table == "assignments":
        row["assignment_id"] = IDS["assignment_id"]
    return row


def everything_of(url: str, tenant: str) -> dict[str, list[Any]]:
    """Return every row of a tenant in every table that has a tenant, keys apart."""
    database = Database(url)
    found: dict[str, list[Any]] = {}
    with database.read() as connection:
        assert set(inspect(connection).get_table_names()) >= set(metadata.tables)
        for name, table in metadata.tables.items():
            if "tenant" in table.c and name != "api_keys":
                asked = text(f'SELECT * FROM "{name}" WHERE tenant = :tenant')
                found[name] = sorted(str(row) for row in connection.execute(asked, {"tenant": tenant}))
    database.close()
    return found


def bodies() -> list[Any]:
    """Return what is sent with their ids in it; most of it is refused, some is taken, as facts of ours."""
    return [None, {}, dict(IDS), [dict(IDS)], {"person": {}}, {"person": {"target_role_id": IDS["role_id"]}}]


def is_page(rule: Rule) -> bool:
    return rule.rule.startswith(("/me", "/insight"))


def test_no_route_shows_or_changes_anything_of_another_company(service: Guarded) -> None:
    _, headers = service.key("admin")
    before = everything_of(service.url, "acme")
    assert all(before[name] for name in ("tenants", *TABLES))
    wrong: list[Any] = []
    # Questions first: of what is sent afterwards some is taken, as things of our own with the same ids.
    for method, rule in sorted(routes(service.app), key=lambda one: one[0] != "GET"):
        path = path_of(service.app, rule, IDS)
        for body in bodies() if method != "GET" else [None]:
            answer = service.client.open(path, method=method, json=body, headers=headers)
            named = [name for name in rule.arguments if name in IDS]
            if MARK in answer.text or (IDS["version"] in answer.text and not named and body is None):
                wrong.append((method, rule.rule, body, "shows it"))
            if method == "GET" and named and answer.status_code not in {400, 404, 403 if is_page(rule) else 404}:
                wrong.append((method, rule.rule, answer.status_code, "finds it"))
            if answer.status_code >= 500:
                wrong.append((method, rule.rule, body, answer.status_code))
    assert wrong == []
    assert everything_of(service.url, "acme") == before
    assert activation.live_version(service.app.extensions["lpr_config"].models, "acme") == IDS["version"]


def test_the_same_questions_with_their_own_key_find_it(service: Guarded) -> None:
    """Otherwise the test above would find nothing because there is nothing to find."""
    _, theirs = service.key("admin", tenant="acme")
    _, ours = service.key("admin")
    listed = {one["version"] for one in service.client.get("/v1/models", headers=theirs).get_json()["models"]}
    assert listed == {IDS["version"]}
    assert {one["version"] for one in service.client.get("/v1/models", headers=ours).get_json()["models"]} == {"v1"}
    pinned = {"X-Model-Version": IDS["version"]}
    asked: dict[str, Any] = {"json": {"person": {}}}
    assert service.client.post("/v1/recommendations", headers={**theirs, **pinned}, **asked).status_code == 200
    assert service.client.post("/v1/recommendations", headers={**ours, **pinned}, **asked).status_code == 404
    answered = service.client.post("/v1/recommendations", headers=theirs, **asked).get_json()
    assert answered["model_version"] == IDS["version"]


def test_a_company_without_a_model_is_told_so(service: Guarded) -> None:
    _, headers = service.key("read", tenant="newcomer")
    answer = service.client.post("/v1/recommendations", json={"person": {}}, headers=headers)
    assert answer.status_code == 503
