"""`POST /v1/recommendations`: ranked next courses for a person described in the request."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from recommender.answers import answer_to_json
from web.asking import Question, question_of
from web.live import Served, served
from web.metrics import metrics
from web.operation import operation
from web.reading import read_body
from web.schemas import RecommendationRequest

recommendations = Blueprint("recommendations", __name__, url_prefix="/v1")


@recommendations.post("/recommendations")
@operation(scope="read", tag="recommendations", body=RecommendationRequest, errors=(503,))
def recommend() -> Response:
    """Answer with the k best next courses, each with the parts of its score and its reasons."""
    return jsonify(answer(read_body(RecommendationRequest), served()))


def answer(asked: RecommendationRequest, live: Served) -> dict[str, Any]:
    """Return the answer to a request as JSON values; Problem 400 if it looks from before the model's own moment."""
    return recommended(question_of(asked, live), asked)


def recommended(question: Question, asked: RecommendationRequest) -> dict[str, Any]:
    """Return the answer to a question as JSON values."""
    engine = question.live.recommender
    found = engine.recommend(question.query, k=asked.k, mode=asked.mode, goal_weight=asked.goal_weight)
    metrics().recommendation(found)
    return question.answered(answer_to_json(found, question.live.model))
