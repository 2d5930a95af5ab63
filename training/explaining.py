"""One explanation from the tables: an employee of a data set, a course, and a saved model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recommender.answers_explanation import explanation_to_json
from recommender.arrays import NONE, Ids
from recommender.artifact import load_model
from recommender.company import Dataset
from recommender.engine import Recommender
from recommender.errors import ConfigError
from recommender.explanations import explain
from recommender.query import query_of
from training.translation import Translation, updated


def explain_to(
    data: Dataset,
    employee_id: str,
    course_id: str,
    *,
    saved: tuple[Path, str, str],
    target_role: str | None = None,
    k: int = 10,
    mode: str | None = None,
    goal_weight: float | None = None,
    as_of: int,
) -> dict[str, Any]:
    """Return the explanation of a course to an employee, in the shape of the service's.

    The catalogue is that of `data`, whatever the model was fitted on.

    Parameters
    ----------
    saved
        Models folder, tenant and version.

    Raises
    ------
    ConfigError
        If the employee, the course or the target role is unknown.
    QueryError
        If the moment lies before the model's own.
    """
    root, tenant, version = saved
    employee_idx = _known(data.people.ids, employee_id, "employee")
    model = updated(load_model(root, tenant, version)[1], data)[0]
    if target_role is not None:
        _known(model.roles.ids, target_role, "role")
    query = Translation.between(data, model, target_role=target_role).query(query_of(data, employee_idx, as_of=as_of))
    course_idx = _known(model.catalog.ids, course_id, "course")
    found = explain(Recommender(model), query, course_idx, k=k, mode=mode, goal_weight=goal_weight)
    return explanation_to_json(found, model, model_version=version, employee_id=employee_id)


def _known(ids: Ids, one: str, kind: str) -> int:
    found = ids.find(one)
    if found == NONE:
        raise ConfigError(f"{kind} {one!r}: there is no such {kind}; expected the id of one.")
    return found
