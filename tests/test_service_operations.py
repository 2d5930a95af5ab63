"""The service: the catalogue of the live model, models and health, and what happens when another becomes live."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from service_asking import ASK, ask, make_app, pointers, problem

from recommender import activation, artifact

# The catalogue


def test_pages_of_roles_hold_each_role_once(client: FlaskClient) -> None:
    whole = client.get("/v1/roles").get_json()
    assert len(whole["roles"]) == whole["total"] > 20
    assert "next" not in whole
    walked, following = [], "/v1/roles?limit=7"
    while following:
        page = client.get(following).get_json()
        assert len(page["roles"]) <= 7
        walked += page["roles"]
        following = page.get("next")
    assert walked == whole["roles"]


def test_a_role_says_what_it_needs(client: FlaskClient) -> None:
    roles = {role["role_id"]: role for role in client.get("/v1/roles").get_json()["roles"]}
    needs = {skill["skill_id"]: skill for skill in roles["data-analyst"]["skills"]}
    assert needs["sql"]["name"] == "SQL"
    assert 1 <= needs["sql"]["level"] <= 5
    assert 0 < needs["sql"]["importance"] <= 1


@pytest.mark.parametrize(
    ("query", "pointer"), [("limit=0", "/limit"), ("limit=1001", "/limit"), ("limit=x", "/limit"), ("page=2", "/page")]
)
def test_a_wrong_page_is_named(client: FlaskClient, query: str, pointer: str) -> None:
    assert pointers(client.get(f"/v1/roles?{query}")) == [pointer]
    assert pointers(client.get("/v1/roles?after=nobody")) == ["/after"]


@pytest.mark.parametrize("path", ["/v1/roles", "/v1/roles?limit=3", "/v1/courses/C0001"])
def test_what_a_client_has_already_is_not_sent_again(client: FlaskClient, path: str) -> None:
    tag = client.get(path).headers["ETag"]
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_course_is_described(client: FlaskClient) -> None:
    found = client.get("/v1/courses/C0001").get_json()
    assert found["course_id"] == "C0001"
    assert found["hours"] > 0
    assert found["difficulty"] in {"beginner", "intermediate", "advanced", "expert"}
    assert all({"skill_id", "name", "level"} <= set(skill) for skill in found["skills"])


@pytest.mark.parametrize("course_id", ["nothing", "a%2Fb", "a%252Fb", "..%2F..%2Fetc"])
def test_an_unknown_course_is_not_found(client: FlaskClient, course_id: str) -> None:
    answer = client.get(f"/v1/courses/{course_id}")
    assert answer.status_code == 404
    assert "knows no course" in problem(answer, 404)["detail"]


# Models and health


def test_without_a_model_it_lives_but_is_not_ready_until_one_is_activated(models: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "none"
    client = make_app(elsewhere, 0).test_client()
    assert client.get("/health/live").status_code == 200
    assert "no live version" in problem(client.get("/health/ready"), 503)["detail"]
    assert problem(client.post(ASK, json={"person": {}}), 503)["type"] == "urn:lpr:problem:not-ready"
    page = client.get("/")
    assert page.status_code == 503
    assert "<h1>No model is live</h1>" in page.text
    shutil.copytree(models, elsewhere)
    assert client.get("/health/ready").get_json()["model_version"] == "v1"


def second_version(models: Path) -> None:
    """Save the same model again as `v2`, not live."""
    saved = artifact.read(models, "default", "v1")
    artifact.save(
        models, "default", saved.manifest.origin, arrays=saved.arrays, documents=saved.documents, version="v2"
    )


def served_version(client: FlaskClient) -> str:
    return str(ask(client)["model_version"])


def test_activations_and_rollbacks_are_followed_without_a_restart(models: Path, model_as_of: int) -> None:
    client = make_app(models, model_as_of).test_client()
    second_version(models)
    assert served_version(client) == "v1"
    activation.activate(models, "default", "v2", at=datetime.now(UTC))
    assert served_version(client) == "v2"
    listed = client.get("/v1/models").get_json()
    assert listed["live"] == "v2"
    assert [one["version"] for one in listed["models"]] == ["v2", "v1"]
    activation.rollback(models, "default", at=datetime.now(UTC))
    assert served_version(client) == "v1"


def test_a_damaged_new_version_leaves_the_old_one_answering(models: Path, model_as_of: int) -> None:
    client = make_app(models, model_as_of).test_client()
    second_version(models)
    activation.activate(models, "default", "v2", at=datetime.now(UTC))
    damaged = next((models / "default" / "v2" / "arrays").iterdir())
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    assert served_version(client) == "v1"
    assert damaged.name in client.get("/health/ready").get_json()["warning"]


def test_a_version_whose_manifest_cannot_be_read_is_listed_as_damaged(models: Path, model_as_of: int) -> None:
    second_version(models)
    (models / "default" / "v2" / "manifest.json").write_text("{}")
    listed = make_app(models, model_as_of).test_client().get("/v1/models").get_json()
    assert {"version": "v2", "damaged": True} in listed["models"]
