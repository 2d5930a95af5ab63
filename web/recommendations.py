"""`POST /v1/recommendations` and its batch: ranked next courses for people described in the request."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from recommender.answers import answer_to_json
from web.answers import BatchAnswer, RecommendationAnswer
from web.asking import Question, question_of
from web.config import settings
from web.decision_log import decision_log
from web.live import PINNABLE, SERVED_ERRORS, Served, served
from web.metrics import metrics
from web.operation import operation
from web.problems import FieldError, Problem, invalid
from web.reading import read_body
from web.schemas import BatchRequest, RecommendationRequest

recommendations = Blueprint("recommendations", __name__, url_prefix="/v1")


@recommendations.post("/recommendations")
@operation(
    scope="read",
    tag="recommendations",
    body=RecommendationRequest,
    answer=RecommendationAnswer,
    errors=SERVED_ERRORS,
    headers=PINNABLE,
)
def recommend() -> Response:
    """Answer with the k best next courses, each with the parts of its score and its reasons."""
    return jsonify(answer(read_body(RecommendationRequest), served()))


@recommendations.post("/recommendations/batch")
@operation(
    scope="read", tag="recommendations", body=BatchRequest, answer=BatchAnswer, errors=SERVED_ERRORS, headers=PINNABLE
)
def recommend_to_many() -> Response:
    """Answer many requests for recommendations at once, in their order and by one model version.

    A request that is well formed and cannot be answered has a `problem` in place of its `answer`; the others are
    answered. A field that is not as expected refuses the whole.
    """
    asked, live = read_body(BatchRequest).requests, served()
    most = settings().max_batch
    if len(asked) > most:
        raise invalid([FieldError("/requests", f"found {len(asked)} elements; expected at most {most}")])
    metrics().batch(len(asked))
    answers = [_answer_or_problem(one, i, live) for i, one in enumerate(asked)]
    return jsonify({"model_version": live.manifest.version, "answers": answers})


def _answer_or_problem(asked: RecommendationRequest, position: int, live: Served) -> dict[str, Any]:
    """Return one answer of a batch; pointers lead into the whole of the request."""
    within = f"/requests/{position}"
    try:
        found = answer(asked, live)
    except Problem as problem:
        return {"problem": problem.within(within).body()}
    for one in found.get("ignored", ()):
        one["pointer"] = within + one["pointer"]
    return {"answer": found}


def answer(asked: RecommendationRequest, live: Served) -> dict[str, Any]:
    """Return the answer to a request as JSON values; Problem 400 if it looks from before the model's own moment."""
    return recommended(question_of(asked, live), asked)


def recommended(question: Question, asked: RecommendationRequest) -> dict[str, Any]:
    """Return the answer to a question as JSON values."""
    engine = question.live.recommender
    found = engine.recommend(question.query, k=asked.k, mode=asked.mode, goal_weight=asked.goal_weight)
    metrics().recommendation(found)
    body = answer_to_json(found, question.live.model)
    shown = [(one["course_id"], one["score"]) for one in body["recommendations"]]
    decision_log().add("recommendations", question.employee_id, question.live.manifest.version, shown)
    return question.answered(body)
