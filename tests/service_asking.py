"""Asking the service in tests: an application on a fixed clock, and checks every answer shares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from documented import DocumentedClient
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service import create_app
from web.config import ServiceConfig

DAY = 86_400
ASK = "/v1/recommendations"


def make_app(models: Path, now: int, *, database: str | None = None) -> Flask:
    """Return the service of a models folder, at a moment, that looks for activations at every request.

    Each answer a test client gets is held to the OpenAPI document.
    """
    app = create_app(
        ServiceConfig(models=models, database=database, clock=lambda: now, reload_seconds=0, max_body_bytes=100_000)
    )
    app.test_client_class = DocumentedClient
    return app


def ask(client: FlaskClient, person: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    answer = client.post(ASK, json={"person": person or {}, **options})
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def problem(answer: TestResponse, status: int) -> dict[str, Any]:
    """Check that an answer is a problem of a status, with everything a problem has, and return it."""
    body = answer.get_json()
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert body["status"] == status
    assert body["request_id"] == answer.headers["X-Request-ID"]
    assert set(body) - {"errors"} == {"type", "title", "status", "detail", "request_id"}
    return dict(body)


def pointers(answer: TestResponse) -> list[str]:
    return [error["pointer"] for error in problem(answer, 400)["errors"]]
