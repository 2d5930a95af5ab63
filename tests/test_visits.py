"""Visits to the pages: the link that begins one, the cookie, what ends it, and what the cookie does not open."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import KINDS, database_url
from flask import Blueprint, flash, g, get_flashed_messages, jsonify, render_template_string, session
from flask.testing import FlaskClient
from guarded_service import Guarded, guarded, routes, stopped
from service_asking import problem
from sqlalchemy import create_engine, select, text
from visiting import csrf_of, enter, enter_insight, post, ticket_for, token_of

from store import rows, visits
from store.database import Database
from store.erasure import erase, held
from store.own_secrets import made_secret
from store.tables import tickets
from store.tables import visits as visits_table
from web.auth import FAILED_PER_MINUTE, current_tenant
from web.operation import HTML, operation, operation_of
from web.pages.places import is_page
from web.pages.sessions import COOKIE, MAX_COOKIE
from web.pages.visits import visitor, visitors_only

NOW = 1_800_000_000
HOURS = 3_600
ADA, BOB = "ada-4711", "bob-1234"
WHO, OVERVIEW = "/me/test-who", "/insight/test-overview"


def _page(blueprint: Blueprint, path: str, view: Any, method: str = "GET") -> None:
    said = operation(scope=None, tag="pages", media=HTML, documented=False)(view)
    blueprint.add_url_rule(path, view_func=said, methods=[method])


def employee_pages() -> Blueprint:
    """Return pages of an employee that say who looks."""
    pages = Blueprint("test_employee", __name__, url_prefix="/me")
    visitors_only(pages, "employee")

    def who() -> Any:
        found = visitor()
        return jsonify(
            who=found.employee_id, tenant=current_tenant(), language=found.language, said=get_flashed_messages()
        )

    def form() -> Any:
        return render_template_string('<form method="post">{{ csrf_field() }}</form>')

    def said() -> Any:
        flash("x" * 10_000)
        flash({"text": "ö" * 10_000, "undo": "/me/x", "fields": {"fact_id": "1"}}, "undo")  # type: ignore[arg-type]
        return "said"

    _page(pages, "/test-who", who)
    _page(pages, "/test-form", form)
    _page(pages, "/test-said", said, "POST")
    return pages


def overview_pages() -> Blueprint:
    """Return a page of the overview."""
    pages = Blueprint("test_insight", __name__, url_prefix="/insight")
    visitors_only(pages, "insight")

    def overview() -> Any:
        return jsonify(who=visitor().employee_id, kind=visitor().kind)

    _page(pages, "/test-overview", overview)
    return pages


@pytest.fixture(params=KINDS)
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Guarded]:
    with database_url(request.param, tmp_path) as url, visited(tmp_path, url) as made:
        yield made


@pytest.fixture
def light(tmp_path: Path) -> Iterator[Guarded]:
    """Give a service on SQLite alone, for what the database has no part in."""
    with database_url("sqlite", tmp_path) as url, visited(tmp_path, url) as made:
        yield made


def visited(folder: Path, url: str, **settings: Any) -> Any:
    """Return a service without a model, in whose database are two people and a namesake of another tenant."""
    database = Database(url)
    database.migrate()
    for tenant in ("default", "acme"):
        with database.write(tenant) as connection:
            rows.put(connection, tenant, "employees", [{"employee_id": ADA, "name": "Ada"}, {"employee_id": BOB}])
    database.close()
    return _visited(folder, url, settings)


def _visited(folder: Path, url: str, settings: dict[str, Any]) -> Any:
    from contextlib import contextmanager

    @contextmanager
    def made() -> Iterator[Guarded]:
        with guarded(folder / "none", url, NOW, **settings) as found:
            found.app.register_blueprint(employee_pages())
            found.app.register_blueprint(overview_pages())
            yield found

    return made()


def who(client: FlaskClient) -> str | None:
    """Return as whom a client looks, None as nobody."""
    answer = client.get(WHO)
    return str(answer.get_json()["who"]) if answer.status_code == 200 else None


# Coming in


def test_a_link_opens_the_pages_of_one_employee_once(service: Guarded) -> None:
    client, other = service.client, service.client
    ticket = ticket_for(client, visits.EMPLOYEE, ADA)
    assert who(client) is None
    answer = client.get(f"/enter?ticket={ticket}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me")
    assert who(client) == ADA
    again = other.get(f"/enter?ticket={ticket}")
    assert again.status_code == 403
    assert again.mimetype == "text/html"
    assert "does not work any more" in again.text
    assert who(other) is None
    assert who(client) == ADA


def test_a_form_brings_a_ticket_too(light: Guarded) -> None:
    client = light.client
    answer = client.post("/enter", data={"ticket": ticket_for(client, visits.EMPLOYEE, ADA, path="/me/test-who?x=1")})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/test-who?x=1")
    assert who(client) == ADA


def test_of_two_who_bring_a_ticket_at_once_one_gets_in(service: Guarded) -> None:
    for _ in range(10):
        ticket = ticket_for(service.client, visits.EMPLOYEE, ADA)
        ready, found = threading.Barrier(2), list[int]()

        def bring(ticket: str = ticket, ready: threading.Barrier = ready, found: list[int] = found) -> None:
            client = service.client
            ready.wait()
            found.append(client.get(f"/enter?ticket={ticket}").status_code)

        threads = [threading.Thread(target=bring) for _ in range(2)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert sorted(found) == [303, 403]


def test_a_look_ahead_uses_nothing_up(light: Guarded) -> None:
    client = light.client
    address = f"/enter?ticket={ticket_for(client, visits.EMPLOYEE, ADA)}"
    for answer in (client.head(address), client.get(address, headers={"Sec-Purpose": "prefetch;prerender"})):
        assert answer.status_code == 204
        assert "Set-Cookie" not in answer.headers
    assert client.get(address).status_code == 303


def test_a_link_ends_at_its_moment(service: Guarded) -> None:
    client = service.client
    early, late = (ticket_for(client, visits.EMPLOYEE, ADA, seconds=60) for _ in range(2))
    service.now = NOW + 59
    assert client.get(f"/enter?ticket={early}").status_code == 303
    service.now = NOW + 60
    assert client.get(f"/enter?ticket={late}").status_code == 403


@pytest.mark.parametrize(
    "wrong", ["", "x", "lpv_aaaaaaaaaaaa_" + "A" * 43, "lpr_aaaaaaaaaaaa_" + "A" * 43, "\x00", "ö" * 5_000]
)
def test_any_other_text_opens_nothing(light: Guarded, wrong: str) -> None:
    client = light.client
    for answer in (client.get("/enter", query_string={"ticket": wrong}), client.post("/enter", data={"ticket": wrong})):
        assert answer.status_code == 403
        assert "does not work any more" in answer.text
        assert who(client) is None


def test_the_right_id_with_another_secret_opens_nothing(light: Guarded) -> None:
    client = light.client
    one, other = (ticket_for(client, visits.EMPLOYEE, each) for each in (ADA, BOB))
    mixed = "_".join([*one.split("_", 2)[:2], other.split("_", 2)[2]])
    assert client.get(f"/enter?ticket={mixed}").status_code == 403
    assert client.get(f"/enter?ticket={one}").status_code == 303


def test_many_wrong_links_must_wait_and_good_ones_and_keys_need_not(light: Guarded) -> None:
    client = light.client
    found = [client.get("/enter?ticket=x").status_code for _ in range(FAILED_PER_MINUTE + 1)]
    assert found == [403] * FAILED_PER_MINUTE + [429]
    assert int(client.get("/enter?ticket=x").headers["Retry-After"]) == 60 - NOW % 60
    assert enter(client, ADA).status_code == 303
    _, headers = light.key("read")
    assert light.client.get("/v1/employees", headers=headers).status_code == 200


def test_only_hashes_of_what_opens_something_are_kept(service: Guarded) -> None:
    client = service.client
    ticket = ticket_for(client, visits.EMPLOYEE, ADA)
    secret = ticket.split("_", 2)[2]
    client.get(f"/enter?ticket={ticket}")
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    with client.application.test_request_context("/me", headers={"Cookie": f"{COOKIE}={cookie.value}"}):
        client.application.preprocess_request()
        held_by_browser = str(session["visit"])
        assert g.visitor.visit_id == hashlib.sha256(held_by_browser.encode()).hexdigest()
    engine = create_engine(service.url)
    with engine.connect() as connection:
        kept = " ".join(str(connection.execute(text(f"SELECT * FROM {name}")).all()) for name in ("tickets", "visits"))
    engine.dispose()
    assert ADA in kept
    assert secret not in kept
    assert held_by_browser not in kept


def test_what_is_over_is_deleted_by_and_by(service: Guarded) -> None:
    client = service.client
    enter(client, ADA)
    ticket_for(client, visits.EMPLOYEE, ADA)
    service.now = NOW + 8 * HOURS
    enter(client, BOB)
    database = Database(service.url)
    with database.read() as connection:
        left = [connection.execute(select(table.c.employee_id)).scalars().all() for table in (tickets, visits_table)]
    database.close()
    assert left == [[BOB], [BOB]]


# The visit


def test_a_visit_ends_after_its_hours(service: Guarded) -> None:
    client = service.client
    enter(client, ADA)
    service.now = NOW + 8 * HOURS - 1
    assert who(client) == ADA
    service.now += 1
    assert who(client) is None


def test_leaving_ends_the_visit_in_the_database_too(service: Guarded) -> None:
    client = service.client
    enter(client, ADA)
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    left = post(client, "/leave")
    assert left.status_code == 200
    assert "You have left" in left.text
    assert who(client) is None
    client.set_cookie(COOKIE, cookie.value)
    assert who(client) is None


def test_a_new_link_takes_the_place_of_the_visit_before(service: Guarded) -> None:
    client = service.client
    enter(client, ADA)
    before, token = client.get_cookie(COOKIE), token_of(client)
    enter(client, BOB)
    assert who(client) == BOB
    assert client.post("/leave", data={"csrf_token": token}).status_code == 400
    client.set_cookie(COOKIE, before.value)  # type: ignore[union-attr]
    assert who(client) is None


def test_an_erased_person_s_visit_is_over_and_their_links_are_gone(service: Guarded) -> None:
    client, other = service.client, service.client
    enter(client, ADA)
    enter(other, BOB)
    ticket = ticket_for(client, visits.EMPLOYEE, ADA)
    database = Database(service.url)
    with database.read() as connection:
        assert {"tickets", "visits"} <= set(held(connection, "default", ADA))
    with database.write("default") as connection:
        erase(connection, "default", ADA, at=NOW)
        assert held(connection, "default", ADA) == {}
    database.close()
    assert who(client) is None
    assert client.get(f"/enter?ticket={ticket}").status_code == 403
    assert who(other) == BOB


def test_what_is_held_of_somebody_who_visits_can_be_handed_over(light: Guarded) -> None:
    enter(light.client, ADA)
    _, headers = light.key("admin")
    found = light.client.get(f"/v1/employees/{ADA}/data", headers=headers).get_json()["tables"]
    assert (len(found["tickets"]), len(found["visits"])) == (1, 1)


def test_a_visit_is_over_once_its_employee_is_there_no_more(service: Guarded) -> None:
    client = service.client
    enter(client, ADA)
    database = Database(service.url)
    with database.write("default") as connection:
        rows.remove(connection, "default", "employees", employee_id=ADA)
    database.close()
    assert who(client) is None


def test_a_revoked_key_ends_the_links_and_visits_it_made(service: Guarded) -> None:
    client, other = service.client, service.client
    key_id, _ = service.key("link")
    enter(client, ADA, key_id=key_id)
    ticket = ticket_for(client, visits.EMPLOYEE, ADA, key_id=key_id)
    enter(other, BOB, key_id="another")
    service.revoke(key_id)
    assert who(client) is None
    assert client.get(f"/enter?ticket={ticket}").status_code == 403
    assert who(other) == BOB


def test_each_sees_their_own_tenant(service: Guarded) -> None:
    client = service.client
    enter(client, ADA, tenant="acme")
    assert client.get(WHO).get_json()["tenant"] == "acme"
    enter(client, ADA)
    assert client.get(WHO).get_json()["tenant"] == "default"


def test_a_visit_is_of_one_kind(service: Guarded) -> None:
    client, manager = service.client, service.client
    enter(client, ADA)
    answer = enter_insight(manager)
    assert answer.headers["Location"] == "/insight"
    assert manager.get(OVERVIEW).get_json() == {"who": "", "kind": "insight"}
    for visiting, path in ((client, OVERVIEW), (manager, WHO), (service.client, WHO), (service.client, OVERVIEW)):
        refused = visiting.get(path)
        assert refused.status_code == 403
        assert ADA not in refused.text
    assert who(client) == ADA


# The cookie


def test_the_cookie_is_for_this_service_alone_and_works_in_a_frame(light: Guarded) -> None:
    said = enter(light.client, ADA).headers["Set-Cookie"]
    value, *attributes = said.split("; ")
    assert value.startswith("__Host-lpr=")
    assert set(attributes) == {"Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned"}


def test_a_demonstration_has_a_cookie_that_needs_no_tls(tmp_path: Path) -> None:
    from service_asking import make_app

    with database_url("sqlite", tmp_path) as url, visited(tmp_path, url):
        app = make_app(tmp_path / "none", NOW, database=url)
        value, *attributes = enter(app.test_client(), ADA).headers["Set-Cookie"].split("; ")
    assert value.startswith("lpr=")
    assert set(attributes) == {"HttpOnly", "Path=/", "SameSite=Lax"}


def test_a_cookie_that_was_changed_or_signed_elsewhere_is_none(light: Guarded, tmp_path: Path) -> None:
    client = light.client
    enter(client, ADA)
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    payload, _, rest = cookie.value.partition(".")
    signed, _, signature = cookie.value.rpartition(".")
    for wrong in (
        f"{signed}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}",
        f"e30.{rest}",
        payload,
        "",
        "x.y.z",
        "ö",
    ):
        client.set_cookie(COOKIE, wrong)
        assert who(client) is None
    client.set_cookie(COOKIE, cookie.value)
    assert who(client) == ADA


def test_every_process_signs_with_the_same_key_and_an_installation_has_its_own(
    service: Guarded, tmp_path: Path
) -> None:
    client = service.client
    enter(client, ADA)
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    with _visited(tmp_path, service.url, {}) as second:
        other = second.client
        other.set_cookie(COOKIE, cookie.value)
        assert who(other) == ADA
        assert second.app.secret_key == service.app.secret_key
        assert len(second.app.secret_key) == 32


def test_of_two_who_make_the_key_at_once_one_wins(service: Guarded) -> None:
    found, ready = list[bytes](), threading.Barrier(4)

    def make() -> None:
        database = Database(service.url)
        ready.wait()
        with database.change() as connection:
            found.append(made_secret(connection, "raced"))
        database.close()

    threads = [threading.Thread(target=make) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_the_api_neither_takes_nor_gives_a_cookie(light: Guarded) -> None:
    client = light.client
    enter(client, ADA)
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    for method, rule in routes(light.app):
        if is_page_rule(light, rule.rule):
            continue
        described = operation_of(light.app.view_functions[rule.endpoint])
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<id:{name}>", ADA).replace(f"<path:{name}>", ADA).replace(f"<{name}>", ADA)
        answer = client.open(path, method=method)
        assert "Set-Cookie" not in answer.headers, path
        assert "Cookie" not in answer.headers.get("Vary", ""), path
        if described is not None and described.scope is not None:
            assert answer.status_code == 401, path
        assert answer.status_code == light.client.open(path, method=method).status_code, path
    assert who(client) == ADA


def is_page_rule(service: Guarded, rule: str) -> bool:
    with service.app.test_request_context(rule):
        return is_page()


def test_what_is_called_a_page_is_one_and_nothing_else(light: Guarded) -> None:
    for _, rule in routes(light.app):
        described = operation_of(light.app.view_functions[rule.endpoint])
        assert described is not None
        assert is_page_rule(light, rule.rule) == (described.tag == "pages"), rule.rule


def test_messages_never_make_a_cookie_browsers_drop(light: Guarded) -> None:
    client = light.client
    enter(client, ADA)
    for _ in range(9):
        answer = post(client, "/me/test-said")
        assert answer.status_code == 200
        assert len(answer.headers["Set-Cookie"]) < MAX_COOKIE + 200 < 4_096
    said = client.get(WHO).get_json()["said"]
    assert said[0][-1] == "…" or said[0]["text"][-1] == "…"
    assert all(len(one if isinstance(one, str) else one["text"]) == 300 for one in said)
    assert client.get(WHO).get_json()["said"] == []


# Forms


def test_a_form_needs_the_token_of_the_visit(light: Guarded) -> None:
    client, other = light.client, light.client
    enter(client, ADA)
    enter(other, BOB)
    for fields in ({}, {"csrf_token": ""}, {"csrf_token": "x"}, {"csrf_token": token_of(other)}):
        refused = client.post("/me/test-said", data=fields)
        assert refused.status_code == 400
        assert refused.mimetype == "text/html"
        assert "reload" in refused.text
    taken = client.post("/me/test-said", data={"csrf_token": csrf_of(client.get("/me/test-form").text)})
    assert taken.status_code == 200


def test_every_form_of_the_pages_is_checked(light: Guarded) -> None:
    client, manager = light.client, light.client
    enter(client, ADA)
    enter_insight(manager)
    posted = [rule for method, rule in routes(light.app) if method == "POST" and is_page_rule(light, rule.rule)]
    assert {"/leave", "/language", "/me/test-said", "/enter"} <= {rule.rule for rule in posted}
    for rule in posted:
        if rule.rule != "/enter":
            visiting = manager if rule.rule.startswith("/insight") else client
            assert visiting.post(rule.rule, data={}).status_code == 400, rule.rule
    assert who(client) == ADA


def test_a_key_in_a_header_needs_no_token(light: Guarded) -> None:
    _, headers = light.key("write")
    answer = light.client.put("/v1/employees", json=[{"employee_id": "eve"}], headers=headers)
    assert answer.status_code == 200


# Language


def test_a_visit_speaks_what_the_link_says_else_the_person_else_the_browser(service: Guarded) -> None:
    database = Database(service.url)
    with database.write("default") as connection:
        rows.put(connection, "default", "employees", [{"employee_id": ADA, "language": "de"}])
    database.close()
    client = service.client
    for asked, person, expected in (
        ("en-GB", ADA, "en"),
        ("de-AT", BOB, "de"),
        ("", ADA, "de"),
        ("xx", ADA, "de"),
        ("xx", BOB, ""),
    ):
        enter(client, person, language=asked)
        assert client.get(WHO).get_json()["language"] == expected


def test_the_language_can_be_changed_and_stays(service: Guarded) -> None:
    client = service.client
    enter(client, ADA)
    answer = post(client, "/language", language="de", back="/me/test-who?a=b")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/test-who?a=b")
    assert client.get(WHO).get_json()["language"] == "de"
    assert 'lang="de"' in client.get("/me/nowhere").text
    assert post(client, "/language", language="tlh").status_code == 400
    post(client, "/leave")
    assert 'lang="de"' in client.get("/me/nowhere").text


@pytest.mark.parametrize(
    "back",
    [
        "//evil.example",
        "https://evil.example",
        "/me//evil",
        "/me\\@evil",
        "/\\evil.example",
        "/me/../v1/roles",
        "/me/%2e%2E/x",
        "/mead",
        "/v1/roles",
        "",
        "/me\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "/me/" + "x" * 3000,
    ],
)
def test_a_form_leads_back_to_pages_only(light: Guarded, back: str) -> None:
    client = light.client
    enter(client, ADA)
    answer = post(client, "/language", language="en", back=back)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me")


# What people see when it goes wrong


def test_a_lost_database_is_a_page_that_says_when_to_try_again(service: Guarded) -> None:
    client, fresh = service.client, service.client
    enter(client, ADA)
    ticket = ticket_for(client, visits.EMPLOYEE, BOB)
    with stopped(service):
        for answer in (client.get(WHO), fresh.get(f"/enter?ticket={ticket}"), client.post("/leave")):
            assert answer.status_code == 503
            assert answer.mimetype == "text/html"
            assert int(answer.headers["Retry-After"]) > 0
            assert "Reload the page" in answer.text
    assert who(client) == ADA


def test_what_goes_wrong_on_a_page_is_a_page_and_elsewhere_a_problem(light: Guarded) -> None:
    client = light.client
    enter(client, ADA)
    for path in ("/me/nowhere", "/insight/nowhere", "/me/a%00b"):
        answer = client.get(path, headers={"X-Request-ID": "asked-1"})
        assert answer.status_code == 404
        assert answer.mimetype == "text/html"
        assert "<h1>There is no such page</h1>" in answer.text
        assert "asked-1" in answer.text
    assert client.get("/leave").status_code == 405
    problem(client.get("/nowhere"), 404)
    problem(client.get("/demo/enter"), 404)
    problem(client.get("/"), 404)


def test_pages_have_headers_of_their_own(tmp_path: Path) -> None:
    origins = ("https://lms.example.com", "https://hr.example.com:8443")
    with database_url("sqlite", tmp_path) as url, visited(tmp_path, url, frame_ancestors=origins) as made:
        client = made.client
        enter(client, ADA)
        page, api = client.get(WHO), client.get("/v1/roles")
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert policy.endswith("frame-ancestors https://lms.example.com https://hr.example.com:8443")
    assert "unsafe" not in policy
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert "camera=()" in page.headers["Permissions-Policy"]
    assert api.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    assert "script-src" not in api.headers["Content-Security-Policy"]


def test_pages_count_per_visit(tmp_path: Path) -> None:
    with database_url("sqlite", tmp_path) as url, visited(tmp_path, url, rate_per_minute=3) as made:
        client, other = made.client, made.client
        enter(client, ADA)
        enter(other, BOB)
        found = [client.get(WHO) for _ in range(4)]
        assert [one.status_code for one in found] == [200, 200, 200, 429]
        assert found[-1].mimetype == "text/html"
        assert int(found[-1].headers["Retry-After"]) > 0
        assert who(other) == BOB


@pytest.mark.parametrize("host", ["a..b", ".", "x" * 64 + ".example"])
def test_a_host_without_a_form_in_ascii_is_refused_and_pages_say_so(light: Guarded, host: str) -> None:
    asked = {path: light.client.get(path, headers={"Host": host}) for path in ("/me", "/health/live")}
    assert {path: answer.status_code for path, answer in asked.items()} == {"/me": 403, "/health/live": 400}
    assert asked["/me"].mimetype == "text/html"
