"""`/v1/employees/{id}/data`: all that is held of a person, and its erasure."""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, Response, jsonify

from recommender.errors import StoreUnavailable
from store.erasure import erase, held
from web.auth import current_tenant
from web.config import settings
from web.database import store
from web.decision_log import decision_log
from web.operation import operation
from web.pages.home_path import kept_paths
from web.problems import Problem
from web.stored_answers import EmployeeData

rights = Blueprint("rights", __name__, url_prefix="/v1/employees/<id:employee_id>")

_log = logging.getLogger("lpr.web")


@rights.get("/data")
@operation(scope="admin", tag="employees", answer=EmployeeData, errors=(404, 503))
def data(employee_id: str) -> Response:
    """Answer with every row held of a person, by table.

    Besides the tables they hold events as received (`statements`) and what was shown to them (`decisions`). Rows are as
    stored: moments in seconds since 1970-01-01 UTC, lists separated by `|`.
    """
    tables = held_of(employee_id)
    answer = jsonify({"employee_id": employee_id, "tables": tables})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@rights.delete("/data")
@operation(scope="admin", tag="employees", status=204, errors=(404, 503))
def erase_data(employee_id: str) -> Response:
    """Erase a person from everything that is held; a keyed hash of their names stays, so that nobody stores them again.

    What was shown to them stays in the decision log as shown to nobody.
    """
    erase_person(employee_id)
    return Response(status=204)


@rights.delete("")
@operation(scope="admin", tag="employees", status=204, errors=(404, 503))
def erase_employee(employee_id: str) -> Response:
    """Erase a person, the same as `DELETE /v1/employees/{employee_id}/data`."""
    erase_person(employee_id)
    return Response(status=204)


def held_of(employee_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return every row held of a person of the tenant that asks, by table; Problem 404 if nothing is."""
    decision_log().flush()
    with store().read() as connection:
        tables = held(connection, current_tenant(), employee_id)
    if not tables:
        raise _nobody(employee_id)
    return tables


def erase_person(employee_id: str) -> None:
    """Erase a person of the tenant that asks from everything that is held; Problem 404 if nothing is."""
    database = store()
    with database.write(current_tenant()) as connection:
        n = erase(connection, current_tenant(), employee_id, at=settings().clock())
    if not n:
        raise _nobody(employee_id)
    kept_paths().forget(current_tenant(), employee_id)
    try:
        database.forget_freed_pages()
    except StoreUnavailable as error:  # the erasure is done and must not be reported as failed
        _log.warning("the log of the database still has erased rows: %s", error)


def _nobody(employee_id: str) -> Problem:
    return Problem(404, f"Nothing is held of an employee {employee_id!r}.")
