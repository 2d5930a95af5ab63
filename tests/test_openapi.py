"""The OpenAPI document: it is valid, it has every route, and what it says of requests is what is accepted."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from documented import DocumentedAnswers, documents_of
from flask import Flask
from flask.testing import FlaskClient
from jsonschema_rs import validator_for
from openapi_spec_validator import OpenAPIV31SpecValidator
from service_asking import ASK, make_app
from test_api_docs import examples
from werkzeug.test import TestResponse

from store.scopes import SCOPES
from web.answers import BatchAnswer
from web.document import METHODS, document
from web.operation import operation, operation_of

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def found(app: Flask) -> dict[str, Any]:
    return document(app)


def routes(app: Flask) -> list[tuple[str, Any]]:
    """Return (endpoint, view) of every route but the files of the pages."""
    return sorted((name, view) for name, view in app.view_functions.items() if name != "static")


def is_documented(app: Flask, endpoint: str) -> bool:
    """Tell whether a route stands in the document: pages do not."""
    described = operation_of(app.view_functions[endpoint])
    assert described is not None
    return described.documented


def test_only_pages_are_left_out_of_the_document(app: Flask) -> None:
    left_out = {name for name, view in routes(app) if not is_documented(app, name)}
    described = {name: operation_of(app.view_functions[name]) for name in left_out}
    assert {one.tag for one in described.values() if one is not None} == {"pages"}


def test_every_route_says_what_it_is(app: Flask) -> None:
    for name, view in routes(app):
        described = operation_of(view)
        assert described is not None, f"{name} has no @operation"
        assert described.scope is None or described.scope in SCOPES, name
        assert (view.__doc__ or "").strip(), f"{name} has no summary"
        json_without_schema = described.answer is None and described.media == "application/json"
        assert not json_without_schema or described.status == 204 or name == "reference.openapi", name


def test_a_scope_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="expected None or one of read, write"):
        operation(scope="reed", tag="x")


def test_the_document_has_every_route_and_method_and_nothing_else(app: Flask, found: dict[str, Any]) -> None:
    there = {
        (re.sub(r"<(?:\w+:)?(.*?)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and is_documented(app, rule.endpoint)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, methods in found["paths"].items() for method in methods} == there
    assert {method for _, method in there} <= set(METHODS)


def test_the_document_is_valid(found: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(found).validate()
    assert found["openapi"] == "3.1.0"
    names = [node["operationId"] for methods in found["paths"].values() for node in methods.values()]
    assert len(set(names)) == len(names)


def test_every_name_in_the_document_leads_somewhere(found: dict[str, Any]) -> None:
    text = json.dumps(found)
    for kind, name in set(re.findall(r'"#/components/(\w+)/([^"]+)"', text)):
        assert name in found["components"][kind]
    used = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    queries = {name for name in found["components"]["schemas"] if name.endswith("Query")}
    assert set(found["components"]["schemas"]) - used <= queries


def test_schemas_of_one_name_are_one_schema(app: Flask) -> None:
    classes: dict[str, type] = {}
    for _, view in routes(app):
        one = operation_of(view)
        assert one is not None
        for model in (one.body, one.query, one.answer, *one.also.values()):
            if model is not None:
                for name, kind in nested(model).items():
                    assert classes.setdefault(name, kind) is kind, f"two schemas are called {name}"


def nested(model: type[Any]) -> dict[str, type]:
    """Return the schemas a schema is made of, itself among them, by name."""
    inner = [kind for field in model.model_fields.values() for kind in models_in(field.annotation)]
    return {model.__name__: model} | {name: kind for one in inner for name, kind in nested(one).items()}


def models_in(annotation: Any) -> list[type[Any]]:
    if isinstance(annotation, type) and hasattr(annotation, "model_fields"):
        return [annotation]
    return [kind for one in getattr(annotation, "__args__", ()) for kind in models_in(one)]


def test_two_processes_say_the_same_to_the_byte(fitted_models: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from service import create_app; from web.config import ServiceConfig\n"
        "app = create_app(ServiceConfig(models=Path(sys.argv[1])))\n"
        "sys.stdout.write(app.test_client().get('/openapi.json').headers['ETag'])"
    )
    run = [sys.executable, "-c", script, str(fitted_models)]
    environments = [{"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)} for seed in ("1", "2")]
    tags = [subprocess.run(run, env=one, capture_output=True, text=True, check=True).stdout for one in environments]
    assert tags[0] == tags[1] != ""


def test_the_scope_of_a_route_is_in_the_document(found: dict[str, Any]) -> None:
    assert found["paths"]["/v1/models/rollback"]["post"]["security"] == [{"key": ["admin"]}, {"token": ["admin"]}]
    assert found["paths"]["/health/live"]["get"]["security"] == []
    assert "401" not in found["paths"]["/health/live"]["get"]["responses"]
    assert "401" in found["paths"]["/v1/roles"]["get"]["responses"]


def test_parameters_are_as_they_are_sent(found: dict[str, Any]) -> None:
    listed = {one["name"]: one for one in found["paths"]["/v1/roles"]["get"]["parameters"] if one.get("in") == "query"}
    assert listed["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
    assert listed["after"]["schema"] == {"type": "string", "minLength": 1, "maxLength": 256}
    assert not listed["after"]["required"]
    course = found["paths"]["/v1/courses/{course_id}"]["get"]["parameters"][0]
    assert (course["in"], course["required"], course["schema"]["type"]) == ("path", True, "string")


@pytest.mark.parametrize("example", examples(), ids=lambda one: f"{one[0]} {one[1]}")
def test_the_requests_and_answers_of_the_documentation_fit_the_document(found: dict[str, Any], example: Any) -> None:
    method, path, body, answer = example
    written = path.partition("?")[0].replace("C0001", "{course_id}")
    node = found["paths"][written][method.lower()]
    if body is not None:
        content = node["requestBody"]["content"]["application/json"]["schema"]
        fits = validator_for(content | {"components": found["components"]}).is_valid(body)
        assert fits == ("errors" not in answer)
    name = "ProblemAnswer" if "errors" in answer else schema_of(node["responses"]["200"])
    schema = {"$ref": f"#/components/schemas/{name}", "components": found["components"]}
    assert list(validator_for(schema).iter_errors(answer)) == []


def schema_of(answer: dict[str, Any]) -> str:
    return str(answer["content"]["application/json"]["schema"]["$ref"]).rpartition("/")[2]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda body: body.pop("mode"), "mode"),
        (lambda body: body.update(surprise=1), "surprise"),
        (lambda body: body.update(as_of="yesterday"), "yesterday"),
        (lambda body: body["recommendations"][0].update(cost=None), "null"),
        (lambda body: body["recommendations"][0]["lifts"].append({}), "required"),
    ],
)
def test_an_answer_that_drifts_from_the_document_is_found(client: FlaskClient, change: Any, said: str) -> None:
    answer = client.post(ASK, json={"person": {"role_id": "data-analyst"}})
    body = answer.get_json()
    change(body)
    drifted = TestResponse([json.dumps(body).encode()], "200 OK", answer.headers, answer.request)
    with pytest.raises(AssertionError, match=said):
        documents_of(client.application).check(ASK, "POST", drifted)


def test_an_answer_of_another_status_type_or_header_is_found(client: FlaskClient) -> None:
    checks: DocumentedAnswers = documents_of(client.application)
    for change, said in (
        ({"status": 418}, "418 is not documented"),
        ({"mimetype": "text/plain"}, "text/plain is not documented"),
        ({"headers": {}}, "lacks a documented header"),
    ):
        plain: dict[str, Any] = {"status": 200, "headers": {"X-Request-ID": "1"}, "mimetype": "application/json"}
        whole = plain | change
        answer = TestResponse(
            [b'{"status": "live"}'],
            whole["status"],
            whole["headers"] | {"Content-Type": whole["mimetype"]},
            None,  # type: ignore[arg-type]
        )
        with pytest.raises(AssertionError, match=said):
            checks.check("/health/live", "GET", answer)


def test_absent_is_never_null(found: dict[str, Any]) -> None:
    answers = json.dumps({name: found["components"]["schemas"][name] for name in nested(BatchAnswer)})
    assert '"null"' not in answers
    assert '"default"' not in answers


# What readers get


def test_the_document_and_its_page_are_public_cached_and_not_sent_twice(fitted_models: Path) -> None:
    client = make_app(fitted_models, 0).test_client()
    for path, mimetype in (("/openapi.json", "application/json"), ("/docs", "text/html")):
        first = client.get(path)
        assert (first.status_code, first.mimetype) == (200, mimetype)
        assert first.headers.getlist("Cache-Control") == ["public, max-age=300"]
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_the_page_has_every_route_and_schema_and_every_link_in_it_leads_somewhere(
    client: FlaskClient, found: dict[str, Any]
) -> None:
    page = client.get("/docs").text
    places = re.findall(r' id="([^"]+)"', page)
    assert len(set(places)) == len(places)
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(places)
    assert {f"schema-{name}" for name in found["components"]["schemas"]} <= set(places)
    for path, methods in found["paths"].items():
        for method in methods:
            assert f"<code>{method.upper()} {path}</code></h3>" in page
    assert "<code>admin</code>" in page


def test_the_page_needs_no_script_and_nothing_from_elsewhere(client: FlaskClient) -> None:
    page = client.get("/docs").text
    assert not re.search(r"<script|<style|style=|https?://|\son\w+=", page)
    assert '<html lang="en">' in page
    assert page.count("<h1") == 1
    assert page.count("<table") == page.count("<caption>")
    assert all('scope="' in one for one in re.findall(r"<th[^e].*?>", page))
