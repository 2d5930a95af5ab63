"""Links into the pages over the API: who may ask for one, for whom, how it is made, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import KINDS, database_url
from documented import DocumentedClient
from guarded_service import Guarded, guarded
from service_asking import pointers, problem
from werkzeug.test import TestResponse

from recommender.errors import ConfigError
from store import rows
from store.database import Database
from web.config import ServiceConfig

NOW = 1_800_000_000
ADA = "ada/4711"
EMPLOYEE = "/v1/employees/ada%2F4711/links"
INSIGHT = "/v1/insight/links"


@pytest.fixture(params=KINDS)
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Guarded]:
    with database_url(request.param, tmp_path) as url, made(tmp_path, url) as found:
        yield found


@pytest.fixture
def light(tmp_path: Path) -> Iterator[Guarded]:
    """Give a service on SQLite alone, for what the database has no part in."""
    with database_url("sqlite", tmp_path) as url, made(tmp_path, url) as found:
        yield found


def made(folder: Path, url: str, **settings: Any) -> Any:
    """Return a service without a model whose database has one employee; its answers are held to the document."""
    database = Database(url)
    database.migrate()
    with database.write("default") as connection:
        rows.put(connection, "default", "employees", [{"employee_id": ADA}])
    database.close()
    return guarded(folder / "none", url, NOW, **settings)


def issue(service: Guarded, path: str, headers: dict[str, str], **body: Any) -> TestResponse:
    service.app.test_client_class = DocumentedClient
    return service.client.post(path, json=body, headers=headers)


def test_a_link_lets_in_whom_it_was_made_for(service: Guarded) -> None:
    _, headers = service.key("link")
    answer = issue(service, EMPLOYEE, headers, expires_in=60, language="de", to="/me/skills?q=1")
    body = answer.get_json()
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert re.fullmatch(r"lpv_[a-z0-9]{12}_[\w-]{43}", body["ticket"])
    assert body["url"] == f"http://localhost/enter?ticket={body['ticket']}"
    assert body["expires_at"] == "2027-01-15T08:01:00Z"
    entered = service.client.get(body["url"].removeprefix("http://localhost"))
    assert (entered.status_code, entered.headers["Location"]) == (303, "/me/skills?q=1")
    service.now = NOW + 60
    late = issue(service, EMPLOYEE, headers, expires_in=60).get_json()["ticket"]
    service.now = NOW + 120
    assert service.client.get(f"/enter?ticket={late}").status_code == 403


def test_a_link_to_the_overview_is_for_nobody_in_particular(service: Guarded) -> None:
    _, headers = service.key("insight")
    ticket = issue(service, INSIGHT, headers).get_json()["ticket"]
    entered = service.client.post("/enter", data={"ticket": ticket})
    assert (entered.status_code, entered.headers["Location"]) == (303, "/insight")


def test_each_needs_its_own_scope_and_reading_is_neither(light: Guarded) -> None:
    allowed = {
        scope: [issue(light, path, light.key(scope)[1]).status_code for path in (EMPLOYEE, INSIGHT)]
        for scope in ("link", "insight", "read", "write", "xapi:write", "admin")
    }
    assert allowed == {
        "link": [201, 403],
        "insight": [403, 201],
        "read": [403, 403],
        "write": [403, 403],
        "xapi:write": [403, 403],
        "admin": [201, 201],
    }
    _, linking = light.key("link", "insight")
    problem(light.client.get("/v1/employees", headers=linking), 403)


def test_nobody_is_linked_who_is_not_there_or_of_another_tenant(light: Guarded) -> None:
    _, ours = light.key("link")
    _, theirs = light.key("link", tenant="acme")
    problem(issue(light, "/v1/employees/nobody/links", ours), 404)
    problem(issue(light, EMPLOYEE, theirs), 404)


def test_a_key_that_was_revoked_a_moment_ago_issues_nothing(service: Guarded) -> None:
    key_id, headers = service.key("admin")
    assert issue(service, EMPLOYEE, headers).status_code == 201
    service.revoke(key_id)
    assert service.client.get("/v1/employees", headers=headers).status_code == 200  # remembered for a minute
    for path in (EMPLOYEE, INSIGHT):
        problem(issue(service, path, headers), 401)


def test_a_token_issues_links_of_its_key(light: Guarded) -> None:
    key_id, headers = light.key("link")
    secret = headers["Authorization"].split()[1]
    form = {"grant_type": "client_credentials", "client_id": key_id, "client_secret": secret}
    token = light.client.post("/oauth2/token", data=form).get_json()["access_token"]
    assert issue(light, EMPLOYEE, {"Authorization": f"Bearer {token}"}).status_code == 201


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"expires_in": 9}, "/expires_in"),
        ({"expires_in": 601}, "/expires_in"),
        ({"expires_in": 60.5}, "/expires_in"),
        ({"language": "de_DE"}, "/language"),
        ({"language": "x" * 36}, "/language"),
        ({"to": ""}, "/to"),
        ({"to": "/insight"}, "/to"),
        ({"to": "/mean"}, "/to"),
        ({"to": "//evil.example"}, "/to"),
        ({"to": "/me//evil.example"}, "/to"),
        ({"to": "https://evil.example/me"}, "/to"),
        ({"to": "/me/\\evil"}, "/to"),
        ({"to": "/me/%2E./v1"}, "/to"),
        ({"to": "/me\n"}, "/to"),
        ({"to": "/me?x=" + "y" * 2_000}, "/to"),
        ({"employee_id": "bob"}, "/employee_id"),
    ],
)
def test_what_is_wrong_with_a_request_is_named(light: Guarded, body: dict[str, Any], wrong: str) -> None:
    assert pointers(issue(light, EMPLOYEE, light.key("link")[1], **body)) == [wrong]


def test_the_overview_opens_its_own_pages_only(light: Guarded) -> None:
    _, headers = light.key("insight")
    assert issue(light, INSIGHT, headers, to="/insight/catalogue").status_code == 201
    assert pointers(issue(light, INSIGHT, headers, to="/me")) == ["/to"]


def test_the_same_key_for_a_write_gives_another_link(light: Guarded) -> None:
    """A ticket answered again would have to be kept in clear."""
    _, headers = light.key("link")
    tickets = {issue(light, EMPLOYEE, {**headers, "Idempotency-Key": "once"}).get_json()["ticket"] for _ in range(2)}
    assert len(tickets) == 2


def test_links_begin_with_the_origin_browsers_know(tmp_path: Path) -> None:
    with database_url("sqlite", tmp_path) as url, made(tmp_path, url, public_url="https://lpr.example.com") as service:
        _, headers = service.key("link")
        answer = service.client.post(EMPLOYEE, json={}, headers={**headers, "Host": "internal:8000"})
        assert answer.get_json()["url"].startswith("https://lpr.example.com/enter?ticket=lpv_")


# Settings


def test_the_settings_of_pages_are_read_from_the_environment() -> None:
    config = ServiceConfig.from_environment(
        {
            "LPR_PUBLIC_URL": "https://LPR.example.com/",
            "LPR_FRAME_ANCESTORS": "https://lms.example.com  https://hr.example.com:8443 http://127.0.0.1:9000",
            "LPR_VISIT_HOURS": "2",
        }
    )
    assert config.public_url == "https://lpr.example.com"
    assert config.frame_ancestors == ("https://lms.example.com", "https://hr.example.com:8443", "http://127.0.0.1:9000")
    assert config.visit_hours == 2
    plain = ServiceConfig.from_environment({"LPR_PUBLIC_URL": ""})
    assert (plain.public_url, plain.frame_ancestors, plain.visit_hours) == (None, (), 8)


@pytest.mark.parametrize("name", ["LPR_PUBLIC_URL", "LPR_FRAME_ANCESTORS"])
@pytest.mark.parametrize(
    "text",
    [
        "http://lms.example.com",
        "lms.example.com",
        "https://",
        "https://lms.example.com/path",
        "https://lms.example.com?x",
        "https://user@lms.example.com",
        "https://lms.example.com;script-src",
        "https://*.example.com",
        "*",
        "'self'",
        "https://lms.example.com:port",
        "https://lms.example.com,https://b.example.com",
    ],
)
def test_what_is_no_origin_stops_the_start(name: str, text: str) -> None:
    with pytest.raises(ConfigError, match=f"{name}: found"):
        ServiceConfig.from_environment({name: text})
