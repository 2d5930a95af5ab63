"""Explanations as the JSON values that the service and the command line both print."""

from __future__ import annotations

from typing import Any

from recommender.arrays import NONE
from recommender.changes import Change
from recommender.explanations import Against, Explanation
from recommender.model import Model
from recommender.reasons import add_why, as_dicts


def explanation_to_json(found: Explanation, model: Model) -> dict[str, Any]:
    """Return an explanation as JSON values; what is unknown or does not apply is absent."""
    query, course = found.query, found.course
    body: dict[str, Any] = {}
    if query.goal_role != NONE:
        body["target_role_id"] = model.roles.ids[query.goal_role]
    body |= {
        "mode": found.mode,
        "goal_weight": found.goal_weight,
        "k": found.k,
        "course_id": model.catalog.ids[course.course_idx],
        "title": model.catalog.titles[course.course_idx],
        "in_top_k": found.in_top_k,
    }
    if course.rank:
        body["rank"] = course.rank
    body["of"] = found.of
    add_why(body, course, model.skills)
    body["excluded_by"] = as_dicts(found.excluded_by)
    if found.against is not None:
        body["against_kth"] = _against(found.against, model)
    if found.change is not None:
        body["change"] = _change(found.change)
    return body | {"tried": found.n_tried, "tried_all": found.tried_all}


def _against(one: Against, model: Model) -> dict[str, Any]:
    return {
        "rank": one.rank,
        "course_id": model.catalog.ids[one.course_idx],
        "title": model.catalog.titles[one.course_idx],
        "score": round(one.score, 9),
        "differences": [{"part": name, "difference": round(value, 9)} for name, value in one.differences],
    }


def _change(one: Change) -> dict[str, Any]:
    text = f"{one.text}, and it would be number {one.rank}."
    return {"kind": one.kind, "size": one.size, "text": text, "rank": one.rank, **one.numbers}
