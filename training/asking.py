"""One question from the tables: an employee of a data set, put to a saved model."""

from __future__ import annotations

from pathlib import Path

from recommender.arrays import NONE, Ids
from recommender.artifact import load_model
from recommender.company import Dataset
from recommender.engine import Recommender
from recommender.errors import ConfigError
from recommender.query import Query, query_of
from training.translation import Translation, updated


def opened_for(
    data: Dataset, employee_id: str, saved: tuple[Path, str, str], *, target_role: str | None, as_of: int
) -> tuple[Recommender, Query]:
    """Return what answers from a saved version (root, tenant, version) and the tables' courses, and one person's question.

    Raises
    ------
    ConfigError
        If the tables do not know the employee, or the model the target role.
    """
    employee_idx = known(data.people.ids, employee_id, kind="employee")
    model, _ = updated(load_model(*saved)[1], data)
    if target_role is not None:
        known(model.roles.ids, target_role, kind="target role")
    translation = Translation.between(data, model, target_role=target_role)
    return Recommender(model), translation.query(query_of(data, employee_idx, as_of=as_of))


def known(ids: Ids, one: str, *, kind: str) -> int:
    """Return the position of an id; ConfigError if there is none."""
    found = ids.find(one)
    if found == NONE:
        raise ConfigError(f"{kind} {one!r}: there is no such {kind}; expected the id of one.")
    return found
