"""`GET /v1/roles` and `GET /v1/courses/{id}`: what is stored; without a stored catalogue, what the live model knows."""

from __future__ import annotations

import hashlib
import math
from typing import Annotated
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, jsonify, request
from pydantic import Field, RootModel

from recommender.arrays import EARLIEST, LATEST, NONE
from recommender.catalog import SkillRows
from recommender.model import Model
from recommender.moments import moment_text
from recommender.schema import DIFFICULTIES
from web.answers_catalogue import CourseAnswer, RolesAnswer
from web.asking import course_asked
from web.live import PINNABLE, PINNED, SERVED_ERRORS, Served, served
from web.operation import operation
from web.problems import FieldError, invalid
from web.reading import read_query
from web.resources import ListQuery, get_one, get_page, has_own
from web.schemas import Id, Strict
from web.stored_answers import StoredPage, StoredThing
from web.things import COURSES, ROLES

catalog = Blueprint("catalog", __name__, url_prefix="/v1")

DEFAULT_PAGE = 100
MAX_PAGE = 1_000
CONDITIONAL = {"If-None-Match": "The ETag of an earlier answer; 304 if it still holds."}


class EitherRoles(RootModel[RolesAnswer | StoredPage]):
    """A page of the model's roles, or of those stored."""


class EitherCourse(RootModel[CourseAnswer | StoredThing]):
    """A course as the model knows it, or as it is stored."""


class RolesQuery(Strict):
    """Which page of the roles is wanted."""

    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE
    after: Id | None = None


@catalog.get("/roles")
@operation(
    scope="read",
    tag="catalogue",
    query=RolesQuery,
    answer=EitherRoles,
    errors=SERVED_ERRORS,
    headers={**CONDITIONAL, **PINNABLE},
    also={304: None},
)
def roles() -> Response:
    """List roles, a page at a time, each with the skills it needs."""
    if has_own(ROLES):
        return get_page(ROLES)
    live = served()
    limit, after = _page_asked(live.model)
    known = live.model.roles
    stop = min(after + 1 + limit, len(known))
    body: dict[str, object] = {
        "model_version": live.manifest.version,
        "total": len(known),
        "roles": [_role(live.model, i) for i in range(after + 1, stop)],
    }
    if stop < len(known):
        body["next"] = "/v1/roles?" + urlencode({"limit": limit, "after": known.ids[stop - 1]})
    return _tagged(jsonify(body), live)


@catalog.get("/courses/<id:course_id>")
@operation(
    scope="read",
    tag="catalogue",
    answer=EitherCourse,
    errors=SERVED_ERRORS,
    headers={**CONDITIONAL, **PINNABLE},
    also={304: None},
)
def course(course_id: str) -> Response:
    """Describe one course."""
    if has_own(COURSES):
        return get_one(COURSES, course_id)
    live = served()
    i = course_asked(live.model, course_id)
    return _tagged(jsonify({**_course(live.model, i), "model_version": live.manifest.version}), live)


@catalog.get("/courses")
@operation(
    answer=StoredPage,
    scope="read",
    tag="catalogue",
    query=ListQuery,
    errors=(503,),
    headers=CONDITIONAL,
    also={304: None},
)
def courses() -> Response:
    """List stored courses, a page at a time, in the order of their ids, those that were deleted left out."""
    return get_page(COURSES)


@catalog.get("/roles/<id:role_id>")
@operation(answer=StoredThing, scope="read", tag="catalogue", errors=(404, 503), headers=CONDITIONAL, also={304: None})
def role(role_id: str) -> Response:
    """Describe one stored role and the skills it needs."""
    return get_one(ROLES, role_id)


def _page_asked(model: Model) -> tuple[int, int]:
    """Return how many roles a page holds and the position it begins after."""
    asked = read_query(RolesQuery)
    begin = NONE if asked.after is None else model.roles.ids.find(asked.after)
    if asked.after is not None and begin == NONE:
        found = f"found {asked.after[:60]!r}"
        raise invalid([FieldError("/after", f"{found}; expected the id of a role, from an earlier page")])
    return asked.limit, begin


def _role(model: Model, i: int) -> dict[str, object]:
    known = model.roles
    body: dict[str, object] = {
        "role_id": known.ids[i],
        "title": known.titles[i],
        "family": known.families[i],
        "description": known.descriptions[i],
        "skills": _skills(model, known.needs, i, weight="importance"),
    }
    return _present(body)


def _course(model: Model, i: int) -> dict[str, object]:
    known = model.catalog
    difficulty, cost = int(known.difficulty[i]), float(known.cost[i])
    first, last = int(known.available_from[i]), int(known.available_to[i])
    body: dict[str, object] = {
        "course_id": known.ids[i],
        "title": known.titles[i],
        "description": known.descriptions[i],
        "provider": known.providers[i],
        "format": known.formats[i],
        "language": known.languages[i],
        "difficulty": DIFFICULTIES[difficulty - 1] if difficulty else "",
        "hours": round(float(known.hours[i]), 2),
        "hours_assumed": bool(known.hours_assumed[i]),
        "cost": None if math.isnan(cost) else round(cost, 2),
        "url": known.urls[i],
        "tags": list(known.tags[i]),
        "audience": list(known.audience[i]),
        "credential": known.credentials[i],
        "prerequisites": [known.ids[int(one)] for one in known.prerequisites.row(i)],
        "supersedes": [known.ids[int(one)] for one in known.supersedes.row(i)],
        "available_from": None if first == EARLIEST else moment_text(first),
        "available_to": None if last == LATEST else moment_text(last),
        "published": bool(known.published[i]),
        "skills": _skills(model, known.skills, i, weight="confidence"),
    }
    return _present(body)


def _skills(model: Model, rows: SkillRows, i: int, *, weight: str) -> list[dict[str, object]]:
    names = model.skills
    return [
        {
            "skill_id": names.ids[int(rows.skill_idx[at])],
            "name": names.names[int(rows.skill_idx[at])],
            "level": int(rows.level[at]),
            weight: round(float(rows.weight[at]), 4),
            **({"inferred": True, "confidence": round(float(rows.confidence[at]), 4)} if rows.inferred[at] else {}),
        }
        for at in range(*rows.span(i).indices(len(rows.skill_idx)))
    ]


def _present(body: dict[str, object]) -> dict[str, object]:
    """Leave out what is unknown."""
    return {name: value for name, value in body.items() if value is not None and value not in ("", [])}


def _tagged(answer: Response, live: Served) -> Response:
    """Give an answer an ETag that changes with its content, and answer 304 to a reader who has it."""
    answer.set_etag(hashlib.sha256(quote(live.manifest.version).encode() + answer.get_data()).hexdigest()[:32])
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.vary.add(PINNED)
    answer.make_conditional(request)
    return answer
