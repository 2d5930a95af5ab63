"""The start page: what it shows, its form, and that nothing typed into it becomes markup."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from visiting import csrf_of
from werkzeug.test import TestResponse


def ask(client: FlaskClient, **fields: str) -> TestResponse:
    return client.post("/", data={"csrf_token": csrf_of(client.get("/").text), **fields})


def test_the_start_page_says_what_is_served_and_has_a_labelled_form(client: FlaskClient) -> None:
    page = client.get("/")
    assert "<code>v1</code>" in page.text
    fields = re.findall(r'<(?:select|input|textarea) id="([^"]+)"', page.text)
    assert fields == ["role_id", "target_role_id", "history"]
    assert all(f'<label for="{name}">' in page.text for name in fields)
    with client.get("/static/style.css") as style:
        assert style.mimetype == "text/css"


def test_the_form_answers_with_courses_and_reasons(client: FlaskClient) -> None:
    form = {"role_id": "data-analyst", "target_role_id": "data-engineer", "history": "C0001\r\n\r\nno-such"}
    page = ask(client, **form)
    assert page.status_code == 200
    assert page.text.count("What the score is made of") == 10
    assert "<code><bdi>no-such</bdi></code>: unknown course" in page.text
    assert '<option value="data-engineer" dir="auto" selected>' in page.text


def test_nothing_typed_can_become_markup_or_script(client: FlaskClient) -> None:
    page = ask(client, history="</textarea><script>alert(1)</script>")
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


def test_a_form_that_cannot_be_answered_says_why(client: FlaskClient) -> None:
    page = ask(client, history="x" * 300)
    assert page.status_code == 400
    assert 'role="alert"' in page.text
    assert "/person/history/0/course_id" in page.text
