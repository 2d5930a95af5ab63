"""Visiting the pages as people do: by a link of their platform, with a cookie, and with the token every form carries."""

from __future__ import annotations

import re
from typing import Any

from flask import session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from store import visits
from store.visits import Link
from web.config import settings_of
from web.database import opened_database

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def ticket_for(
    client: FlaskClient,
    kind: str,
    employee_id: str | None,
    *,
    tenant: str = "default",
    seconds: int = 120,
    key_id: str = "tests",
    **more: Any,
) -> str:
    """Return a ticket as a platform's key would issue it; `more` is its language and path."""
    opened = opened_database(client.application)
    assert opened is not None
    at = settings_of(client.application).clock()
    with opened.get().change() as connection:
        link = Link(tenant, kind, employee_id, key_id, **more)
        ticket = visits.issue(connection, link, at=at, seconds=seconds)
    assert ticket is not None, f"there is no employee {employee_id!r}"
    return ticket


def enter(client: FlaskClient, employee_id: str, *, tenant: str = "default", **more: Any) -> TestResponse:
    """Begin the visit of an employee, by the route a link leads to, and return where it leads."""
    ticket = ticket_for(client, visits.EMPLOYEE, employee_id, tenant=tenant, **more)
    return _entered(client, ticket)


def enter_insight(client: FlaskClient, *, tenant: str = "default", **more: Any) -> TestResponse:
    """Begin a visit to the manager's overview."""
    return _entered(client, ticket_for(client, visits.INSIGHT, None, tenant=tenant, **more))


def _entered(client: FlaskClient, ticket: str) -> TestResponse:
    answer = client.get(f"/enter?ticket={ticket}")
    assert answer.status_code == 303, answer.text
    return answer


def csrf_of(page_text: str) -> str:
    """Return the token of the first form of a page."""
    found = _TOKEN.search(page_text)
    assert found is not None, "the page has no form that is posted"
    return found[1]


def token_of(client: FlaskClient) -> str:
    """Return a token for the forms of the client's visit, as any of its pages would have it."""
    name = client.application.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None, "nobody is visiting: call `enter` first"
    headers = {"Cookie": f"{name}={cookie.value}"}
    with client.application.test_request_context("/me", headers=headers, environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        client.application.preprocess_request()
        assert "csrf_token" in session, "the cookie is not one of this service"
        return str(generate_csrf())


def post(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    """Send a form of the client's visit, with the token it needs; a list is a field sent several times."""
    return client.post(path, data={"csrf_token": token_of(client), **fields})
