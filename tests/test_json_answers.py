"""How answers are written as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from flask import Flask, Response, jsonify

from web.json_answers import write_answers

app = Flask("json")
write_answers(app)


def written(*values: object, **named: object) -> Response:
    with app.test_request_context("/"):
        return jsonify(*values, **named)


def test_an_answer_is_compact_utf_8_with_its_fields_in_their_order() -> None:
    answer = written({"b": "Größe", "a": [1, 2.5, 1e-7, True, None]})
    assert answer.get_data() == '{"b":"Größe","a":[1,2.5,1e-7,true,null]}\n'.encode()
    assert answer.content_type == "application/json"


@pytest.mark.parametrize("value", [2**70, "\ud800", {1: "one"}, datetime(2026, 3, 1, tzinfo=UTC)])
def test_what_orjson_does_not_write_flask_does(value: object) -> None:
    plain = Flask("plain")
    with plain.test_request_context("/"):
        assert written([value]).get_data() == jsonify([value]).get_data()


def test_values_and_names_are_taken_as_by_flask() -> None:
    assert json.loads(written(1, 2).get_data()) == [1, 2]
    assert json.loads(written(a=1).get_data()) == {"a": 1}


@pytest.mark.parametrize("status", [200, 201, 404])
def test_an_answer_says_how_long_it_is_whatever_its_status(status: int) -> None:
    app = Flask("json")
    write_answers(app)
    app.add_url_rule("/", view_func=lambda: (jsonify({"a": 1}), status))
    for ask in (app.test_client().get, app.test_client().head):
        answer = ask("/")
        assert (answer.status_code, answer.headers["Content-Length"]) == (status, "8")
