"""The OpenAPI document: SpecTree reads the routes and schemas, and what it cannot say is written here.

SpecTree only documents: the views run as they are. What it has no words for (scopes, problems and their media type,
headers, ids in paths, fields that may be absent but are never null) is added by `_finished`, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from flask import Flask, current_app
from spectree import SpecTree
from spectree.plugins.flask_plugin import FlaskPlugin
from spectree.response import Response as Answers
from werkzeug.routing import Rule

from store.scopes import SCOPES
from web.answers import ProblemAnswer
from web.ids import MAX_ID
from web.operation import HTML, JSON, Operation, operation_of

API_VERSION = "1.0"
PROBLEM = "application/problem+json"
METHODS = ("get", "put", "post", "delete", "patch")

_ANY = (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INTERNAL_SERVER_ERROR)
_WITH_BODY = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
_WITHOUT_BODY = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
_RETRIED = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_MEANINGS = {
    HTTPStatus.BAD_REQUEST: "The request is not as expected; `errors` names every wrong field.",
    HTTPStatus.UNAUTHORIZED: "No key, or one that is not valid.",
    HTTPStatus.FORBIDDEN: "The key lacks the scope, or the request may not come from there.",
    HTTPStatus.NOT_FOUND: "There is no such thing.",
    HTTPStatus.CONFLICT: "It cannot be done as things stand; `detail` says why.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than allowed.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is not of the type expected.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests; `Retry-After` says when to come back.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The service failed; its log has the request id.",
    HTTPStatus.SERVICE_UNAVAILABLE: "No usable model is live, or the database cannot be reached.",
    HTTPStatus.NOT_MODIFIED: "What the reader has still holds.",
}
_HEADERS: dict[str, tuple[str, dict[str, Any]]] = {
    "X-Request-ID": ("The id of the request: its own, or a new one.", {"type": "string"}),
    "Retry-After": ("Seconds to wait before asking again.", {"type": "string"}),
    "WWW-Authenticate": ("How to say who asks.", {"type": "string"}),
    "ETag": ("Names this content, for `If-None-Match`.", {"type": "string"}),
}
_EVERYWHERE: dict[str, tuple[str, dict[str, Any]]] = {
    "X-Request-ID": (
        "Is given back, and stands in the log: 1 to 64 letters, digits, `.`, `_`, `:` or `-`.",
        {"type": "string"},
    ),
    "traceparent": (
        "W3C Trace Context, version 00: is given back as it is, and its trace id stands in the log.",
        {"type": "string"},
    ),
}

Node = dict[str, Any]


def document(app: Flask) -> Node:
    """Return the OpenAPI 3.1 document of an application: every route with an operation, the same on every worker."""
    with app.app_context():
        spec = SpecTree(
            "flask",
            backend=_Routes,
            annotations=False,
            title="Learning path recommender",
            description="What to take next, how to get there, and why. Errors are problems (RFC 9457).",
            version=API_VERSION,
            openapi_version="3.1.0",
            validation_error_status=HTTPStatus.BAD_REQUEST,
            validation_error_model=ProblemAnswer,
            naming_strategy=lambda model: model.__name__,
            nested_naming_strategy=lambda _parent, child: child,
        )
        return _finished(dict(spec.spec), dict(_operations(app)))


class _Routes(FlaskPlugin):
    """Hands SpecTree each view that has an operation, documented as the operation says."""

    def parse_func(self, route: Rule) -> Iterator[tuple[str, Callable[..., Any]]]:
        view = current_app.view_functions[route.endpoint]
        described = operation_of(view)
        if described is not None and described.documented:
            for method in sorted(route.methods or ()):
                name = f"{route.endpoint.replace('.', '_')}_{method.lower()}"
                yield method, _documented(self.spectree, described, view, name)


def _documented(spec: SpecTree, one: Operation, view: Callable[..., Any], name: str) -> Callable[..., Any]:
    answers = Answers(**{f"HTTP_{status}": model for status, model in {one.status: one.answer, **one.also}.items()})
    found: Callable[..., Any] = spec.validate(
        query=one.query, json=one.body, resp=answers, tags=[one.tag], operation_id=name, skip_validation=True
    )(view)
    return found


def _operations(app: Flask) -> Iterator[tuple[tuple[str, str], Operation]]:
    """Yield the operation of each (endpoint as in its name, method)."""
    for rule in app.url_map.iter_rules():
        described = operation_of(app.view_functions[rule.endpoint])
        for method in rule.methods or ():
            if described is not None:
                yield (rule.endpoint.replace(".", "_"), method.lower()), described


def _finished(found: Node, operations: dict[tuple[str, str], Operation]) -> Node:
    """Return SpecTree's document with what it cannot say."""
    for path, methods in found["paths"].items():
        for method, node in methods.items():
            endpoint = node["operationId"].removesuffix(f"_{method}")
            _finish(node, operations[endpoint, method])
        found["paths"][path] = {method: methods[method] for method in METHODS if method in methods}
    found["paths"] = dict(sorted(found["paths"].items()))
    found["tags"] = sorted(found["tags"], key=lambda tag: str(tag["name"]))
    schemas = {name: _plain(schema) for name, schema in sorted(found["components"]["schemas"].items())}
    found["components"] = {
        "schemas": schemas,
        "parameters": {_key(name): _header(name, *said) for name, said in _EVERYWHERE.items()},
        "headers": {_key(name): {"description": said, "schema": schema} for name, (said, schema) in _HEADERS.items()},
        "securitySchemes": _security_schemes(),
    }
    del found["security"]
    return found


def _finish(node: Node, one: Operation) -> None:
    node["security"] = _security(one.scope)
    if not node["description"]:
        del node["description"]
    node["parameters"] = [_parameter(each) for each in node["parameters"]]
    node["parameters"] += [_header(name, said, {"type": "string"}) for name, said in one.headers.items()]
    node["parameters"] += [{"$ref": f"#/components/parameters/{_key(name)}"} for name in _EVERYWHERE]
    if "requestBody" in node and one.body_media != JSON:
        node["requestBody"]["content"] = {one.body_media: node["requestBody"]["content"][JSON]}
    for status in _error_statuses(one):
        node["responses"][str(status)] = {
            "description": _MEANINGS.get(HTTPStatus(status), HTTPStatus(status).phrase),
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemAnswer"}}},
        }
    good = {one.status, *one.also}
    for status, answer in node["responses"].items():
        if int(status) in good:
            answer["description"] = _MEANINGS.get(HTTPStatus(int(status)), HTTPStatus(int(status)).phrase)
            if {one.status: one.answer, **one.also}[int(status)] is None:
                answer.pop("content", None)
            if int(status) not in _WITHOUT_BODY and "content" not in answer:
                answer["content"] = {one.media: {"schema": {"type": "object" if one.media == JSON else "string"}}}
        answer["headers"] = {name: {"$ref": f"#/components/headers/{_key(name)}"} for name in _headers_of(status, one)}
    if any(one.get("in") in {"path", "query"} for one in node["parameters"]):
        node["responses"][str(int(HTTPStatus.REQUEST_URI_TOO_LONG))] = {
            "description": "The address is longer than 8,190 bytes: the server in front of the service refuses it.",
            "content": {HTML: {"schema": {"type": "string"}}},
        }
    node["responses"] = dict(sorted(node["responses"].items()))


def _error_statuses(one: Operation) -> set[int]:
    """Return the statuses of problems a route can answer with."""
    found = {*map(int, _ANY), *one.errors}
    if one.scope is not None:
        found.add(HTTPStatus.UNAUTHORIZED)
    if one.body is not None:
        found.update(_WITH_BODY if one.body_media == JSON else _WITH_BODY[:1])
    return {int(status) for status in found} - set(one.also)


def _headers_of(status: str, one: Operation) -> list[str]:
    extra = ["Retry-After"] if int(status) in _RETRIED and int(status) not in one.also else []
    extra += ["WWW-Authenticate"] if int(status) == HTTPStatus.UNAUTHORIZED and int(status) not in one.also else []
    extra += ["ETag"] if HTTPStatus.NOT_MODIFIED in one.also and int(status) in {one.status, 304} else []
    return ["X-Request-ID", *extra]


def _security(scope: str | None) -> list[Node]:
    """Return the ways to be allowed: any one of these; none are needed where the list is empty."""
    if scope is None:
        return []
    ways: list[Node] = [{"key": [scope]}, {"token": [scope]}]
    return [*ways, {"basic": [scope]}] if scope.startswith("xapi:") else ways


def _security_schemes() -> Node:
    scopes = {scope: f"What routes of the scope {scope} do." for scope in SCOPES}
    return {
        "key": {"type": "http", "scheme": "bearer", "description": "A key made by `lpr keys create`."},
        "token": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/oauth2/token", "scopes": scopes}}},
        "basic": {"type": "http", "scheme": "basic", "description": "The id of a key and its secret."},
    }


def _parameter(found: Node) -> Node:
    """Return a parameter of a path or a query as it is sent: there is no null in either."""
    if found["in"] == "path" and found["schema"] is None:
        found["schema"] = {"type": "string", "minLength": 1, "maxLength": MAX_ID}
        found["description"] = found["description"] or "Percent-encoded: `/` is `%2F`."
    schema = _plain(found["schema"])
    choices = [one for one in schema.pop("anyOf", []) if one.get("type") != "null"]
    schema |= choices[0] if len(choices) == 1 else {"anyOf": choices} if choices else {}
    if "default" in schema and schema["default"] is None:
        del schema["default"]
    said = schema.pop("description", "") or found["description"]
    return {"name": found["name"], "in": found["in"], "required": found["required"], "schema": schema} | (
        {"description": said} if said else {}
    )


def _header(name: str, said: str, schema: Node) -> Node:
    return {"name": name, "in": "header", "required": False, "schema": schema, "description": said}


def _key(name: str) -> str:
    return name.replace("-", "")


def _plain(schema: Any, *, names: bool = False) -> Any:
    """Return a schema without the titles that repeat the names of its fields; in `names`, keys are names of fields."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = schema if names else {key: one for key, one in schema.items() if key != "title" or not isinstance(one, str)}
    return {key: _plain(one, names=key == "properties" and not names) for key, one in kept.items()}
