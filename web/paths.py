"""`POST /v1/paths` and `POST /v1/skill-gaps`: how a person described in the request gets to a role, and what is missing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from recommender.answers_path import gap_to_json, path_to_json
from recommender.moments import moment_text
from recommender.path_parts import PathLimits
from web.answers import GapAnswer, PathAnswer
from web.asking import Question, question_of
from web.decision_log import decision_log
from web.live import PINNABLE, SERVED_ERRORS, served
from web.metrics import metrics
from web.operation import operation
from web.problems import FieldError, invalid
from web.reading import read_body
from web.schemas import GapRequest, PathRequest

paths = Blueprint("paths", __name__, url_prefix="/v1")


@paths.post("/paths")
@operation(scope="read", tag="paths", body=PathRequest, answer=PathAnswer, errors=SERVED_ERRORS, headers=PINNABLE)
def path() -> Response:
    """Answer with the ordered courses that close most of the gap within the limits."""
    asked = read_body(PathRequest)
    return jsonify(path_answer(question_of(asked, served()), asked))


def path_answer(question: Question, asked: PathRequest) -> dict[str, Any]:
    """Return the path of a question as JSON values; Problem 400 if it is to end before the moment asked about."""
    body = found_path(question, asked)
    log_path(question, body)
    return body


def found_path(question: Question, asked: PathRequest, *, time_limit: float | None = None) -> dict[str, Any]:
    """Return what `path_answer` does without noting that it was shown.

    `time_limit` is as in `Recommender.path`; a greedy path that was asked for is no fallback and not counted as one.
    """
    if asked.by is not None and asked.by < question.query.as_of:
        moment, now = moment_text(asked.by), moment_text(question.query.as_of)
        raise invalid([FieldError("/by", f"found {moment}; expected no earlier than {now}, the moment asked about.")])
    limits = PathLimits(asked.hours, asked.budget, asked.by, asked.hours_per_week)
    found = question.live.recommender.path(question.query, limits, time_limit=time_limit)
    if time_limit != 0:
        metrics().path(found)
    return question.answered(path_to_json(found, question.live.model))


def log_path(question: Question, body: dict[str, Any]) -> None:
    """Note that a path is shown."""
    shown = [(one["course_id"], one["coverage_after"]) for one in body["steps"]]
    decision_log().add("path", question.employee_id, question.live.manifest.version, shown)


@paths.post("/skill-gaps")
@operation(scope="read", tag="skills", body=GapRequest, answer=GapAnswer, errors=SERVED_ERRORS, headers=PINNABLE)
def skill_gap() -> Response:
    """Answer with what is missing for the role aimed at, how sure that is, and which roles are near."""
    asked = read_body(GapRequest)
    return jsonify(gap_answer(question_of(asked, served()), asked))


def gap_answer(question: Question, asked: GapRequest) -> dict[str, Any]:
    """Return the skill gap of a question as JSON values."""
    engine = question.live.recommender
    near = engine.near_roles(question.query, k=asked.adjacent)
    return question.answered(gap_to_json(engine.gap(question.query), near, question.live.model))
