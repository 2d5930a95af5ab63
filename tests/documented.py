"""A test client that holds every answer to the OpenAPI document, so that no answer can drift from it unseen."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator, validator_for
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from web.document import document
from web.ids import encoded_path
from web.operation import operation_of

_DOCUMENTS: dict[frozenset[str], DocumentedAnswers] = {}


class DocumentedAnswers:
    """What a document says of answers."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.paths: dict[str, Any] = found["paths"]
        self._schemas = {name: _closed(one) for name, one in found["components"]["schemas"].items()}
        self._validator = cache(self._made)

    def _made(self, name: str) -> Draft202012Validator:
        whole = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": self._schemas}}
        return validator_for(whole, validate_formats=True)  # type: ignore[return-value]

    def check(self, path: str, method: str, answer: TestResponse) -> None:
        """Raise AssertionError unless the document has this answer of a route."""
        where = f"{method} {path}: {answer.status_code}"
        said = self.paths[path][method.lower()]["responses"]
        assert str(answer.status_code) in said, f"{where} is not documented"
        one = said[str(answer.status_code)]
        assert set(one["headers"]) <= set(answer.headers.keys()), f"{where} lacks a documented header"
        content = one.get("content", {})
        if not content:
            assert answer.data == b"", f"{where} has a body"
            return
        assert answer.mimetype in content, f"{where}: {answer.mimetype} is not documented"
        schema = content[answer.mimetype]["schema"]
        if "$ref" in schema:
            found = list(self._validator(schema["$ref"].rpartition("/")[2]).iter_errors(answer.get_json()))
            assert not found, f"{where}: {found[0].instance_path}: {found[0].message}"


class DocumentedClient(FlaskClient):
    """Asks, and checks what comes back."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        answer = super().open(*args, **kwargs)
        rule = rule_of(self.application, answer)
        if rule is not None and answer.request.method not in {"HEAD", "OPTIONS"}:
            documents_of(self.application).check(rule, answer.request.method, answer)
        return answer


def documents_of(app: Flask) -> DocumentedAnswers:
    """Return what the document of an application says; applications with the same routes have the same."""
    key = frozenset(f"{rule.methods} {rule.rule}" for rule in app.url_map.iter_rules())
    if key not in _DOCUMENTS:
        _DOCUMENTS[key] = DocumentedAnswers(document(app))
    return _DOCUMENTS[key]


def rule_of(app: Flask, answer: TestResponse) -> str | None:
    """Return the path in the document of what was asked, None if no documented route was."""
    request = answer.request
    try:
        rule, _ = app.url_map.bind("localhost").match(
            encoded_path(request.environ), method=request.method, return_rule=True
        )
    except HTTPException:
        return None
    described = operation_of(app.view_functions[rule.endpoint])
    if described is None or not described.documented:
        return None
    return "".join(f"{{{part}}}" if dynamic else part for dynamic, part in rule._trace).removeprefix("|")


def _closed(schema: Any) -> Any:
    """Return a schema that allows no field it does not name, unless it says that it does."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _closed(one) for key, one in schema.items()}
    if isinstance(found.get("properties"), dict) and "additionalProperties" not in found:
        found["additionalProperties"] = False
    return found
