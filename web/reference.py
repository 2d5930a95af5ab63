"""`/openapi.json`, and `/docs`: the same document as a page, which needs no JavaScript and nothing from elsewhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request

from web.document import document
from web.operation import HTML, operation

reference = Blueprint("reference", __name__)

_EXTENSION = "lpr_document"
_CACHED = "public, max-age=300"
_NUMBERS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} elements",
    "maxItems": "at most {} elements",
}
_CONDITIONAL = {"If-None-Match": "The ETag of an earlier answer; 304 if it still holds."}

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the description of a type; `schema` is the schema it names, "" where it names none."""

    text: str
    schema: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """The document of an application, and the page made from it."""

    document: Node
    text: bytes
    page: bytes


@reference.get("/openapi.json")
@operation(scope=None, tag="reference", headers=_CONDITIONAL, also={304: None})
def openapi() -> Response:
    """Return this document."""
    return _cached(_held().text, "application/json")


@reference.get("/docs")
@operation(scope=None, tag="reference", headers=_CONDITIONAL, also={304: None}, media=HTML)
def docs() -> Response:
    """Show this document as a page."""
    return _cached(_held().page, HTML)


def _held() -> Held:
    """Return the document of this application, made when it is first asked for."""
    found: Held | None = current_app.extensions.get(_EXTENSION)
    if found is None:
        made = document(current_app)
        text = json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()
        found = current_app.extensions[_EXTENSION] = Held(made, text, _page(made).encode())
    return found


def _cached(content: bytes, media: str) -> Response:
    answer = Response(content, mimetype=media)
    answer.set_etag(hashlib.sha256(content).hexdigest()[:32])
    answer.headers["Cache-Control"] = _CACHED
    answer.make_conditional(request)
    return answer


def _page(found: Node) -> str:
    groups: dict[str, list[Node]] = {tag["name"]: [] for tag in found["tags"]}
    for path, methods in found["paths"].items():
        for method, node in methods.items():
            groups[node["tags"][0]].append(_route(path, method, node))
    schemas = [_schema(name, one) for name, one in found["components"]["schemas"].items()]
    shared = [{**one, "words": list(words(one["schema"]))} for one in found["components"]["parameters"].values()]
    return render_template("docs.html", info=found["info"], groups=groups, schemas=schemas, shared=shared)


def _route(path: str, method: str, node: Node) -> Node:
    """Return what the page shows of a route."""
    scopes = sorted({scope for way in node["security"] for scopes in way.values() for scope in scopes})
    return {
        "id": node["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": node["summary"],
        "paragraphs": node.get("description", "").split("\n\n") if "description" in node else [],
        "scopes": scopes,
        "parameters": [{**one, "words": list(words(one["schema"]))} for one in node["parameters"] if "$ref" not in one],
        "body": [_content(media, one) for media, one in node.get("requestBody", {}).get("content", {}).items()],
        "answers": [
            {
                "status": status,
                "phrase": HTTPStatus(int(status)).phrase,
                "description": one["description"],
                "content": [_content(media, each) for media, each in one.get("content", {}).items()],
            }
            for status, one in node["responses"].items()
        ],
    }


def _content(media: str, found: Node) -> Node:
    return {"media": media, "words": list(words(found["schema"]))}


def _schema(name: str, found: Node) -> Node:
    """Return what the page shows of a schema: its fields, or what stands in their place."""
    needed = set(found.get("required", ()))
    fields = [
        {
            "name": field,
            "required": field in needed,
            "words": list(words(one)),
            "description": one.get("description", ""),
        }
        for field, one in found.get("properties", {}).items()
    ]
    whole = [] if fields else list(words(found))
    return {"name": name, "description": found.get("description", ""), "fields": fields, "words": whole}


def words(schema: Node) -> Iterator[Word]:
    """Yield what a schema says in words: `list of Course`, `integer, at least 1, 10 unless said`."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield Word(name, name)
    elif "anyOf" in schema or "oneOf" in schema:
        for i, one in enumerate(schema.get("anyOf") or schema["oneOf"]):
            if i:
                yield Word(" or ")
            yield from words(one)
    elif schema.get("type") == "array":
        yield Word("list of ")
        yield from words(schema.get("items", {}))
    elif isinstance(extra := schema.get("additionalProperties"), dict) and "properties" not in schema:
        yield Word("object of ")
        yield from words(extra)
    else:
        yield Word(str(schema.get("format") or schema.get("type") or "anything"))
    yield from _limits(schema)


def _limits(schema: Node) -> Iterator[Word]:
    if known := schema.get("enum") or ([schema["const"]] if "const" in schema else []):
        yield Word(": " + ", ".join(map(str, known)))
    for key, text in _NUMBERS.items():
        if key in schema:
            yield Word(", " + text.format(schema[key]))
    if "default" in schema:
        yield Word(f", {json.dumps(schema['default'])} unless said")
