"""JSON as every answer is written: UTF-8 without spaces, fields in their order, a line end after it."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Flask, Response
from flask.json.provider import DefaultJSONProvider
from werkzeug.datastructures import Headers

# Moments and records are not expected in answers; those there are go Flask's way, which writes them as it documents.
_OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


class JSONAnswer(Response):
    """An answer whose headers are complete once it is made: with the length of its one piece, and leading nowhere."""

    def get_wsgi_headers(self, environ: dict[str, Any]) -> Headers:
        """Return the headers that are sent: with status 200 those it has, neither copied nor looked through."""
        return self.headers if self.status_code == 200 else super().get_wsgi_headers(environ)


class AnswerJSON(DefaultJSONProvider):
    """Flask's JSON with answers written by orjson; what it does not know, Flask writes.

    A number that is none (NaN, infinite) becomes null, as JSON has no such numbers; no answer should hold one.
    """

    sort_keys = False

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Return an answer of the type application/json; arguments as `flask.jsonify`."""
        value = self._prepare_response_obj(args, kwargs)
        try:
            data = orjson.dumps(value, option=_OPTIONS)
        except TypeError:
            data = f"{self.dumps(value, separators=(',', ':'))}\n".encode()
        return JSONAnswer(data, content_type="application/json")


def write_answers(app: Flask) -> None:
    """Have an application write its JSON so."""
    app.json = AnswerJSON(app)
