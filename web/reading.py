"""Reading a request: strict JSON and strict query parameters, as a schema has them, with every wrong field named."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from itertools import accumulate
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl

import orjson
from flask import Request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from web.current import current_request
from web.problems import FieldError, Problem, field_errors, invalid, pointer

MAX_DEPTH = 100
"""How deep a JSON body may be nested."""
MAX_PARAMETERS = 10_000
"""How many query parameters a request may have."""

Schema = TypeVar("Schema", bound=BaseModel)

_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_OPENING = b"[{"
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_DIGITS_AS_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_BODY = "lpr.body"
_JSON = "application/json"
_LENGTH_DIGITS = 15
_SHORT_QUERY = 100
_LONG_NUMBER = b"0" * 19
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,3})?", re.ASCII)


def body_sent() -> bytes:
    """Return the body of the current request, the same when asked again.

    Raises
    ------
    Problem
        413 if one of unknown length, sent in chunks, does not end within what the service takes.
    """
    request = current_request()
    found: bytes | None = request.environ.get(_BODY)
    if found is None:
        found = request.environ[_BODY] = _read_body(request)
    return found


def _read_body(request: Request) -> bytes:
    environ = request.environ
    length = environ.get("CONTENT_LENGTH", "")
    is_plain = environ.get("CONTENT_TYPE", "").startswith(_JSON) and "HTTP_TRANSFER_ENCODING" not in environ
    if is_plain and length.isdecimal() and len(length) <= _LENGTH_DIGITS:
        # As nearly every body is sent, and nobody else reads JSON; werkzeug would make a stream around the server's.
        n_bytes, most = int(length), request.max_content_length
        if most is not None and n_bytes > most:
            raise RequestEntityTooLarge
        try:
            sent: bytes = environ["wsgi.input"].read(n_bytes)
        except (OSError, ValueError) as error:
            raise ClientDisconnected from error
        if len(sent) < n_bytes:
            raise ClientDisconnected
        return sent
    data = request.get_data(cache=True)
    if request.content_length is None and (most := request.max_content_length) is not None and len(data) >= most:
        raise Problem(413, f"The body is too large; expected less than {most:,} bytes.")
    return data


def json_sent(*, parse_float: Callable[[str], float] = float) -> Any:
    """Return the body of the current request as `read_json` reads it; Problem 415 unless it says it is JSON."""
    request = current_request()
    if request.environ.get("CONTENT_TYPE") != _JSON and request.mimetype != _JSON:
        raise Problem(415, "Expected a body of the type application/json.")
    return read_json(body_sent(), parse_float=parse_float)


def read_body(schema: type[Schema]) -> Schema:
    """Return the JSON body of the current request as `schema` has it.

    Raises
    ------
    Problem
        415 unless it says it is JSON; 400, naming every wrong field, if it is not what the schema expects.
    """
    return _checked(schema, json_sent())


def read_json(data: bytes, *, parse_float: Callable[[str], float] = float) -> Any:
    """Return strict JSON: UTF-8, no NaN, no field twice, no lone surrogate, at most `MAX_DEPTH` deep; else Problem 400.

    What no schema looks into needs `finite` as `parse_float`.
    """
    try:
        if _depth(data) > MAX_DEPTH:
            raise ValueError(f"nested too deep; expected at most {MAX_DEPTH} levels")
        if parse_float is float and (found := _plain(data)) is not None:
            return found
        document = json.loads(data.decode(), parse_constant=_refuse, parse_float=parse_float, object_pairs_hook=_unique)
        if _SURROGATE.search(data):
            _refuse_lone_surrogates(document)
    except ValueError as error:
        raise invalid([FieldError("", f"not usable as JSON: {_json_trouble(error)}")]) from error
    return document


def finite(text: str) -> float:
    """Return a number as JSON writes it; ValueError if it is larger than any there is, as 1e999 is."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text:.30} is too large a number")
    return number


def read_query(schema: type[Schema]) -> Schema:
    """Return the query parameters of the current request as `schema` has them.

    A parameter of a list is given once for each element (`language=en&language=fr`), any other once. Numbers are written
    as in JSON, booleans are `true` or `false`.

    Raises
    ------
    Problem
        400, naming every wrong parameter (`/name`), the unknown and the repeated among them.
    """
    sent = current_request().query_string
    return _short_query(schema, sent) if len(sent) <= _SHORT_QUERY else _read_query(schema, sent)


def _read_query(schema: type[Schema], sent: bytes) -> Schema:
    kinds = _kinds(schema)
    given: dict[str, list[str]] = {}
    for name, text in _parameters(sent):
        given.setdefault(name, []).append(text)
    errors: list[FieldError] = []
    values: dict[str, object] = {}
    for name, texts in given.items():
        if name not in kinds:
            errors.append(FieldError(pointer([name]), f"no such parameter; expected {_listed(kinds)}"))
        elif kinds[name].many:
            values[name] = [_value(text, kinds[name].type) for text in texts]
        elif len(texts) > 1:
            errors.append(FieldError(pointer([name]), f"found {len(texts)} values; expected the parameter once"))
        else:
            values[name] = _value(texts[0], kinds[name].type)
    repeated = {one.pointer for one in errors}
    try:
        found = schema.model_validate(values)
    except ValidationError as error:
        errors += [one for one in field_errors(error) if one.pointer not in repeated]
    if errors:
        raise invalid(errors)
    return found


_short_query = lru_cache(maxsize=1_000)(_read_query)
"""Most questions are asked with the same few parameters: what they say is remembered, as nothing can change it."""


class Kind(NamedTuple):
    """How a parameter is read: the JSON type of one value, and whether it may be given many times."""

    type: str
    many: bool


@cache
def _kinds(schema: type[BaseModel]) -> Mapping[str, Kind]:
    """Return how each parameter of a schema is read, from the JSON Schema that documents it."""
    return {name: _kind(one) for name, one in schema.model_json_schema().get("properties", {}).items()}


def _kind(described: Mapping[str, Any]) -> Kind:
    if described.get("type") == "array":
        return Kind(_kind(described["items"]).type, many=True)
    choices = [_kind(one) for one in described.get("anyOf", ()) if one.get("type") != "null"]
    return choices[0] if choices else Kind(str(described.get("type", "string")), many=False)


def _parameters(sent: bytes) -> list[tuple[str, str]]:
    """Return the parameters in the order given; Problem 400 if they are not UTF-8 or too many."""
    try:
        return parse_qsl(
            sent.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_PARAMETERS,
        )
    except UnicodeDecodeError as error:
        raise invalid([FieldError("", "the query is not percent-encoded UTF-8")]) from error
    except ValueError as error:
        raise invalid([FieldError("", f"too many parameters; expected at most {MAX_PARAMETERS}")]) from error


def _value(text: str, kind: str) -> object:
    """Return what a text says; the text itself where it is no such value, which the schema then refuses."""
    if kind == "integer" and _WHOLE.fullmatch(text):
        return int(text)
    if kind == "number" and _NUMBER.fullmatch(text):
        return float(text)
    if kind == "boolean" and text in {"true", "false"}:
        return text == "true"
    return text


def _listed(names: Mapping[str, object]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else str(last)


def _checked(schema: type[Schema], document: Any) -> Schema:
    try:
        return schema.model_validate(document)
    except ValidationError as error:
        raise invalid(field_errors(error)) from error


def _depth(data: bytes) -> int:
    """Return how deep brackets are nested outside of texts; a body that is no JSON gets some number."""
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return 0
    brackets = _TEXT.sub(b"", data).translate(None, _NO_BRACKET)
    return max(accumulate((1 if one in _OPENING else -1 for one in brackets), initial=0))


def _plain(data: bytes) -> Any:
    """Return what a usual body says, read fast; None where it must be read with care, or is no JSON at all.

    Without a backslash every text has two quotation marks, so a field given twice, of which only the last is kept, leaves
    fewer of them. Numbers of 19 digits or more are read otherwise than by Python.
    """
    if b"\\" in data or _LONG_NUMBER in data.translate(_DIGITS_AS_ZEROS):
        return None
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return document if orjson.dumps(document).count(b'"') == data.count(b'"') else None


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not a number in JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field is given twice")
    return found


def _refuse_lone_surrogates(document: Any) -> None:
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ValueError("half of a surrogate pair is no character") from error


def _json_trouble(error: ValueError) -> str:
    return f"byte {error.start} is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
