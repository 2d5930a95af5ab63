"""Employees and mandatory training: put, read and listed; they count in the next answer."""

from __future__ import annotations

from flask import Blueprint, Response

from web.conditional import READING, WRITING
from web.operation import operation
from web.resource_bodies import StoredAssignment, StoredEmployee
from web.resources import ListQuery, delete_one, get_one, get_page, put_many, put_one
from web.stored_answers import ManyWritten, StoredPage, StoredThing
from web.things import ASSIGNMENTS, EMPLOYEES
from web.writing import WRITE_HEADERS, many_of

people = Blueprint("people", __name__, url_prefix="/v1")


@people.get("/employees")
@operation(
    answer=StoredPage, scope="read", tag="employees", query=ListQuery, errors=(503,), headers=READING, also={304: None}
)
def list_employees() -> Response:
    """List employees, a page at a time, in the order of their ids."""
    return get_page(EMPLOYEES)


@people.get("/employees/<id:employee_id>")
@operation(answer=StoredThing, scope="read", tag="employees", errors=(404, 503), headers=READING, also={304: None})
def get_employee(employee_id: str) -> Response:
    """Return an employee as it is stored."""
    return get_one(EMPLOYEES, employee_id)


@people.put("/employees/<id:employee_id>")
@operation(
    answer=StoredThing,
    scope="write",
    tag="employees",
    body=StoredEmployee,
    errors=(409, 410, 412, 422, 503),
    headers=WRITING | WRITE_HEADERS,
    also={201: StoredThing},
)
def put_employee(employee_id: str) -> Response:
    """Put an employee whole: what is left out is not known any more.

    Another role than before is recorded as a change of role at this moment.
    """
    return put_one(EMPLOYEES, employee_id)


@people.put("/employees")
@operation(
    answer=ManyWritten,
    scope="write",
    tag="employees",
    body=many_of(StoredEmployee),
    errors=(409, 410, 422, 503),
    headers=WRITE_HEADERS,
)
def put_employees() -> Response:
    """Put up to 1,000 employees, all of them or, if anything is wrong with one, none."""
    return put_many(EMPLOYEES)


@people.get("/assignments")
@operation(
    answer=StoredPage, scope="read", tag="employees", query=ListQuery, errors=(503,), headers=READING, also={304: None}
)
def list_assignments() -> Response:
    """List assignments, a page at a time, in the order of their ids."""
    return get_page(ASSIGNMENTS)


@people.get("/assignments/<id:assignment_id>")
@operation(answer=StoredThing, scope="read", tag="employees", errors=(404, 503), headers=READING, also={304: None})
def get_assignment(assignment_id: str) -> Response:
    """Return an assignment as it is stored."""
    return get_one(ASSIGNMENTS, assignment_id)


@people.put("/assignments/<id:assignment_id>")
@operation(
    answer=StoredThing,
    scope="write",
    tag="employees",
    body=StoredAssignment,
    errors=(412, 422, 503),
    headers=WRITING | WRITE_HEADERS,
    also={201: StoredThing},
)
def put_assignment(assignment_id: str) -> Response:
    """Put an assignment whole: what is left out is not known any more."""
    return put_one(ASSIGNMENTS, assignment_id)


@people.put("/assignments")
@operation(
    answer=ManyWritten,
    scope="write",
    tag="employees",
    body=many_of(StoredAssignment),
    errors=(422, 503),
    headers=WRITE_HEADERS,
)
def put_assignments() -> Response:
    """Put up to 1,000 assignments, all of them or, if anything is wrong with one, none."""
    return put_many(ASSIGNMENTS)


@people.delete("/assignments/<id:assignment_id>")
@operation(scope="write", tag="employees", status=204, errors=(404, 412, 422, 503), headers=WRITING | WRITE_HEADERS)
def delete_assignment(assignment_id: str) -> Response:
    """Delete an assignment."""
    return delete_one(ASSIGNMENTS, assignment_id)
