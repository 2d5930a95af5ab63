"""`POST /v1/explanations`: why a course is in the answer to somebody, or why not, and what would bring it in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from recommender.answers_explanation import explanation_to_json
from recommender.explanations import explain
from web.answers import ExplanationAnswer
from web.asking import Question, course_asked, question_of
from web.decision_log import decision_log
from web.live import PINNABLE, SERVED_ERRORS, served
from web.operation import operation
from web.reading import read_body
from web.schemas import ExplanationRequest

explanations = Blueprint("explanations", __name__, url_prefix="/v1")


@explanations.post("/explanations")
@operation(
    scope="read",
    tag="recommendations",
    body=ExplanationRequest,
    answer=ExplanationAnswer,
    errors=SERVED_ERRORS,
    headers=PINNABLE,
)
def why() -> Response:
    """Explain the place of one course in the answer to the person described."""
    asked, live = read_body(ExplanationRequest), served()
    course_asked(live.model, asked.course_id)
    return jsonify(explained(question_of(asked, live), asked))


def explained(question: Question, asked: ExplanationRequest) -> dict[str, Any]:
    """Return the explanation a question asks for as JSON values; Problem 404 if the live model has no such course."""
    live = question.live
    course_idx = course_asked(live.model, asked.course_id)
    found = explain(
        live.recommender, question.query, course_idx, k=asked.k, mode=asked.mode, goal_weight=asked.goal_weight
    )
    body = explanation_to_json(found, live.model)
    shown = [(body["course_id"], body["score"])]
    decision_log().add("explanation", question.employee_id, live.manifest.version, shown)
    return question.answered(body)
