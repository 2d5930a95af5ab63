"""`POST /v1/recommendations`: ranked next courses for a person described in the request."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify

from recommender.answers import answer_to_json
from recommender.moments import moment_text
from web.config import settings
from web.live import Served, served
from web.person import build_query
from web.problems import FieldError, invalid
from web.schemas import RecommendationRequest, read_body

recommendations = Blueprint("recommendations", __name__, url_prefix="/v1")

_SECONDS_A_DAY = 86_400


@recommendations.post("/recommendations")
def recommend() -> Response:
    """Answer with the k best next courses, each with the parts of its score and its reasons."""
    return jsonify(answer(read_body(RecommendationRequest), served()))


def answer(asked: RecommendationRequest, live: Served) -> dict[str, Any]:
    """Return the answer to a request as JSON values.

    A request that names no moment asks about now, or about the model's own moment should that lie ahead.

    Raises
    ------
    Problem
        400 if the moment asked about lies before the model's own: it has seen what came after.
    """
    model_as_of = int(live.manifest.origin.as_of.timestamp())
    as_of = max(settings().clock(), model_as_of) if asked.person.as_of is None else asked.person.as_of
    if as_of < model_as_of:
        raise invalid([_too_early(as_of, model_as_of)])
    model = live.model
    query, ignored = build_query(asked, catalog=model.catalog, roles=model.roles, skills=model.skills.ids, as_of=as_of)
    found = live.recommender.recommend(query, k=asked.k, mode=asked.mode, goal_weight=asked.goal_weight)
    body = answer_to_json(found, model, model_version=live.manifest.version)
    body["model_as_of"] = moment_text(model_as_of)
    body["trend_age_days"] = round((as_of - model_as_of) / _SECONDS_A_DAY, 2)
    if ignored:
        body["ignored"] = [asdict(one) for one in ignored]
    return body


def _too_early(as_of: int, model_as_of: int) -> FieldError:
    return FieldError(
        "/person/as_of",
        f"found {moment_text(as_of)}; expected no earlier than {moment_text(model_as_of)}, the moment the model looks "
        "from: it has learned from what came before that.",
    )
