"""What happened to a person: completions, feedback and evidence, written, listed and taken back one by one.

They count in the very next answer. The same fact sent again is the same fact, with the same id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Response
from pydantic import Field

from recommender.moments import moment_text
from recommender.schema import TABLES, Kind
from store import rows
from store.database import Connection
from store.tables import canonical, fact_id
from web.auth import current_tenant
from web.conditional import READING, tagged
from web.config import settings
from web.database import store
from web.fact_bodies import CompletionBody, EvidenceBody, FeedbackBody, StoredId
from web.known import known
from web.operation import operation
from web.problems import FieldError, Problem
from web.reading import read_query
from web.schemas import Strict
from web.stored import AHEAD
from web.stored_answers import FactsWritten, StoredPage
from web.writing import (
    WRITE_HEADERS,
    Written,
    at_each,
    one_or_many_of,
    read_one_or_many,
    refuse_wrong,
    write,
)

facts = Blueprint("facts", __name__, url_prefix="/v1/employees/<id:employee_id>")


class PageQuery(Strict):
    """Which page is wanted: how many, and after which id."""

    limit: Annotated[int, Field(ge=1, le=1_000)] = 100
    after: StoredId | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """One kind of facts: its table, what they are about, and the column of their time."""

    table: str
    path: str
    about: str
    subject: str
    time: str


COMPLETIONS = Facts("completions", "completions", "courses", "course_id", "completed_at")
FEEDBACK = Facts("feedback", "feedback", "courses", "course_id", "at")
EVIDENCE = Facts("skill_evidence", "skill-evidence", "skills", "skill_id", "observed_at")

Body = CompletionBody | FeedbackBody | EvidenceBody


@facts.post("/completions")
@operation(
    answer=FactsWritten,
    scope="write",
    tag="employees",
    body=one_or_many_of(CompletionBody),
    status=201,
    errors=(404, 422, 503),
    headers=WRITE_HEADERS,
)
def add_completions(employee_id: str) -> Response:
    """Record one completion or up to 1,000.

    They count in the next answer. A completion with progress below 0.8 is a course begun.
    """
    return _add(COMPLETIONS, employee_id, *read_one_or_many(CompletionBody))


@facts.post("/feedback")
@operation(
    answer=FactsWritten,
    scope="write",
    tag="employees",
    body=one_or_many_of(FeedbackBody),
    status=201,
    errors=(404, 422, 503),
    headers=WRITE_HEADERS,
)
def add_feedback(employee_id: str) -> Response:
    """Record what the person says of one course or up to 1,000; of several words about a course the latest counts."""
    return _add(FEEDBACK, employee_id, *read_one_or_many(FeedbackBody))


@facts.post("/skill-evidence")
@operation(
    answer=FactsWritten,
    scope="write",
    tag="employees",
    body=one_or_many_of(EvidenceBody),
    status=201,
    errors=(404, 422, 503),
    headers=WRITE_HEADERS,
)
def add_evidence(employee_id: str) -> Response:
    """Record one claim about a skill or up to 1,000; the newest of the most trusted source counts."""
    return _add(EVIDENCE, employee_id, *read_one_or_many(EvidenceBody))


@facts.get("/completions")
@operation(
    answer=StoredPage,
    scope="read",
    tag="employees",
    query=PageQuery,
    errors=(404, 503),
    headers=READING,
    also={304: None},
)
def completions(employee_id: str) -> Response:
    """List a person's completions, a page at a time, in the order of their ids."""
    return _list(COMPLETIONS, employee_id)


@facts.get("/feedback")
@operation(
    answer=StoredPage,
    scope="read",
    tag="employees",
    query=PageQuery,
    errors=(404, 503),
    headers=READING,
    also={304: None},
)
def feedback(employee_id: str) -> Response:
    """List what a person said of courses, a page at a time, in the order of the ids."""
    return _list(FEEDBACK, employee_id)


@facts.get("/skill-evidence")
@operation(
    answer=StoredPage,
    scope="read",
    tag="employees",
    query=PageQuery,
    errors=(404, 503),
    headers=READING,
    also={304: None},
)
def evidence(employee_id: str) -> Response:
    """List what is claimed of a person's skills, a page at a time, in the order of the ids."""
    return _list(EVIDENCE, employee_id)


@facts.delete("/completions/<id:fact_id>")
@operation(scope="write", tag="employees", status=204, errors=(404, 422, 503), headers=WRITE_HEADERS)
def undo_completion(employee_id: str, fact_id: str) -> Response:
    """Take a completion back."""
    return _undo(COMPLETIONS, employee_id, fact_id)


@facts.delete("/feedback/<id:fact_id>")
@operation(scope="write", tag="employees", status=204, errors=(404, 422, 503), headers=WRITE_HEADERS)
def undo_feedback(employee_id: str, fact_id: str) -> Response:
    """Take back what a person said of a course."""
    return _undo(FEEDBACK, employee_id, fact_id)


@facts.delete("/skill-evidence/<id:fact_id>")
@operation(scope="write", tag="employees", status=204, errors=(404, 422, 503), headers=WRITE_HEADERS)
def undo_evidence(employee_id: str, fact_id: str) -> Response:
    """Take back a claim about a skill."""
    return _undo(EVIDENCE, employee_id, fact_id)


def _add(kind: Facts, employee_id: str, bodies: Sequence[Body], many: bool) -> Response:  # noqa: FBT001 - of one reader
    now = settings().clock()
    found = [body.model_dump() | {"employee_id": employee_id} for body in bodies]
    for row in found:
        row[kind.time] = now if row[kind.time] is None else row[kind.time]
    late = [
        FieldError(
            at_each(f"/{kind.time}", i, many=many),
            f"found {moment_text(row[kind.time])}; expected no later than {moment_text(now + AHEAD)}",
        )
        for i, row in enumerate(found)
        if row[kind.time] > now + AHEAD
    ]
    refuse_wrong(late)

    def change(connection: Connection, tenant: str) -> Written:
        _require_employee(connection, tenant, employee_id)
        subjects = {row[kind.subject] for row in found}
        unknown = subjects - known(connection, tenant, kind.about, subjects)
        noun = kind.about.removesuffix("s")
        refuse_wrong(
            [
                FieldError(
                    at_each(f"/{kind.subject}", i, many=many),
                    f"found {row[kind.subject]!r:.80}; expected a known {noun}",
                )
                for i, row in enumerate(found)
                if row[kind.subject] in unknown
            ]
        )
        rows.put(connection, tenant, kind.table, found)
        ids = [fact_id(kind.table, row) for row in found]
        return Written(201, {"fact_ids": ids} if many else {"fact_id": ids[0]})

    return write(change, employee_id=employee_id)


def _list(kind: Facts, employee_id: str) -> Response:
    asked = read_query(PageQuery)
    mine = (canonical[kind.table].c.employee_id == employee_id,)
    after = None if asked.after is None else (asked.after,)
    with store().read() as connection:
        tenant = current_tenant()
        _require_employee(connection, tenant, employee_id)
        found = rows.page(connection, tenant, kind.table, limit=asked.limit + 1, after=after, where=mine)
        total = rows.count(connection, tenant, kind.table, where=mine)
    page = found[: asked.limit]
    body: dict[str, Any] = {"total": total, kind.table: [_shown(kind, row) for row in page]}
    if len(found) > len(page):
        more = urlencode({"limit": asked.limit, "after": page[-1]["fact_id"]})
        body["next"] = f"/v1/employees/{quote(employee_id, safe='')}/{kind.path}?{more}"
    return tagged(body)


def _undo(kind: Facts, employee_id: str, fact: str) -> Response:
    def change(connection: Connection, tenant: str) -> Written:
        if not rows.remove(connection, tenant, kind.table, employee_id=employee_id, fact_id=fact):
            raise Problem(404, f"There is no such fact of employee {employee_id!r} in {kind.path}.")
        return Written(204)

    return write(change, employee_id=employee_id)


def _shown(kind: Facts, row: rows.Row) -> dict[str, Any]:
    """Return a fact as JSON values, what is unknown left out."""
    columns = [column for column in TABLES[kind.table].columns if column.name != "employee_id"]
    shown = {
        column.name: moment_text(row[column.name]) if column.kind is Kind.TIME else row[column.name]
        for column in columns
        if row[column.name] is not None
    }
    return {"fact_id": row["fact_id"], **shown}


def _require_employee(connection: Connection, tenant: str, employee_id: str) -> None:
    if rows.one(connection, tenant, "employees", employee_id) is None:
        raise Problem(404, f"There is no employee {employee_id!r}.")
