"""From a request to the question it stands for, and what every answer says of the moment it looks from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from recommender.arrays import DAY, NONE
from recommender.model import Model
from recommender.moments import moment_text
from recommender.query import Query
from web.config import settings
from web.live import Served
from web.person import build_query
from web.problems import FieldError, Problem, invalid
from web.schemas import RecommendationRequest


def question(asked: RecommendationRequest, live: Served) -> tuple[Query, dict[str, Any]]:
    """Return the query of a request, and what its answer says beside: `model_as_of`, `trend_age_days`, `ignored`.

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
    beside: dict[str, Any] = {
        "model_as_of": moment_text(model_as_of),
        "trend_age_days": round((as_of - model_as_of) / DAY, 2),
    }
    return query, {**beside, "ignored": [asdict(one) for one in ignored]} if ignored else beside


def course_asked(model: Model, course_id: str) -> int:
    """Return the position of a course; 404 if the live model does not know it."""
    found = model.catalog.ids.find(course_id)
    if found == NONE:
        raise Problem(404, f"The live model knows no course {course_id!r}.")
    return found


def _too_early(as_of: int, model_as_of: int) -> FieldError:
    return FieldError(
        "/person/as_of",
        f"found {moment_text(as_of)}; expected no earlier than {moment_text(model_as_of)}, the moment the model looks "
        "from: it has learned from what came before that.",
    )
