"""Looking things up: roles to aim at, courses, and why one of them is suggested or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from recommender.arrays import NONE
from recommender.model import Model
from recommender.query import Query
from web.asking import Question
from web.explanations import explained
from web.live import served
from web.operation import HTML, operation
from web.pages.course_view import course_item, course_view
from web.pages.home_asking import effective_budget, offered_by, what_if
from web.pages.home_courses import about, facts_of, feedback_verbs
from web.pages.paging import Page, page_of
from web.pages.searching import found_in
from web.pages.settings import Asked, address, read_asked
from web.pages.told import course_title, role_title
from web.pages.visits import visitor, visitors_only
from web.pages.words import shown
from web.problems import Problem
from web.schemas import ExplanationRequest, GapRequest
from web.stored import question_about, question_of_stored, stored_person
from web.stored_queries import StoredExplanationQuery, StoredGapQuery

AMONG = 10
"""A course is called suggested if it is among so many."""

lookups = Blueprint("lookups", __name__, url_prefix="/me")
visitors_only(lookups, "employee")


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role as a list shows it; `coverage` and `reachable` in [0, 1], None where the role needs nothing known."""

    role_id: str
    title: str
    family: str
    look: str
    coverage: float | None
    reachable: float | None
    is_held: bool
    is_target: bool


@lookups.get("/roles")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def roles() -> str:
    """Show the roles a search finds or, without one, those nearest to who visits."""
    question, _asked = question_about(visitor().employee_id, StoredGapQuery(), GapRequest)
    model, typed = question.live.model, request.args.get("q", "").strip()
    covered = _coverages(question)
    if typed:
        found = found_in(typed, model.roles.titles, (model.roles.families, model.roles.descriptions))
    else:
        found = [role for role in covered if role != question.query.goal_role]
    where = f"/me/roles?{urlencode({'q': typed})}&page={{}}" if typed else "/me/roles?page={}"
    page: Page[int] = page_of(found, request.args.get("page", ""), address=where)
    lines = [_role_line(role, covered, question) for role in page.items]
    return render_template("choices/roles.html", q=typed, page=page, roles=lines)


def _coverages(question: Question) -> Mapping[int, tuple[float, float]]:
    """Return how much of each role is covered and could be, the nearest first; roles that need nothing known are absent."""
    engine, query = question.live.recommender, question.query
    near = engine.near_roles(query, k=len(question.live.model.roles))
    found = {one.role_idx: (one.coverage, one.reachable) for one in near}
    gap = engine.gap(query)
    if gap.coverage is not None:
        found[gap.role_idx] = (gap.coverage, gap.coverage)
    return found


def _role_line(role: int, covered: Mapping[int, tuple[float, float]], question: Question) -> RoleLine:
    model, query = question.live.model, question.query
    role_id = model.roles.ids[role]
    coverage, reachable = covered.get(role, (None, None))
    return RoleLine(
        role_id=role_id,
        title=role_title(model, role_id),
        family=shown(model.roles.families[role]),
        look=address(Asked(role=role_id)),
        coverage=coverage,
        reachable=None if role == query.goal_role else reachable,
        is_held=role == query.role_idx,
        is_target=role == query.goal_role,
    )


@dataclass(frozen=True, slots=True)
class CourseLine:
    """A course as a list shows it."""

    title: str
    address: str
    facts: tuple[str, ...]


@lookups.get("/courses")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def courses() -> str:
    """Show the courses a search finds, each of which leads to why it is suggested or not."""
    question, _asked = question_about(visitor().employee_id, StoredGapQuery(), GapRequest)
    model, typed = question.live.model, request.args.get("q", "").strip()
    catalog = model.catalog
    matching = found_in(typed, catalog.titles, (catalog.providers,))
    found = [course for course in matching if may_see(course, model, question.query)]
    where = f"/me/courses?{urlencode({'q': typed})}&page={{}}"
    page: Page[int] = page_of(found, request.args.get("page", ""), address=where)
    lines = [_course_line(course, model) for course in page.items]
    return render_template("choices/courses.html", q=typed, page=page, courses=lines)


def may_see(course: int, model: Model, query: Query) -> bool:
    """Tell whether somebody may look at a course: a draft is nobody's business but of those who have to do with it."""
    return bool(
        model.catalog.published[course]
        or course in query.history
        or course in query.in_progress
        or course in query.feedback.course_idx
    )


def _course_line(course: int, model: Model) -> CourseLine:
    course_id = model.catalog.ids[course]
    return CourseLine(course_title(model, course_id), about(course_id), facts_of(course_item(course, model)))


@lookups.get("/courses/<id:course_id>")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def course(course_id: str) -> str:
    """Show a course, and why it is among the first suggested or why not; for another role or limits, if they are asked."""
    live, person = served(), stored_person(visitor().employee_id)
    asked = read_asked(request.args, offered_by(live))
    query = StoredExplanationQuery(k=AMONG, **_limits(asked, effective_budget(person, asked)))
    question, explaining = question_of_stored(
        what_if(person, asked), live, query, ExplanationRequest, course_id=course_id
    )
    found = live.model.catalog.ids.find(course_id)
    if found == NONE or not may_see(found, live.model, question.query):
        raise Problem(404, "There is no such course.")
    view = course_view(found, explained(question, explaining), question)
    return render_template(
        "choices/course.html", course=view, verbs=feedback_verbs(), among=AMONG, back_to=address(asked)
    )


def _limits(asked: Asked, budget: float | None) -> dict[str, Any]:
    """Return the limits that the suggestions on the employee's page keep to."""
    given = {
        "target_role": asked.role or None,
        "language": list(asked.language) or None,
        "format": list(asked.format) or None,
        "max_cost": budget,
    }
    return {name: value for name, value in given.items() if value is not None}
