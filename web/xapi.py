"""`/xapi`: the part of a learning record store that platforms need to report what people did (xAPI 1.0.3 and 2.0)."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request, url_for
from pydantic import BaseModel, ConfigDict, Field

from recommender.moments import moment_text
from store.identities import identity_of
from store.statement_reading import Wanted, find_statements, one_statement
from store.statements import StatementConflict, receive
from web.auth import current_tenant
from web.config import settings
from web.database import store
from web.operation import operation
from web.problems import FieldError, Problem, invalid
from web.reading import finite, json_sent, read_query
from web.schemas import Moment
from web.xapi_schemas import (
    About,
    Identifier,
    Statement,
    StatementAnswer,
    StatementIds,
    Statements,
    Uuid,
    checked_agent,
    checked_statements,
)

xapi = Blueprint("xapi", __name__, url_prefix="/xapi")

VERSION_HEADER = "X-Experience-API-Version"
THROUGH_HEADER = "X-Experience-API-Consistent-Through"
VERSIONS = ("1.0.3", "2.0.0")
_HEADERS = {VERSION_HEADER: "The version of xAPI that is spoken: 1.0.3, 2.0.0 or another of 1.0.x or 2.0.x. Required."}
_SPOKEN = re.compile(r"(1\.0|2\.0)(\.\d{1,4})?", re.ASCII)
MOST = 100
"""Statements of one page."""


class PutQuery(BaseModel):
    """Which statement is put."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    statement_id: Uuid = Field(alias="statementId")


class StatementQuery(BaseModel):
    """One statement by its id, or which ones are listed."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    statement_id: Uuid | None = Field(None, alias="statementId")
    voided_statement_id: Uuid | None = Field(None, alias="voidedStatementId")
    agent: Annotated[str, Field(max_length=4_000)] | None = None
    verb: Identifier | None = None
    activity: Identifier | None = None
    since: Moment | None = None
    until: Moment | None = None
    limit: Annotated[int, Field(ge=0)] = 0
    ascending: bool = False
    format: Annotated[str, Field(pattern="^exact$")] = "exact"
    attachments: bool = False
    after: Annotated[int, Field(ge=0, lt=2**63)] | None = None


_ONE = {"statement_id", "voided_statement_id"}
_BESIDE_ONE = _ONE | {"format", "attachments"}


@xapi.before_request
def _speak() -> None:
    """Refuse versions of the standard that are not understood."""
    said = request.headers.get(VERSION_HEADER)
    if request.endpoint != "xapi.about" and (said is None or not _SPOKEN.fullmatch(said)):
        found = "no version" if said is None else f"{said!r:.40}"
        raise Problem(400, f"{VERSION_HEADER}: found {found}; expected 1.0.x or 2.0.x, for example 1.0.3.")


@xapi.after_request
def _name_version(answer: Response) -> Response:
    asked = request.headers.get(VERSION_HEADER, VERSIONS[0])
    answer.headers[VERSION_HEADER] = VERSIONS[1] if asked.startswith("2") else VERSIONS[0]
    return answer


@xapi.get("/about")
@operation(scope=None, tag="events", answer=About)
def about() -> Response:
    """Tell which versions of xAPI are understood."""
    return jsonify({"version": list(VERSIONS)})


@xapi.post("/statements")
@operation(scope="xapi:write", tag="events", body=Statements, answer=StatementIds, errors=(409, 503), headers=_HEADERS)
def post_statements() -> Response:
    """Take one statement or up to 1,000, all or none, and answer with their ids.

    Who completed or passed a course has completed it in the next answer. A statement about somebody or something unknown
    waits until both are there. One that is sent again is taken once.
    """
    if request.args:
        raise invalid([FieldError("", "found parameters; expected none")])
    return jsonify(_received(checked_statements(_document(), now=settings().clock())))


@xapi.put("/statements")
@operation(
    scope="xapi:write",
    tag="events",
    body=Statement,
    query=PutQuery,
    status=204,
    errors=(409, 503),
    headers=_HEADERS,
)
def put_statement() -> Response:
    """Take one statement under the id given."""
    key, document = read_query(PutQuery).statement_id.lower(), _document()
    if isinstance(document, list):
        raise invalid([FieldError("", "found a list; expected one statement")])
    (statement,) = checked_statements(document, now=settings().clock())
    if statement.setdefault("id", key).lower() != key:
        raise invalid([FieldError("/id", f"found {statement['id']!r}; expected the statementId {key} or none")])
    _received([statement])
    return Response(status=204)


@xapi.get("/statements")
@operation(
    scope="xapi:read", tag="events", query=StatementQuery, answer=StatementAnswer, errors=(404, 503), headers=_HEADERS
)
def get_statements() -> Response:
    """Answer with one statement by its id, or with those that fit, the newest first.

    Voided statements are found by `voidedStatementId` alone. `limit` 0 is as many as a page holds, 100; `more` is where
    the next page is, empty if there is none.
    """
    asked = read_query(StatementQuery)
    through = moment_text(settings().clock())
    answer = jsonify(_one(asked) if _ONE & asked.model_fields_set else _page(asked))
    answer.headers[THROUGH_HEADER] = through
    return answer


def _document() -> Any:
    if request.mimetype == "multipart/mixed":
        raise Problem(400, "Found multipart/mixed; expected application/json: attachments lie elsewhere, by fileUrl.")
    return json_sent(parse_float=finite)


def _received(statements: list[dict[str, Any]]) -> list[str]:
    tenant = current_tenant()
    try:
        with store().write(tenant) as connection:
            return receive(connection, tenant, statements, at=settings().clock())
    except StatementConflict as error:
        raise Problem(409, str(error)) from error


def _one(asked: StatementQuery) -> dict[str, Any]:
    given = asked.model_fields_set
    if len(given & _ONE) > 1 or given - _BESIDE_ONE:
        raise invalid([FieldError("", "found other parameters; expected statementId or voidedStatementId alone")])
    voided = asked.voided_statement_id is not None
    key = asked.voided_statement_id or asked.statement_id or ""
    tenant = current_tenant()
    with store().read() as connection:
        found = one_statement(connection, tenant, key, voided=voided)
    if found is None:
        raise Problem(404, f"There is no {'voided ' if voided else ''}statement {key}.")
    return found


def _page(asked: StatementQuery) -> dict[str, Any]:
    tenant = current_tenant()
    wanted = Wanted(
        actor=identity_of(checked_agent(_agent(asked.agent))) if asked.agent is not None else None,
        verb=asked.verb,
        activity=asked.activity,
        since=asked.since,
        until=asked.until,
        ascending=asked.ascending,
        after=asked.after,
    )
    with store().read() as connection:
        page = find_statements(connection, tenant, wanted, limit=min(asked.limit or MOST, MOST))
    return {"statements": page.statements, "more": "" if page.last is None else _more(page.last)}


def _agent(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise invalid([FieldError("/agent", "not usable as JSON; expected an agent")]) from error


def _more(last: int) -> str:
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "after"]
    return f"{url_for('xapi.get_statements')}?{urlencode([*kept, ('after', str(last))])}"
