"""Who may ask the service: keys, scopes, tokens, revocation, wrong keys, and what goes on without the database."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import KINDS, database_url
from guarded_service import Guarded, guarded, path_of, routes, stopped
from service_asking import ASK, make_app, problem
from sqlalchemy import create_engine, text

from recommender.errors import ConfigError
from service import create_app
from store.scopes import SCOPES, includes
from web.auth import FAILED_PER_MINUTE
from web.config import ServiceConfig
from web.operation import operation_of

NOW = 1_800_000_000
TOKEN = "/oauth2/token"
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture(params=KINDS)
def service(request: pytest.FixtureRequest, fitted_models: Path, tmp_path: Path) -> Iterator[Guarded]:
    with database_url(request.param, tmp_path) as url, guarded(fitted_models, url, NOW) as made:
        yield made


@pytest.fixture
def light(fitted_models: Path, tmp_path: Path) -> Iterator[Guarded]:
    """Give a service on SQLite alone, for what the database has no part in."""
    with database_url("sqlite", tmp_path) as url, guarded(fitted_models, url, NOW) as made:
        yield made


def status(service: Guarded, headers: dict[str, str], path: str = "/v1/roles") -> int:
    return service.client.get(path, headers=headers).status_code


def basic(name: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


def secret_of(headers: dict[str, str]) -> str:
    return headers["Authorization"].split()[1]


# Keys


def test_a_key_opens_what_its_scopes_allow(service: Guarded) -> None:
    _, reader = service.key("read")
    assert service.client.post(ASK, json={"person": {}}, headers=reader).status_code == 200
    refused = service.client.post("/v1/models/rollback", headers=reader)
    assert problem(refused, 403)["type"] == "urn:lpr:problem:insufficient-scope"
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="lpr", error="insufficient_scope", scope="admin"'


def test_a_revoked_key_stops_within_a_minute_in_every_process(service: Guarded) -> None:
    key_id, headers = service.key("read")
    with guarded(Path("none"), service.url, NOW) as other:
        assert (status(service, headers), status(other, headers)) == (200, 503)  # the other has no model, and lets in
        service.revoke(key_id)
        service.now = other.now = NOW + 59
        assert (status(service, headers), status(other, headers)) == (200, 503)
        service.now = other.now = NOW + 60
        assert (status(service, headers), status(other, headers)) == (401, 401)


def test_a_key_ends_at_its_moment_however_lately_it_was_looked_up(service: Guarded) -> None:
    _, headers = service.key("read", expires_at=NOW + 30)
    assert status(service, headers) == 200
    service.now = NOW + 30
    assert status(service, headers) == 401


def test_a_clock_set_back_does_not_keep_a_revoked_key(light: Guarded) -> None:
    key_id, headers = light.key("read")
    assert status(light, headers) == 200
    light.revoke(key_id)
    light.now = NOW - 3_600
    assert status(light, headers) == 401


def test_known_keys_go_on_for_a_quarter_of_an_hour_without_the_database(service: Guarded) -> None:
    _, known = service.key("read")
    _, unknown = service.key("read")
    assert status(service, known) == 200
    with stopped(service):
        for later in (61, 899):
            service.now = NOW + later
            assert status(service, known) == 200
            answer = service.client.get("/v1/roles", headers=unknown)
            assert problem(answer, 503)["type"] == "urn:lpr:problem:database-unavailable"
            assert int(answer.headers["Retry-After"]) > 0
        service.now = NOW + 900
        assert status(service, known) == 503
    service.now = NOW + 910
    assert (status(service, known), status(service, unknown)) == (200, 200)


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer lpr_aaaaaaaaaaaa_" + "A" * 43,
        "Bearer lpt_aaaaaaaaaaaa_" + "A" * 43,
        "Bearer x",
        "Bearer \xe4\xff",
        "Basic !!!",
        "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        "Digest a=b",
        "lpr_aaaaaaaaaaaa_" + "A" * 43,
        "Bearer " + "A" * 5_000,
    ],
)
def test_without_a_usable_key_nobody_gets_in(light: Guarded, given: str | None) -> None:
    headers = {} if given is None else {"Authorization": given}
    answer = light.client.get("/v1/roles", headers=headers)
    assert problem(answer, 401)["type"] == "urn:lpr:problem:unauthenticated"
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="lpr"')


def test_a_key_in_the_address_is_none(light: Guarded) -> None:
    _, headers = light.key("read")
    assert status(light, {}, f"/v1/roles?access_token={secret_of(headers)}&key={secret_of(headers)}") == 401


def test_many_wrong_keys_from_an_address_must_wait_and_known_ones_need_not(light: Guarded) -> None:
    _, known = light.key("read")
    _, fresh = light.key("read")
    assert status(light, known) == 200
    wrong = {"Authorization": "Bearer lpr_aaaaaaaaaaaa_" + "A" * 43}
    light.now = NOW + 5
    assert [status(light, wrong) for _ in range(FAILED_PER_MINUTE)] == [401] * FAILED_PER_MINUTE
    refused = light.client.get("/v1/roles", headers=wrong)
    assert problem(refused, 429)["type"] == "urn:lpr:problem:too-many-requests"
    assert refused.headers["Retry-After"] == str(60 - (NOW + 5) % 60)
    assert (status(light, known), status(light, fresh)) == (200, 429)
    elsewhere = light.client.get("/v1/roles", headers=fresh, environ_base={"REMOTE_ADDR": "192.0.2.9"})
    assert elsewhere.status_code == 200
    light.now += 60
    assert status(light, wrong) == 401


# Scopes and routes


def test_every_route_says_who_may_ask(light: Guarded) -> None:
    silent = [
        rule.rule for _, rule in routes(light.app) if operation_of(light.app.view_functions[rule.endpoint]) is None
    ]
    assert silent == []


def test_every_route_takes_the_keys_with_its_scope_and_no_others(light: Guarded) -> None:
    given = {scope: light.key(scope)[1] for scope in SCOPES}
    wrong = []
    for method, rule in routes(light.app):
        described = operation_of(light.app.view_functions[rule.endpoint])
        needed = described.scope if described else "admin"
        path = path_of(light.app, rule, {})
        if described is not None and described.tag == "pages":
            continue  # tests/test_visits.py asks those
        if needed is None:
            if rule.rule not in {TOKEN} and light.client.open(path, method=method).status_code in {401, 403}:
                wrong.append((method, rule.rule, "is for everybody"))
            continue
        if light.client.open(path, method=method).status_code != 401:
            wrong.append((method, rule.rule, "takes no key"))
        for scope, headers in given.items():
            let_in = light.client.open(path, method=method, headers=headers).status_code not in {401, 403}
            if let_in != includes(frozenset({scope}), needed):
                wrong.append((method, rule.rule, scope))
    assert wrong == []


def test_what_is_for_everybody_is_little(light: Guarded) -> None:
    described = {rule.rule: operation_of(light.app.view_functions[rule.endpoint]) for _, rule in routes(light.app)}
    public = {rule for rule, one in described.items() if one is not None and one.scope is None and one.tag != "pages"}
    known = {"/health/live", "/health/ready", "/metrics", "/openapi.json", "/docs", TOKEN, "/xapi/about"}
    assert {rule for rule in public if not rule.startswith("/docs/")} <= known


def test_a_view_that_says_nothing_is_an_administrator_s(light: Guarded) -> None:
    light.app.add_url_rule("/silent", view_func=lambda: "said")
    assert [status(light, light.key(scope)[1], "/silent") for scope in ("write", "admin")] == [403, 200]


def test_xapi_clients_may_use_basic_and_others_may_not(light: Guarded) -> None:
    from web.operation import operation

    light.app.add_url_rule("/xapi-like", view_func=operation(scope="xapi:read", tag="xapi")(lambda: "said"))
    key_id, headers = light.key("admin")
    other, _ = light.key("admin")
    whole = secret_of(headers)
    assert status(light, basic(key_id, whole), "/xapi-like") == 200
    assert status(light, basic(other, whole), "/xapi-like") == 401
    assert status(light, basic(key_id, whole), "/v1/roles") == 401
    refused = light.client.get("/xapi-like")
    assert refused.headers.getlist("WWW-Authenticate") == ['Bearer realm="lpr"', 'Basic realm="lpr"']


def test_metrics_are_for_this_machine_or_the_installation_s_administrator(light: Guarded) -> None:
    def ask(headers: dict[str, str], peer: str = "192.0.2.9") -> int:
        return light.client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": peer}).status_code

    assert ask({}, "127.0.0.1") == 200
    assert ask({"X-Forwarded-For": "192.0.2.9"}, "127.0.0.1") == 401
    assert ask({}) == 401
    assert ask(light.key("read")[1]) == 403
    assert ask(light.key("admin", tenant="acme")[1]) == 403
    assert ask(light.key("admin")[1]) == 200


# Without keys


def test_a_demonstration_asks_for_no_key_and_honours_one(fitted_models: Path, tmp_path: Path) -> None:
    with database_url("sqlite", tmp_path) as url, guarded(fitted_models, url, NOW) as closed:
        _, reader = closed.key("read")
        client = make_app(fitted_models, NOW, database=url).test_client()
        assert client.get("/").status_code == 200
        assert client.post("/v1/models/v1/activate").status_code == 200
        assert client.get("/v1/roles", headers=reader).status_code == 200
        problem(client.post("/v1/models/v1/activate", headers=reader), 403)
        problem(client.get("/v1/roles", headers={"Authorization": "Bearer x"}), 401)
        problem(closed.client.get("/"), 404)


def test_a_service_with_keys_answers_under_any_name(light: Guarded) -> None:
    _, headers = light.key("read")
    asked = light.client.get(
        "/v1/roles", headers={**headers, "Host": "lpr.example.com"}, environ_base={"REMOTE_ADDR": "192.0.2.9"}
    )
    assert asked.status_code == 200


def test_the_environment_asks_for_keys_unless_told_otherwise() -> None:
    assert ServiceConfig.from_environment({}).demo is False
    assert ServiceConfig.from_environment({"LPR_DEMO": "1"}).demo is True
    with pytest.raises(ConfigError, match="LPR_DEMO"):
        ServiceConfig.from_environment({"LPR_DEMO": "yes"})


def test_keys_need_a_database(fitted_models: Path) -> None:
    with pytest.raises(ConfigError, match="needs a database"):
        create_app(ServiceConfig(models=fitted_models, demo=False))


# Tokens


def test_a_token_is_given_for_a_key_and_opens_what_was_asked(service: Guarded) -> None:
    key_id, headers = service.key("read", "xapi:write")
    whole = secret_of(headers)
    for given in ({"headers": basic(key_id, whole)}, {"extra": {"client_id": key_id, "client_secret": whole}}):
        extra: Any = given.get("extra", {})
        answer = service.client.post(TOKEN, data={**GRANT, "scope": "read", **extra}, headers=given.get("headers"))
        body = answer.get_json()
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert re.fullmatch(r"lpt_[a-z0-9]{12}_[\w-]{43}", body.pop("access_token")) is not None
        assert body == {"token_type": "Bearer", "expires_in": 3600, "scope": "read"}
    token = {"Authorization": f"Bearer {answer.get_json()['access_token']}"}
    assert status(service, token) == 200
    service.revoke(key_id)
    service.now += 60
    assert status(service, token) == 401


def test_a_token_has_all_scopes_of_the_key_unless_said_and_none_besides(light: Guarded) -> None:
    key_id, headers = light.key("read", "write", expires_at=NOW + 100)
    asked = basic(key_id, secret_of(headers))
    whole = light.client.post(TOKEN, data=GRANT, headers=asked).get_json()
    assert (whole["scope"], whole["expires_in"]) == ("read write", 100)
    for scope in ("admin", "read admin", "nonsense"):
        refused = light.client.post(TOKEN, data={**GRANT, "scope": scope}, headers=asked)
        assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_scope")
    admin_id, admin = light.key("admin")
    narrow = light.client.post(TOKEN, data={**GRANT, "scope": "read"}, headers=basic(admin_id, secret_of(admin)))
    token = {"Authorization": f"Bearer {narrow.get_json()['access_token']}"}
    assert status(light, token) == 200
    assert light.client.post("/v1/models/rollback", headers=token).status_code == 403


@pytest.mark.parametrize(
    ("data", "how", "expected"),
    [
        (GRANT, "wrong", (401, "invalid_client")),
        (GRANT, "other", (401, "invalid_client")),
        (GRANT, "none", (401, "invalid_client")),
        (GRANT, "token", (401, "invalid_client")),
        (GRANT, "no text", (401, "invalid_client")),
        ({}, "right", (400, "unsupported_grant_type")),
        ({"grant_type": "password"}, "right", (400, "unsupported_grant_type")),
    ],
)
def test_errors_of_tokens_are_those_of_the_standard(
    light: Guarded, data: dict[str, str], how: str, expected: tuple[int, str]
) -> None:
    key_id, headers = light.key("read")
    whole, other = secret_of(headers), light.key("read")[0]
    token = light.client.post(TOKEN, data=GRANT, headers=basic(key_id, whole)).get_json()["access_token"]
    asked = {
        "right": basic(key_id, whole),
        "wrong": basic(key_id, whole[:-2] + ("AA" if whole[-2:] != "AA" else "BB")),
        "other": basic(other, whole),
        "none": {},
        "token": basic(key_id, token),
        "no text": {"Authorization": "Basic //46eA=="},
    }[how]
    answer = light.client.post(TOKEN, data=data, headers=asked)
    assert (answer.status_code, answer.get_json()["error"]) == expected
    assert answer.headers["Cache-Control"] == "no-store"
    assert ("WWW-Authenticate" in answer.headers) == (expected[0] == 401)


def test_no_secret_is_kept_anywhere_in_the_database(service: Guarded) -> None:
    key_id, headers = service.key("read")
    whole = secret_of(headers)
    token = service.client.post(TOKEN, data=GRANT, headers=basic(key_id, whole)).get_json()["access_token"]
    engine = create_engine(service.url)
    with engine.connect() as connection:
        rows = [str(connection.execute(text(f"SELECT * FROM {name}")).all()) for name in ("api_keys", "access_tokens")]
    engine.dispose()
    assert all(one.split("_", 2)[2] not in "".join(rows) for one in (whole, token))
