"""`GET /v1/employees/{id}/…`: the same questions as with a person in the request, about somebody stored.

The stored person becomes the person a request would describe, so that the same facts give the same answer. What was
written a second ago counts: the moment asked about lies after the latest fact.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar, cast

from flask import Blueprint, Response, jsonify

from recommender.errors import StoreUnavailable
from store.people import StoredPerson, person_and_revision, person_of
from web.answers import ExplanationAnswer, GapAnswer, PathAnswer, RecommendationAnswer
from web.asking import Question, model_moment, question_of
from web.auth import current_tenant
from web.config import settings
from web.database import store
from web.explanations import explained
from web.live import PINNABLE, SERVED_ERRORS, Served, answering, loaded
from web.operation import operation
from web.paths import gap_answer, path_answer
from web.person import Ignored
from web.problems import Problem
from web.reading import read_query
from web.recommendations import recommended
from web.schemas import (
    NO_LISTS,
    AboutPerson,
    AssignmentItem,
    BegunItem,
    CompletionItem,
    ExplanationRequest,
    FeedbackItem,
    GapRequest,
    PathRequest,
    Person,
    RecommendationRequest,
    SkillClaim,
)
from web.stored_queries import StoredExplanationQuery, StoredGapQuery, StoredPathQuery, StoredQuery, StoredTarget

stored = Blueprint("stored", __name__, url_prefix="/v1/employees/<id:employee_id>")

AHEAD = 300
"""Seconds by which the clocks of those who send facts may be ahead of ours."""
TARGET = "/person/target_role_id"

Asked = TypeVar("Asked", bound=AboutPerson)


@stored.get("/recommendations")
@operation(
    scope="read",
    tag="recommendations",
    query=StoredQuery,
    answer=RecommendationAnswer,
    errors=SERVED_ERRORS,
    headers=PINNABLE,
)
def recommendations(employee_id: str) -> Response:
    """Answer with the k best next courses for an employee, each with the parts of its score and its reasons."""
    question, asked = question_about(employee_id, read_query(StoredQuery), RecommendationRequest)
    return jsonify(recommended(question, asked))


@stored.get("/path")
@operation(scope="read", tag="paths", query=StoredPathQuery, answer=PathAnswer, errors=SERVED_ERRORS, headers=PINNABLE)
def path(employee_id: str) -> Response:
    """Answer with the ordered courses that close most of an employee's gap within the limits."""
    question, asked = question_about(employee_id, read_query(StoredPathQuery), PathRequest)
    return jsonify(path_answer(question, asked))


@stored.get("/skill-gap")
@operation(scope="read", tag="skills", query=StoredGapQuery, answer=GapAnswer, errors=SERVED_ERRORS, headers=PINNABLE)
def skill_gap(employee_id: str) -> Response:
    """Answer with what an employee misses for the role aimed at, how sure that is, and which roles are near."""
    question, asked = question_about(employee_id, read_query(StoredGapQuery), GapRequest)
    return jsonify(gap_answer(question, asked))


@stored.get("/recommendations/<id:course_id>/explanation")
@operation(
    scope="read",
    tag="recommendations",
    query=StoredExplanationQuery,
    answer=ExplanationAnswer,
    errors=SERVED_ERRORS,
    headers=PINNABLE,
)
def explanation(employee_id: str, course_id: str) -> Response:
    """Explain the place of one course in the answer to an employee."""
    asked_of = read_query(StoredExplanationQuery)
    question, asked = question_about(employee_id, asked_of, ExplanationRequest, course_id=course_id)
    return jsonify(explained(question, asked))


def question_about(employee_id: str, query: StoredTarget, request: type[Asked], **more: str) -> tuple[Question, Asked]:
    """Return the question about a stored person, and the request it would be with the person in it.

    Raises
    ------
    Problem
        404 if there is no such person.
    """
    version = loaded()
    try:
        person, revision = person_and_revision(store(), current_tenant(), employee_id)
    except (Problem, StoreUnavailable):
        answering(version)  # the log says what would have answered
        raise
    live = answering(version, seen=revision.catalogue)
    return question_of_stored(_there(person, employee_id), live, query, request, **more)


def stored_person(employee_id: str) -> StoredPerson:
    """Return what is stored of a person of the tenant that asks; Problem 404 if there is no such person."""
    return _there(person_of(store(), current_tenant(), employee_id), employee_id)


def _there(person: StoredPerson | None, employee_id: str) -> StoredPerson:
    if person is None:
        raise Problem(404, f"There is no employee {employee_id!r}.")
    return person


def question_of_stored(
    person: StoredPerson, live: Served, query: StoredTarget, request: type[Asked], **more: str
) -> tuple[Question, Asked]:
    """Return the question about a person as they were read, and the request it would be with the person in it."""
    now = max(settings().clock(), model_moment(live))
    as_of = max(now, person.latest(until=now + AHEAD)) + 1
    given = {name: getattr(query, name) for name in query.model_fields_set if name != "target_role"}
    described = described_person(person, as_of=as_of, target_role=query.target_role)
    asked = cast(Asked, request.model_construct(**NO_LISTS | given | more, person=described))
    found = question_of(asked, live)
    ignored = tuple([_renamed(one, query) for one in found.ignored])
    return Question(found.query, live, ignored, person.employee_id), asked


def described_person(person: StoredPerson, *, as_of: int, target_role: str | None = None) -> Person:
    """Return a stored person at a moment as a request would describe them; nothing is validated again.

    Undated facts keep their place before everything dated, as in a data set.
    """
    share = {course: done for course, done, at in person.begun if at < as_of}
    return Person.known(
        history=[CompletionItem.known(course_id=c, completed_at=at) for c, at in person.history],
        role_id=person.role_at(as_of) or None,
        target_role_id=target_role or person.target_at(as_of) or None,
        skills=[
            SkillClaim.known(skill_id=skill, level=level, source=source, observed_at=at)
            for skill, level, source, at in person.claims
        ],
        department=person.department,
        location=person.location,
        language=person.language,
        hours_per_week=person.hours_per_week,
        budget=person.budget,
        dismissed=[],
        in_progress=[BegunItem.known(course_id=c, progress=done) for c, done in share.items()],
        feedback=[FeedbackItem.known(course_id=c, verb=verb, at=at) for c, verb, at in person.feedback],
        assignments=[
            AssignmentItem.known(course_id=course, due_at=due_at, recur_days=recur_days)
            for course, due_at, recur_days in person.duties_at(as_of)
        ],
        as_of=as_of,
    )


def _renamed(one: Ignored, query: StoredTarget) -> Ignored:
    """Return what was left out with a pointer to the parameter that named it, where one did."""
    return replace(one, pointer="/target_role") if query.target_role and one.pointer == TARGET else one
