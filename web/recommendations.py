"""`POST /v1/recommendations`: ranked next courses for a person described in the request."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from recommender.answers import answer_to_json
from web.asking import question
from web.live import Served, served
from web.schemas import RecommendationRequest, read_body

recommendations = Blueprint("recommendations", __name__, url_prefix="/v1")


@recommendations.post("/recommendations")
def recommend() -> Response:
    """Answer with the k best next courses, each with the parts of its score and its reasons."""
    return jsonify(answer(read_body(RecommendationRequest), served()))


def answer(asked: RecommendationRequest, live: Served) -> dict[str, Any]:
    """Return the answer to a request as JSON values; a Problem as `web.asking.question`."""
    query, beside = question(asked, live)
    found = live.recommender.recommend(query, k=asked.k, mode=asked.mode, goal_weight=asked.goal_weight)
    return answer_to_json(found, live.model, model_version=live.manifest.version) | beside
