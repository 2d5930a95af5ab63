"""Links into the pages: a platform's key issues one, for an employee or for the manager's overview, good once, for minutes.

They take no `Idempotency-Key`: to answer as before, the ticket would have to be kept in clear for a day. Whoever is unsure
asks for another; one that nobody opens does no harm.
"""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint, Response, jsonify, request
from pydantic import AfterValidator, Field

from recommender.moments import moment_text
from store import keys, visits
from store.visits import Link
from web.answers_keys import LinkAnswer
from web.auth import DEMO_KEY, caller, no_such_key
from web.config import settings
from web.database import store
from web.operation import operation
from web.pages.places import MAX_PLACE, is_within
from web.problems import Problem
from web.reading import read_body
from web.schemas import Strict

links = Blueprint("links", __name__, url_prefix="/v1")


def _under(root: str) -> AfterValidator:
    def checked(path: str) -> str:
        if not is_within(path, root):
            raise ValueError(f"found {path!r:.60}; expected {root} or a path below it")
        return path

    return AfterValidator(checked)


Seconds = Annotated[int, Field(ge=10, le=600, description="For how long the link can be opened.")]
Language = Annotated[
    str,
    Field(
        max_length=35,
        pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$",
        description="What the pages speak if they can, `de` or `de-CH`; unless said, what is stored of the person.",
    ),
]
_TO = Field(min_length=1, max_length=MAX_PLACE, description="The page that opens first.")


class LinkBody(Strict):
    """How a link into the pages is wanted."""

    expires_in: Seconds = 120
    language: Language | None = None


class EmployeeLinkBody(LinkBody):
    """How a link to the pages of an employee is wanted."""

    to: Annotated[str, _TO, _under("/me")] = "/me"


class InsightLinkBody(LinkBody):
    """How a link to the manager's overview is wanted."""

    to: Annotated[str, _TO, _under("/insight")] = "/insight"


@links.post("/employees/<id:employee_id>/links")
@operation(scope="link", tag="links", body=EmployeeLinkBody, answer=LinkAnswer, status=201, errors=(404, 503))
def link_employee(employee_id: str) -> Response:
    """Issue a link that opens the pages of one employee, once.

    Whoever opens it is that employee, for as long as a visit lasts: give it to nobody else, and make one when it is
    asked for.
    """
    body = read_body(EmployeeLinkBody)
    return _issued(visits.EMPLOYEE, employee_id, body, body.to)


@links.post("/insight/links")
@operation(scope="insight", tag="links", body=InsightLinkBody, answer=LinkAnswer, status=201, errors=(503,))
def link_insight() -> Response:
    """Issue a link that opens the manager's overview, once. It shows groups, and nobody's own pages."""
    body = read_body(InsightLinkBody)
    return _issued(visits.INSIGHT, None, body, body.to)


def _issued(kind: str, employee_id: str | None, body: LinkBody, to: str) -> Response:
    asking, at = caller(), settings().clock()
    link = Link(asking.tenant, kind, employee_id, asking.key_id, body.language or "", to)
    with store().change() as connection:
        if asking.key_id != DEMO_KEY and not keys.is_usable(connection, asking.key_id, at=at):
            raise no_such_key()
        ticket = visits.issue(connection, link, at=at, seconds=body.expires_in)
    if ticket is None:
        raise Problem(404, f"There is no employee {employee_id!r}.")
    base = settings().public_url or request.host_url.removesuffix("/")
    answer = jsonify(
        {"url": f"{base}/enter?ticket={ticket}", "ticket": ticket, "expires_at": moment_text(at + body.expires_in)}
    )
    answer.status_code = 201
    return answer
