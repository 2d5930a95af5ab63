"""The service: activating, rolling back and asking versions by name, and what is refused."""

from __future__ import annotations

import errno
import gc
import shutil
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from reloading import differing_version
from service_asking import ASK, ask, make_app, problem

from recommender import activation, artifact
from service import create_app
from web.config import ServiceConfig
from web.live import KEPT_VERSIONS, models_of, served
from web.operations import add_readiness_check

TRAVERSALS = ("..", "%2e%2e", "..%2Fv1", "current", ".partial-v1", "v1%00", "nothing", "%F0%9F%98%80", "v" * 300)


@pytest.fixture
def two(models: Path) -> Path:
    """Return a models folder with `v1` live and `v2`, which answers differently."""
    differing_version(models, "v1", "v2")
    return models


@pytest.fixture
def client(two: Path, model_as_of: int) -> FlaskClient:
    return make_app(two, model_as_of).test_client()


def damage(models: Path, version: str) -> str:
    """Change the last byte of a file of a version and return the file's name."""
    damaged = next((models / "default" / version / "arrays").iterdir())
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    return damaged.name


def test_a_version_is_live_when_activating_it_is_answered(client: FlaskClient, two: Path) -> None:
    said = client.post("/v1/models/v2/activate")
    assert said.get_json() == {"live": "v2", "follow_within_seconds": 0}
    assert ask(client)["model_version"] == "v2" == activation.live_version(two, "default")
    assert client.post("/v1/models/rollback").get_json()["live"] == "v1"
    assert ask(client)["model_version"] == "v1"
    assert "no earlier version" in problem(client.post("/v1/models/rollback"), 409)["detail"]


@pytest.mark.parametrize("name", TRAVERSALS)
def test_a_name_that_is_no_version_is_not_found(client: FlaskClient, two: Path, name: str) -> None:
    problem(client.post(f"/v1/models/{name}/activate"), 404)
    assert activation.live_version(two, "default") == "v1"


@pytest.mark.parametrize("name", ["..", "../v1", "/etc/passwd", "", "nothing", "current", "v1/../v2", "v" * 300])
def test_a_pin_that_is_no_version_is_not_found(client: FlaskClient, name: str) -> None:
    problem(client.post(ASK, json={"person": {}}, headers={"X-Model-Version": name}), 404)


def test_a_damaged_version_is_refused_by_file_and_the_old_one_goes_on(client: FlaskClient, two: Path) -> None:
    name = damage(two, "v2")
    detail = problem(client.post("/v1/models/v2/activate"), 409)["detail"]
    assert f"default/v2/arrays/{name}: damaged" in detail
    assert str(two) not in detail
    problem(client.post(ASK, json={"person": {}}, headers={"X-Model-Version": "v2"}), 409)
    assert ask(client)["model_version"] == "v1" == activation.live_version(two, "default")


def test_a_folder_that_cannot_be_written_leaves_everything_as_it_was(
    client: FlaskClient, two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    client.post("/v1/models/v2/activate")
    monkeypatch.setattr(activation, "replace_file", full)
    for path in ("v1/activate", "rollback"):
        answer = client.post(f"/v1/models/{path}")
        assert "No space left on device" in problem(answer, 503)["detail"]
        assert "Retry-After" in answer.headers
    assert ask(client)["model_version"] == "v2" == activation.live_version(two, "default")


def test_a_rollback_to_a_damaged_version_changes_nothing(client: FlaskClient, two: Path, model_as_of: int) -> None:
    client.post("/v1/models/v2/activate")
    name = damage(two, "v1")
    fresh = make_app(two, model_as_of).test_client()
    assert name in problem(fresh.post("/v1/models/rollback"), 409)["detail"]
    assert ask(fresh)["model_version"] == "v2" == activation.live_version(two, "default")


def test_a_request_may_name_the_version_that_answers_it(client: FlaskClient) -> None:
    live = ask(client)
    pinned = client.post(ASK, json={"person": {}}, headers={"X-Model-Version": "v2"}).get_json()
    assert (live["model_version"], pinned["model_version"]) == ("v1", "v2")
    assert live["recommendations"] != pinned["recommendations"]
    client.post("/v1/models/v2/activate")
    assert ask(client) == pinned
    tags = {
        client.get("/v1/courses/C0001", headers={"X-Model-Version": one}).headers["ETag"] for one in ("v1", "v2", "v2")
    }
    assert len(tags) == 2


def test_a_version_saved_anew_under_its_name_is_read_anew(client: FlaskClient, two: Path) -> None:
    pin = {"X-Model-Version": "v2"}
    before = client.post(ASK, json={"person": {}}, headers=pin).get_json()
    shutil.rmtree(two / "default" / "v2")
    saved = artifact.read(two, "default", "v1")
    origin, arrays, documents = saved.manifest.origin, saved.arrays, saved.documents
    artifact.save(two, "default", origin, arrays=arrays, documents=documents, version="v2")
    after = client.post(ASK, json={"person": {}}, headers=pin).get_json()
    assert after["recommendations"] == ask(client)["recommendations"] != before["recommendations"]


def test_no_more_versions_stay_in_memory_than_said(two: Path, model_as_of: int) -> None:
    for i in range(3, 6):
        differing_version(two, "v1", f"v{i}")
    app = make_app(two, model_as_of)
    held = models_of(app).of("default")
    first = held.version("v2")
    assert held.version("v2") is first
    assert held.version("v1") is held.get()
    for i in range(3, 3 + KEPT_VERSIONS):
        held.version(f"v{i}")
    assert held.version("v2") is not first


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}])
def test_a_page_elsewhere_cannot_change_the_live_model(client: FlaskClient, two: Path, headers: dict[str, str]) -> None:
    problem(client.post("/v1/models/v2/activate", headers=headers), 403)
    problem(client.post("/v1/models/rollback", headers=headers), 403)
    assert activation.live_version(two, "default") == "v1"


def test_a_request_keeps_the_version_it_began_with(two: Path, model_as_of: int) -> None:
    app = make_app(two, model_as_of)
    with app.test_request_context():
        first = served()
        models_of(app).of("default").activate("v2", at=datetime.now(UTC))
        assert served() is first
    with app.test_request_context():
        assert served().manifest.version == "v2"


def test_an_activation_is_followed_off_the_request(two: Path, model_as_of: int) -> None:
    """Until the new version is loaded the old one answers: no request loads it."""
    app = create_app(ServiceConfig(models=two, clock=lambda: model_as_of, reload_seconds=0.02))
    client = app.test_client()
    models = models_of(app)
    assert ask(client)["model_version"] == "v1"
    held = models.of("default")
    with held.loading:
        activation.activate(two, "default", "v2", at=datetime.now(UTC))
        time.sleep(0.1)
        assert ask(client)["model_version"] == "v1"
    deadline = time.monotonic() + 20
    while ask(client)["model_version"] == "v1":
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert ask(client)["model_version"] == "v2"


def test_following_ends_with_the_service(two: Path, model_as_of: int) -> None:
    app = create_app(ServiceConfig(models=two, clock=lambda: model_as_of, reload_seconds=0.02))
    ask(app.test_client())
    (thread,) = (one for one in threading.enumerate() if one.name == f"lpr-follow-{id(models_of(app))}")
    app.extensions.clear()
    gc.collect()
    thread.join(20)
    assert not thread.is_alive()


def test_a_restored_live_version_is_served_without_an_activation(
    two: Path, model_as_of: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.live.RETRY_SECONDS", 0.0)
    client = make_app(two, model_as_of).test_client()
    activation.activate(two, "default", "v2", at=datetime.now(UTC))
    damaged = next((two / "default" / "v2" / "arrays").iterdir())
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-1] + b"x")
    assert ask(client)["model_version"] == "v1"
    assert damaged.name in client.get("/health/ready").get_json()["warning"]
    damaged.write_bytes(whole)
    assert ask(client)["model_version"] == "v2"
    assert "warning" not in client.get("/health/ready").get_json()


def test_readiness_needs_every_check_and_says_which_fails(two: Path, model_as_of: int) -> None:
    app = make_app(two, model_as_of + 60)
    reasons = [""]
    add_readiness_check(app, lambda: reasons[0])
    client = app.test_client()
    said = client.get("/health/ready").get_json()
    assert (said["status"], said["model_version"], said["model_age_seconds"]) == ("ready", "v1", 60)
    reasons[0] = "The database does not answer."
    answer = client.get("/health/ready")
    assert problem(answer, 503)["detail"] == "The database does not answer."
    assert int(answer.headers["Retry-After"]) > 0
    assert client.get("/health/live").status_code == 200
