"""Answers as the JSON values of design section 9: what the service, the batch and the command line all print."""

from __future__ import annotations

from math import isnan
from typing import Any

from recommender.arrays import DAY, NONE
from recommender.catalog import Catalog
from recommender.engine import Answer, Recommendation
from recommender.model import Model
from recommender.moments import moment_text
from recommender.query import Query
from recommender.reasons import add_why
from recommender.required import Required


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
    body["recommendations"] = [_item(one, model) for one in answer.recommendations]
    body["required"] = [required_item(one, model) for one in answer.required]
    return body


def required_item(one: Required, model: Model) -> dict[str, Any]:
    """Return one piece of mandatory training."""
    catalog, i = model.catalog, one.course_idx
    item: dict[str, Any] = {"course_id": catalog.ids[i], "title": catalog.titles[i]}
    if one.due_at is not None:
        item["due_at"] = moment_text(one.due_at)
    return item | {"hours": round(one.hours, 2), "overdue": one.overdue, "recurring": one.recurring}


def _item(one: Recommendation, model: Model) -> dict[str, Any]:
    items, i = model.catalog.shown_items, one.course_idx
    item = (items.get(i) or items.setdefault(i, _item_of_anybody(model.catalog, i))).copy()
    item["rank"] = one.rank
    add_why(item, one, model.skills)
    return item


def _item_of_anybody(catalog: Catalog, i: int) -> dict[str, Any]:
    """Return a course as an answer shows it, all fields in their order, without what differs from answer to answer."""
    why = dict.fromkeys(("score", "parts", "goal_gain", "lifts", "reasons"))
    item = {"rank": 0, "course_id": catalog.ids[i], "title": catalog.titles[i], **why}
    item["hours"] = round(float(catalog.hours[i]), 2)
    if catalog.hours_assumed[i]:
        item["hours_assumed"] = True
    cost = float(catalog.cost[i])
    if not isnan(cost):
        item["cost"] = round(cost, 2)
    texts = {
        "provider": catalog.providers[i],
        "format": catalog.formats[i],
        "language": catalog.languages[i],
        "url": catalog.urls[i],
    }
    return item | {name: text for name, text in texts.items() if text}
