"""What the service has in place of Flask's own: the same routes and addresses, made for less."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder

from web import application
from web.application import Application


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"method": "POST", "query_string": "k=3&q=%C3%BC"},
        {"path": "/v1/größe", "base_url": "http://127.0.0.1:8000/below"},
        {"base_url": "http://Bücher.Example:80"},
        {"base_url": "https://bücher.example:443"},
        {"headers": {"Host": "in valid"}},
        {"headers": {"Upgrade": "websocket", "Connection": "Upgrade"}},
    ],
)
def test_what_finds_routes_is_what_flask_makes_the_first_time_and_the_next(given: dict[str, Any]) -> None:
    ours, plain = Application("web"), Flask("web")
    environ = EnvironBuilder(**given).get_environ()
    for _ in range(2):
        found, expected = ((one, one.request_class(dict(environ))) for one in (ours, plain))
        pair: list[dict[str, Any]] = [
            vars(app.create_url_adapter(request)) | {"map": None} for app, request in (found, expected)
        ]
        assert pair[0] == pair[1]
        assert found[1].host == expected[1].host


def test_hosts_that_clients_invent_are_not_all_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "MAX_HOSTS", 3)
    app = Application("web")
    for i in range(5):
        environ = EnvironBuilder(headers=[("Host", f"h{i}")]).get_environ()
        adapter = app.create_url_adapter(app.request_class(environ))
        assert adapter is not None
        assert adapter.server_name == f"h{i}"
        assert (f"h{i}", "http") in app._hosts
        assert len(app._hosts) <= 3


def test_a_server_may_leave_out_what_is_empty() -> None:
    app = Application("web")
    app.add_url_rule("/", endpoint="home", view_func=lambda: "home")
    environ = EnvironBuilder().get_environ()
    for name in ("SCRIPT_NAME", "QUERY_STRING"):
        del environ[name]
    for _ in range(2):
        adapter = app.create_url_adapter(app.request_class(dict(environ)))
        assert adapter is not None
        assert adapter.match() == ("home", {})
