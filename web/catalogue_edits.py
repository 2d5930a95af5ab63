"""Editing the catalogue: courses, roles and skills take effect in the next answer, without a new fit."""

from __future__ import annotations

from flask import Blueprint, Response

from web.conditional import READING, WRITING
from web.operation import operation
from web.resource_bodies import StoredCourse, StoredRole, StoredSkill
from web.resources import ListQuery, delete_one, get_one, get_page, put_many, put_one
from web.stored_answers import ManyWritten, StoredPage, StoredThing
from web.things import COURSES, ROLES, SKILLS
from web.writing import WRITE_HEADERS, many_of

catalogue_edits = Blueprint("catalogue_edits", __name__, url_prefix="/v1")


@catalogue_edits.put("/courses/<id:course_id>")
@operation(
    answer=StoredThing,
    scope="write",
    tag="catalogue",
    body=StoredCourse,
    errors=(412, 422, 503),
    headers=WRITING | WRITE_HEADERS,
    also={201: StoredThing},
)
def put_course(course_id: str) -> Response:
    """Put a course whole: what is left out is not known any more.

    One that is new is scored from what it teaches and says; one that is unpublished is never recommended.
    """
    return put_one(COURSES, course_id)


@catalogue_edits.put("/courses")
@operation(
    answer=ManyWritten,
    scope="write",
    tag="catalogue",
    body=many_of(StoredCourse),
    errors=(422, 503),
    headers=WRITE_HEADERS,
)
def put_courses() -> Response:
    """Put up to 1,000 courses, all of them or, if anything is wrong with one, none."""
    return put_many(COURSES)


@catalogue_edits.delete("/courses/<id:course_id>")
@operation(scope="write", tag="catalogue", status=204, errors=(404, 412, 422, 503), headers=WRITING | WRITE_HEADERS)
def delete_course(course_id: str) -> Response:
    """Delete a course: it is never recommended again; completions of it still count."""
    return delete_one(COURSES, course_id)


@catalogue_edits.put("/roles/<id:role_id>")
@operation(
    answer=StoredThing,
    scope="write",
    tag="catalogue",
    body=StoredRole,
    errors=(412, 422, 503),
    headers=WRITING | WRITE_HEADERS,
    also={201: StoredThing},
)
def put_role(role_id: str) -> Response:
    """Put a role whole: what is left out is not known any more."""
    return put_one(ROLES, role_id)


@catalogue_edits.put("/roles")
@operation(
    answer=ManyWritten,
    scope="write",
    tag="catalogue",
    body=many_of(StoredRole),
    errors=(422, 503),
    headers=WRITE_HEADERS,
)
def put_roles() -> Response:
    """Put up to 1,000 roles, all of them or, if anything is wrong with one, none."""
    return put_many(ROLES)


@catalogue_edits.delete("/roles/<id:role_id>")
@operation(scope="write", tag="catalogue", status=204, errors=(404, 412, 422, 503), headers=WRITING | WRITE_HEADERS)
def delete_role(role_id: str) -> Response:
    """Delete a role and what it needs."""
    return delete_one(ROLES, role_id)


@catalogue_edits.get("/skills")
@operation(
    answer=StoredPage, scope="read", tag="catalogue", query=ListQuery, errors=(503,), headers=READING, also={304: None}
)
def list_skills() -> Response:
    """List skills, a page at a time, in the order of their ids."""
    return get_page(SKILLS)


@catalogue_edits.get("/skills/<id:skill_id>")
@operation(answer=StoredThing, scope="read", tag="catalogue", errors=(404, 503), headers=READING, also={304: None})
def get_skill(skill_id: str) -> Response:
    """Return a skill as it is stored."""
    return get_one(SKILLS, skill_id)


@catalogue_edits.put("/skills/<id:skill_id>")
@operation(
    answer=StoredThing,
    scope="write",
    tag="catalogue",
    body=StoredSkill,
    errors=(412, 422, 503),
    headers=WRITING | WRITE_HEADERS,
    also={201: StoredThing},
)
def put_skill(skill_id: str) -> Response:
    """Put a skill whole: what is left out is not known any more."""
    return put_one(SKILLS, skill_id)


@catalogue_edits.put("/skills")
@operation(
    answer=ManyWritten,
    scope="write",
    tag="catalogue",
    body=many_of(StoredSkill),
    errors=(422, 503),
    headers=WRITE_HEADERS,
)
def put_skills() -> Response:
    """Put up to 1,000 skills, all of them or, if anything is wrong with one, none."""
    return put_many(SKILLS)


@catalogue_edits.delete("/skills/<id:skill_id>")
@operation(
    scope="write", tag="catalogue", status=204, errors=(404, 409, 412, 422, 503), headers=WRITING | WRITE_HEADERS
)
def delete_skill(skill_id: str) -> Response:
    """Delete a skill that no course teaches and no role needs."""
    return delete_one(SKILLS, skill_id)
