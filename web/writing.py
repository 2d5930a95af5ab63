"""Every write of stored facts: one transaction, done once however often it is sent with the same `Idempotency-Key`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, TypeVar

from flask import Response, request
from pydantic import BaseModel, Field, RootModel, ValidationError

from store import idempotency
from store.database import Connection
from store.idempotency import Answered, Asker
from web.auth import asked_by, current_tenant
from web.config import settings
from web.database import store
from web.problems import FieldError, Problem, field_errors, invalid
from web.reading import body_sent, json_sent

MAX_MANY = 1_000
"""The most objects a request may write."""
OTHER_REQUEST = "urn:lpr:problem:idempotency-key-reused"
REPLAYED = "Idempotency-Replayed"
WRITE_HEADERS = {
    "Idempotency-Key": "1 to 255 printable ASCII characters: the same write, sent again with it within 24 hours, is "
    "answered as before and not done again."
}

_KEY = re.compile(r"[!-~]{1,255}", re.ASCII)
Schema = TypeVar("Schema", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Written:
    """What a write is answered: a status, JSON values or None, and headers."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Change = Callable[[Connection, str], Written]
"""What a write does in its transaction, for a tenant; a Problem it raises undoes all of it."""


def write(change: Change, *, catalogue: bool = False, employee_id: str | None = None) -> Response:
    """Make a change durable and answer it; with a known `Idempotency-Key`, answer as before and change nothing.

    Parameters
    ----------
    catalogue
        Whether courses, skills or roles change.
    employee_id
        Whom the answer names, so that it is forgotten with them. An answer about many must name nobody.

    Raises
    ------
    Problem
        400 if the key is none; 422 if another request came with it.
    """
    asker, fingerprint, at = _asker(), _fingerprint(), settings().clock()
    if asker is not None:
        with store().read() as connection:
            before = idempotency.find(connection, asker, at=at)
        if before is not None:
            return _again(before, fingerprint)
    tenant = current_tenant()
    with store().write(tenant, catalogue=catalogue) as connection:
        # Once more: the same write may have been done by another process until the lock was ours.
        before = None if asker is None else idempotency.find(connection, asker, at=at)
        if before is None:
            done = change(connection, tenant)
            body = "" if done.body is None else json.dumps(done.body)
            answered = Answered(fingerprint, done.status, body, done.headers)
            if asker is not None:
                idempotency.keep(connection, asker, answered, employee_id=employee_id, at=at)
    return _again(before, fingerprint) if before is not None else _response(answered)


def read_one_or_many(schema: type[Schema]) -> tuple[list[Schema], bool]:
    """Return the objects of the body, and whether they came as a list, of at most `MAX_MANY`.

    Raises
    ------
    Problem
        As `web.reading.read_body`.
    """
    document = json_sent()
    try:
        if isinstance(document, list):
            return list(many_of(schema).model_validate(document).root), True
        return [schema.model_validate(document)], False
    except ValidationError as error:
        raise invalid(field_errors(error)) from error


@cache
def many_of(schema: type[Schema]) -> type[RootModel[list[Schema]]]:
    """Return the schema of a list of 1 to `MAX_MANY` objects."""
    return _root(f"Many{schema.__name__}", _listed(schema))


@cache
def one_or_many_of(schema: type[Schema]) -> type[RootModel[Any]]:
    """Return the schema of one object or a list of them, for the document of the routes."""
    return _root(f"OneOrMany{schema.__name__}", schema | _listed(schema))


def _listed(schema: type[BaseModel]) -> Any:
    kind: Any = list
    return Annotated[kind[schema], Field(min_length=1, max_length=MAX_MANY)]


def _root(name: str, kind: Any) -> type[RootModel[Any]]:
    root: Any = RootModel
    return type(name, (root[kind],), {"__module__": __name__})


def at_each(pointer: str, i: int, *, many: bool) -> str:
    """Return a pointer into the i-th object of the body."""
    return f"/{i}{pointer}" if many else pointer


def refuse_wrong(errors: list[FieldError]) -> None:
    """Raise the problem of what is wrong, if anything is."""
    if errors:
        raise invalid(errors)


def _asker() -> Asker | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        expected = f"found {key[:40]!r}; expected 1 to 255 printable ASCII characters without spaces"
        raise invalid([FieldError("/Idempotency-Key", expected)])
    return Asker(current_tenant(), asked_by()[1], key)


def _fingerprint() -> str:
    """Return what tells one request from another: method, address and body."""
    parts = (request.method.encode(), request.full_path.encode(), body_sent())
    return hashlib.sha256(b"".join(len(one).to_bytes(8, "big") + one for one in parts)).hexdigest()


def _again(before: Answered, fingerprint: str) -> Response:
    if before.fingerprint != fingerprint:
        raise Problem(422, "Another request came with this Idempotency-Key; use a new key.", kind=OTHER_REQUEST)
    answer = _response(before)
    answer.headers[REPLAYED] = "true"
    return answer


def _response(answered: Answered) -> Response:
    mimetype = "application/json" if answered.body else None
    answer = Response(answered.body + "\n" if answered.body else "", status=answered.status, mimetype=mimetype)
    answer.headers.extend(dict(answered.headers))
    return answer
