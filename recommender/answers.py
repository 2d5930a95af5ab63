"""Answers as the JSON values of design section 9: what the service, the batch and the command line all print."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Any

from recommender.arrays import DAY, NONE
from recommender.engine import Answer, Recommendation
from recommender.model import Model
from recommender.moments import moment_text
from recommender.query import Query
from recommender.required import Required
from recommender.rounding import rounded


def answered(
    body: dict[str, Any], query: Query, *, model_version: str, model_as_of: int, employee_id: str = ""
) -> dict[str, Any]:
    """Return an answer between what every answer begins and ends with.

    It begins with which model says it, of which moment, and about whom if that is known; it ends with the moment the model
    looks from and how many days its view of what is rising is older than the question.
    """
    begins: dict[str, Any] = {"model_version": model_version, "as_of": moment_text(query.as_of)}
    if employee_id:
        begins["employee_id"] = employee_id
    ends = {
        "model_as_of": moment_text(model_as_of),
        "trend_age_days": round((query.as_of - model_as_of) / DAY, 2),
    }
    return {**begins, **body, **ends}


def answer_to_json(answer: Answer, model: Model) -> dict[str, Any]:
    """Return ranked courses as the JSON values of design section 9; what is unknown is absent."""
    query = answer.query
    body: dict[str, Any] = {}
    if query.goal_role != NONE:
        body["target_role_id"] = model.roles.ids[query.goal_role]
    body |= {"mode": answer.mode, "goal_weight": answer.goal_weight}
    whys = whys_to_json(answer.recommendations, model)
    body["recommendations"] = [_item(one, why, model) for one, why in zip(answer.recommendations, whys, strict=True)]
    body["required"] = [required_item(one, model) for one in answer.required]
    return body


def required_item(one: Required, model: Model) -> dict[str, Any]:
    """Return one piece of mandatory training."""
    catalog, i = model.catalog, one.course_idx
    item: dict[str, Any] = {"course_id": catalog.ids[i], "title": catalog.titles[i]}
    if one.due_at is not None:
        item["due_at"] = moment_text(one.due_at)
    return item | {"hours": round(one.hours, 2), "overdue": one.overdue, "recurring": one.recurring}


def _item(one: Recommendation, why: dict[str, Any], model: Model) -> dict[str, Any]:
    catalog, i = model.catalog, one.course_idx
    item: dict[str, Any] = {
        "rank": one.rank,
        "course_id": catalog.ids.ids[i],
        "title": catalog.titles[i],
        **why,
        "hours": round(float(catalog.hours[i]), 2),
    }
    if catalog.hours_assumed[i]:
        item["hours_assumed"] = True
    cost = float(catalog.cost[i])
    if not isnan(cost):
        item["cost"] = round(cost, 2)
    if provider := catalog.providers[i]:
        item["provider"] = provider
    if held_as := catalog.formats[i]:
        item["format"] = held_as
    if language := catalog.languages[i]:
        item["language"] = language
    if url := catalog.urls[i]:
        item["url"] = url
    return item


def whys_to_json(some: Sequence[Recommendation], model: Model) -> list[dict[str, Any]]:
    """Return of each course its score and what that is made of."""
    # All numbers of an answer are rounded in one go: there are about a hundred.
    numbers = iter(rounded([number for one in some for number in (one.score, *one.parts.values())], 9))
    return [
        {
            "score": next(numbers),
            "parts": dict(zip(one.parts, numbers, strict=False)),
            "goal_gain": round(one.goal_gain, 6),
            "lifts": [lift.as_dict(model.skills) for lift in one.lifts],
            "reasons": [reason.as_dict() for reason in one.reasons],
        }
        for one in some
    ]
